"""Coupons as staff write and everybody reads them; what they may say the model judges."""

from decimal import Decimal
from typing import Any

from django.conf import settings
from rest_framework import serializers

from catalog.models import Category, Product
from config.money import MoneyField, format_money

from ..models import Coupon, DiscountType
from .carts import REASONS

MOST_USES = 2**31 - 1


class ValueField(serializers.DecimalField):
    """An amount of money for a fixed discount, else percent with two decimals or more."""

    def __init__(self, **kwargs: Any) -> None:  # noqa: ANN401
        super().__init__(max_digits=14, decimal_places=3, **kwargs)

    def get_attribute(self, instance: Coupon) -> str:
        value = Decimal(super().get_attribute(instance))
        if instance.discount_type == DiscountType.FIXED:
            return format_money(value, settings.STORE_CURRENCY)
        short = value.quantize(Decimal("0.01"))
        return str(short if short == value else value.normalize())

    def to_representation(self, value: Decimal | str) -> str:
        return str(value)


class PublicCouponSerializer(serializers.ModelSerializer):
    """A coupon as everybody sees it, without counters."""

    code = serializers.CharField(
        max_length=40,
        required=False,
        allow_null=True,
        allow_blank=True,
        help_text="Null for a promotion that applies by itself.",
    )
    value = ValueField(min_value=0, default=Decimal(0))
    min_purchase = MoneyField(min_value=0, required=False, allow_null=True)
    max_discount = MoneyField(min_value=0, required=False, allow_null=True)
    categories = serializers.PrimaryKeyRelatedField(
        many=True, required=False, queryset=Category.objects.all()
    )
    products = serializers.PrimaryKeyRelatedField(
        many=True, required=False, queryset=Product.objects.all()
    )

    class Meta:
        model = Coupon
        fields = [
            "id",
            "code",
            "description",
            "discount_type",
            "value",
            "min_purchase",
            "max_discount",
            "valid_from",
            "valid_to",
            "usage_limit",
            "usage_limit_per_user",
            "categories",
            "products",
            "first_order_only",
            "is_active",
            "is_public",
            "stackable",
            "buy_quantity",
            "get_quantity",
        ]
        extra_kwargs = {
            name: {"min_value": 1, "max_value": MOST_USES}
            for name in ("usage_limit", "usage_limit_per_user", "buy_quantity", "get_quantity")
        }


class CouponSerializer(PublicCouponSerializer):
    """A coupon as staff keep it."""

    class Meta(PublicCouponSerializer.Meta):
        fields = [*PublicCouponSerializer.Meta.fields, "used_count", "created_at"]
        read_only_fields = ["used_count", "created_at"]


class AskedCouponSerializer(serializers.Serializer):
    """A code, and what it would be used for: goods for a `subtotal`, or a cart."""

    code = serializers.CharField(max_length=100)
    subtotal = MoneyField(required=False, min_value=0)
    cart_id = serializers.UUIDField(required=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if ("subtotal" in attrs) == ("cart_id" in attrs):
            raise serializers.ValidationError({"subtotal": ["Give a subtotal or a cart_id."]})
        return attrs


class CouponAnswerSerializer(serializers.Serializer):
    """What a code does, or why it does nothing."""

    valid = serializers.BooleanField()
    discount_amount = MoneyField(required=False, help_text="Of all that counts, if valid.")
    final_total = MoneyField(required=False, help_text="The goods less their discounts, if valid.")
    code = serializers.ChoiceField(choices=REASONS, required=False, help_text="If not valid.")
    message = serializers.CharField(required=False, help_text="If not valid.")
