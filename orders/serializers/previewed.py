"""An order that is not placed yet, as answers show it."""

from typing import Any

from rest_framework import serializers

from carts.serializers.carts import DiscountSerializer, RefusedSerializer
from carts.serializers.terms import QuotedMethodSerializer
from config.money import MoneyField

from .shown import OrderLineSerializer, TaxLineSerializer


class PreviewLineSerializer(OrderLineSerializer):
    id = serializers.UUIDField(allow_null=True, read_only=True, help_text="Null: there is none.")
    tax_amount = MoneyField(allow_null=True, read_only=True)


class UnknownMoneyField(MoneyField):
    """An amount that is null while it cannot be computed."""

    def __init__(self, **kwargs: Any) -> None:  # noqa: ANN401
        super().__init__(allow_null=True, help_text="Null while it is not known.", **kwargs)


class PreviewSerializer(serializers.Serializer):
    """What an order would come to."""

    currency = serializers.CharField(source="quote.totals.currency")
    subtotal = MoneyField(source="quote.totals.subtotal")
    discount_amount = MoneyField(source="quote.totals.discount_amount")
    shipping_cost = UnknownMoneyField(source="quote.totals.shipping_cost")
    tax_amount = UnknownMoneyField(source="quote.totals.tax_amount")
    total_amount = UnknownMoneyField(source="quote.totals.total_amount")
    coupon_code = serializers.CharField(allow_null=True)
    discounts = DiscountSerializer(source="quote.totals.discounts", many=True)
    refused = RefusedSerializer(source="quote.totals.refused", allow_null=True)
    tax_lines = TaxLineSerializer(many=True, allow_null=True)
    items = PreviewLineSerializer(many=True)
    shipping_methods = QuotedMethodSerializer(
        many=True, allow_null=True, help_text="Null without an address."
    )
    gateways = serializers.ListField(
        child=serializers.CharField(), help_text="Those that this order may be paid with."
    )
    messages = serializers.ListField(child=serializers.CharField())
