"""A cart as it is shown, and what changes it."""

from typing import Any

from rest_framework import serializers

from catalog.serializers import ProductBriefSerializer, VariantBriefSerializer
from config.money import MoneyField

from ..services.choices import Wanted

MAX_ID = 2**63 - 1


class CartLineSerializer(serializers.Serializer):
    id = serializers.UUIDField()
    product = ProductBriefSerializer()
    variant = VariantBriefSerializer()
    quantity = serializers.IntegerField()
    unit_price = MoneyField()
    line_total = MoneyField(help_text="Zero for what is no longer sold.")
    available = serializers.IntegerField(help_text="Pieces that could be had.")
    message = serializers.CharField(
        allow_null=True, help_text="What changed since the line was last changed."
    )


class CartDiscountSerializer(serializers.Serializer):
    code = serializers.CharField(allow_null=True)
    description = serializers.CharField()
    kind = serializers.ChoiceField(choices=["item", "shipping"])
    amount = MoneyField()


class RefusedSerializer(serializers.Serializer):
    code = serializers.CharField()
    reason = serializers.CharField()
    message = serializers.CharField()


class CartSerializer(serializers.Serializer):
    id = serializers.UUIDField(allow_null=True)
    items = CartLineSerializer(many=True)
    item_count = serializers.IntegerField(help_text="The sum of the quantities.")
    currency = serializers.CharField()
    subtotal = MoneyField()
    discount_amount = MoneyField()
    total_price = MoneyField()
    coupon_code = serializers.CharField(allow_null=True)
    discounts = CartDiscountSerializer(many=True)
    refused = RefusedSerializer(allow_null=True)
    messages = serializers.ListField(child=serializers.CharField())
    version = serializers.IntegerField(help_text="What If-Match is compared with.")
    updated_at = serializers.DateTimeField(allow_null=True)


class WantedSerializer(serializers.Serializer):
    """Pieces of a `variant`, or of a `product` that has just one."""

    variant = serializers.IntegerField(min_value=1, max_value=MAX_ID, required=False)
    product = serializers.IntegerField(min_value=1, max_value=MAX_ID, required=False)
    quantity = serializers.IntegerField(min_value=1)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if "variant" not in attrs and "product" not in attrs:
            raise serializers.ValidationError({"variant": ["Name a variant or a product."]})
        return attrs

    @staticmethod
    def read(attrs: dict[str, Any]) -> Wanted:
        """Turn what was validated into what services take."""
        return Wanted(attrs["quantity"], attrs.get("variant"), attrs.get("product"))


class OldWantedSerializer(serializers.Serializer):
    """The body of the old address `cart/add/`."""

    variant_id = serializers.IntegerField(
        min_value=1, max_value=MAX_ID, required=False, allow_null=True
    )
    product_id = serializers.IntegerField(
        min_value=1, max_value=MAX_ID, required=False, allow_null=True
    )
    quantity = serializers.IntegerField(min_value=1)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if attrs.get("variant_id") is None and attrs.get("product_id") is None:
            raise serializers.ValidationError({"variant_id": ["Name a variant or a product."]})
        return attrs

    @staticmethod
    def read(attrs: dict[str, Any]) -> Wanted:
        return Wanted(attrs["quantity"], attrs.get("variant_id"), attrs.get("product_id"))


class QuantitySerializer(serializers.Serializer):
    quantity = serializers.IntegerField(min_value=0, help_text="0 removes the line.")


class MergeSerializer(serializers.Serializer):
    cart_id = serializers.UUIDField(help_text="The guest's cart.")
