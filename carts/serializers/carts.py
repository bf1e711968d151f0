"""A cart as it is shown, and what changes it."""

from typing import Any

from rest_framework import serializers

from catalog.serializers import ProductBriefSerializer, VariantBriefSerializer
from config.money import MoneyField

from ..pricing import Reason

MAX_ID = 2**63 - 1
REASONS = [(reason.value, reason.name) for reason in Reason]


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


class DiscountSerializer(serializers.Serializer):
    code = serializers.CharField(allow_null=True, help_text="Null for what applies by itself.")
    description = serializers.CharField()
    kind = serializers.ChoiceField(choices=["item", "shipping"])
    amount = MoneyField(help_text="Zero for free shipping while its cost is not known.")


class RefusedSerializer(serializers.Serializer):
    code = serializers.CharField()
    reason = serializers.ChoiceField(choices=REASONS)
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
    discounts = DiscountSerializer(many=True)
    refused = RefusedSerializer(allow_null=True)
    messages = serializers.ListField(child=serializers.CharField())
    version = serializers.IntegerField(help_text="What If-Match is compared with.")
    updated_at = serializers.DateTimeField(allow_null=True)


class IdField(serializers.IntegerField):
    """The id of a product or a variant, where one of several names is given."""

    def __init__(self, **kwargs: Any) -> None:  # noqa: ANN401
        options = {"min_value": 1, "max_value": MAX_ID, "required": False, "allow_null": True}
        super().__init__(**options | kwargs)


class WantedSerializer(serializers.Serializer):
    """Pieces of a `variant`, or of a `product` that has just one."""

    variant = IdField(source="variant_id")
    product = IdField(source="product_id")
    quantity = serializers.IntegerField(min_value=1)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        return refuse_nothing(attrs, "variant")


class OldWantedSerializer(serializers.Serializer):
    """The body of the old address `cart/add/`."""

    variant_id = IdField()
    product_id = IdField()
    quantity = serializers.IntegerField(min_value=1)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        return refuse_nothing(attrs, "variant_id")


def refuse_nothing(attrs: dict[str, Any], field: str) -> dict[str, Any]:
    """Raise on `field` where neither a variant nor a product is named."""
    if attrs.get("variant_id") is None and attrs.get("product_id") is None:
        raise serializers.ValidationError({field: ["Name a variant or a product."]})
    return attrs


class QuantitySerializer(serializers.Serializer):
    quantity = serializers.IntegerField(min_value=0, help_text="0 removes the line.")


class CodeSerializer(serializers.Serializer):
    code = serializers.CharField(max_length=100, help_text="In any case.")


class MergeSerializer(serializers.Serializer):
    cart_id = serializers.UUIDField(help_text="The guest's cart.")
