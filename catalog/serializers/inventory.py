from typing import Any

from rest_framework import serializers

from ..models import MovementKind, StockAlert, StockMovement, Variant
from .brief import ProductBriefSerializer, VariantBriefSerializer

POSTABLE = ["IN", "OUT", "ADJUSTMENT", "RETURN", "DAMAGE"]


class TransactionSerializer(serializers.ModelSerializer):
    """A row of the ledger; `stock_before` and `stock_after` are what can be sold."""

    sku = serializers.CharField(source="variant.sku")
    product = serializers.IntegerField(source="variant.product_id")
    transaction_type = serializers.ChoiceField(source="kind", choices=MovementKind.choices)
    quantity = serializers.IntegerField()
    stock_before = serializers.IntegerField(source="available_before")
    stock_after = serializers.IntegerField(source="available_after")
    recorded_by = serializers.UUIDField(source="recorded_by_id", allow_null=True)
    order = serializers.UUIDField(source="order_id", allow_null=True)

    class Meta:
        model = StockMovement
        fields = [
            "id",
            "variant",
            "sku",
            "product",
            "transaction_type",
            "quantity",
            "reference",
            "notes",
            "stock_before",
            "stock_after",
            "on_hand_after",
            "recorded_by",
            "order",
            "created_at",
        ]


class RecordTransactionSerializer(serializers.Serializer):
    variant = serializers.IntegerField(required=False, min_value=1)
    product = serializers.IntegerField(
        required=False, min_value=1, help_text="Instead of `variant`, where it has just one."
    )
    transaction_type = serializers.ChoiceField(choices=POSTABLE)
    quantity = serializers.IntegerField(min_value=-(10**9), max_value=10**9)
    reference = serializers.CharField(max_length=100, required=False, allow_blank=True)
    notes = serializers.CharField(max_length=500, required=False, allow_blank=True)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if ("variant" in attrs) == ("product" in attrs):
            raise serializers.ValidationError({"variant": "Name either a variant or a product."})
        return attrs


class LowStockSerializer(VariantBriefSerializer):
    product = ProductBriefSerializer()
    stock = serializers.IntegerField(source="stock.available")
    on_hand = serializers.IntegerField(source="stock.on_hand")
    reserved = serializers.IntegerField(source="stock.reserved")

    class Meta:
        model = Variant
        fields = [
            *VariantBriefSerializer.Meta.fields,
            "product",
            "stock",
            "on_hand",
            "reserved",
            "low_stock_threshold",
        ]


class AlertSerializer(serializers.ModelSerializer):
    """A time of low stock; `stock` and `low_stock_threshold` are those of now."""

    product = ProductBriefSerializer(source="variant.product")
    sku = serializers.CharField(source="variant.sku")
    stock = serializers.IntegerField(source="variant.stock.available")
    low_stock_threshold = serializers.IntegerField(source="variant.low_stock_threshold")
    acknowledged_by = serializers.UUIDField(source="acknowledged_by_id", allow_null=True)

    class Meta:
        model = StockAlert
        fields = [
            "id",
            "product",
            "variant",
            "sku",
            "stock",
            "low_stock_threshold",
            "stock_when_opened",
            "is_open",
            "created_at",
            "closed_at",
            "acknowledged_at",
            "acknowledged_by",
        ]
        read_only_fields = fields
