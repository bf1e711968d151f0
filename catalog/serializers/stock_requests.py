from rest_framework import serializers

from .brief import MAX_ID


class NotifyMeSerializer(serializers.Serializer):
    email = serializers.EmailField(
        max_length=254, required=False, help_text="A user's own where it is left out."
    )
    variant = serializers.IntegerField(
        min_value=1,
        max_value=MAX_ID,
        required=False,
        allow_null=True,
        help_text="Any of the product where it is left out.",
    )
