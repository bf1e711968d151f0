"""How sales are shown to sellers: what was sold, and nothing of who bought it."""

from rest_framework import serializers

from ..models import OrderLine
from .shown import OrderAmountField


class SaleSerializer(serializers.ModelSerializer):
    order_number = serializers.CharField(source="order.number")
    status = serializers.CharField(source="order.status", help_text="Of the order.")
    item = serializers.UUIDField(source="pk")
    product = serializers.IntegerField(source="product_id")
    variant = serializers.IntegerField(source="variant_id")
    unit_price = OrderAmountField()
    line_total = OrderAmountField()
    currency = serializers.CharField(source="order.currency")
    created_at = serializers.DateTimeField(help_text="When the order was placed.")

    class Meta:
        model = OrderLine
        fields = [
            "order_number",
            "status",
            "item",
            "product",
            "variant",
            "sku",
            "name",
            "quantity",
            "unit_price",
            "line_total",
            "currency",
            "created_at",
        ]
