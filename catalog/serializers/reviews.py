from rest_framework import serializers

from ..models import Review


class ReviewSerializer(serializers.ModelSerializer):
    """A review as everybody reads it; `user_name` names nobody in full."""

    user_name = serializers.CharField(read_only=True)

    class Meta:
        model = Review
        fields = [
            "id",
            "product",
            "user_name",
            "rating",
            "title",
            "comment",
            "verified_purchase",
            "is_approved",
            "helpful_count",
            "created_at",
        ]
        read_only_fields = fields


class WriteReviewSerializer(serializers.Serializer):
    rating = serializers.IntegerField(min_value=1, max_value=5)
    title = serializers.CharField(max_length=150, required=False, allow_blank=True)
    comment = serializers.CharField(max_length=5000, required=False, allow_blank=True)


class ChangeReviewSerializer(WriteReviewSerializer):
    """What the author changes, and `is_approved`, which staff change."""

    is_approved = serializers.BooleanField(required=False)
