"""Returns: what customers ask, what staff decide, and how both see it."""

from typing import Any

from rest_framework import serializers

from ..models import MAX_NOTE, ReturnLine, ReturnRequest
from .asked import PiecesSerializer
from .shown import OrderAmountField


class ReturnedItemSerializer(serializers.ModelSerializer):
    item = serializers.UUIDField(source="line_id", help_text="The id of an item of the order.")
    refund_amount = OrderAmountField()

    class Meta:
        model = ReturnLine
        fields = ["item", "quantity", "reason", "refund_amount"]
        read_only_fields = fields


class ReturnSerializer(serializers.ModelSerializer):
    """A return; until it is approved the amounts are what its approval would give back."""

    order = serializers.UUIDField(source="order_id")
    items = ReturnedItemSerializer(source="lines", many=True)
    refund_amount = OrderAmountField()

    class Meta:
        model = ReturnRequest
        fields = [
            "id",
            "order",
            "status",
            "items",
            "refund_amount",
            "note",
            "created_at",
            "decided_at",
        ]
        read_only_fields = fields


class ReturnPiecesSerializer(PiecesSerializer):
    reason = serializers.CharField(max_length=MAX_NOTE)


class RequestReturnSerializer(serializers.Serializer):
    order = serializers.CharField(help_text="The id or number of an own order.")
    items = ReturnPiecesSerializer(many=True, allow_empty=False)

    def validate_items(self, items: list[dict[str, Any]]) -> list[dict[str, Any]]:
        if len({row["item"] for row in items}) < len(items):
            raise serializers.ValidationError("Name each item once.")
        return items


class ApproveReturnSerializer(serializers.Serializer):
    restock = serializers.BooleanField(default=True)
    refund_shipping = serializers.BooleanField(default=False)
    note = serializers.CharField(default="", allow_blank=True, max_length=MAX_NOTE)


class RejectReturnSerializer(serializers.Serializer):
    note = serializers.CharField(max_length=MAX_NOTE, help_text="Why; the customer reads it.")
