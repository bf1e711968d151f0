from typing import Any

from rest_framework import serializers

from catalog.serializers.products import ProductSerializer

from ..models import WishlistItem
from .carts import IdField, refuse_nothing


class WishSerializer(serializers.ModelSerializer):
    """A wish; `variant` is an id, or null where any will do."""

    product = ProductSerializer(read_only=True)
    variant = serializers.IntegerField(source="variant_id", allow_null=True, read_only=True)
    added_at = serializers.DateTimeField(source="created_at", read_only=True)

    class Meta:
        model = WishlistItem
        fields = ["product", "variant", "added_at"]
        read_only_fields = fields


class AddWishSerializer(serializers.Serializer):
    """A `product`, or one `variant` of it."""

    product = IdField(source="product_id")
    variant = IdField(source="variant_id")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        return refuse_nothing(attrs, "product")


class MoveToCartSerializer(serializers.Serializer):
    variant = IdField(
        source="variant_id",
        help_text="The wish's own where it is left out, or the only one of the product.",
    )
    quantity = serializers.IntegerField(min_value=1, default=1)


class WishlistIdsSerializer(serializers.Serializer):
    """Ids of products."""

    wishlist = serializers.ListField(child=serializers.IntegerField())
    liked = serializers.ListField(child=serializers.IntegerField())
