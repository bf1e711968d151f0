"""Orders as answers show them."""

from decimal import Decimal
from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.reverse import reverse

from carts.serializers.carts import RefusedSerializer
from catalog.serializers import thumbnail_url
from config.money import MoneyField, format_money

from ..models import ActorKind, CreditNote, Order, OrderHistory, OrderLine


class OrderAmountField(MoneyField):
    """An amount of an order or what belongs to it, with the decimals of that order's currency."""

    def get_attribute(self, instance: Any) -> str:  # noqa: ANN401
        return format_money(Decimal(super().get_attribute(instance)), instance.currency)

    def to_representation(self, value: Decimal | str) -> str:
        return str(value)


class OrderDiscountSerializer(serializers.Serializer):
    code = serializers.CharField(allow_null=True)
    description = serializers.CharField()
    kind = serializers.ChoiceField(choices=["item", "shipping"])
    amount = serializers.CharField()


class TaxLineSerializer(serializers.Serializer):
    name = serializers.CharField()
    rate = serializers.CharField(help_text="Percent.")
    amount = serializers.CharField()


class CreditNoteSerializer(serializers.Serializer):
    number = serializers.CharField()
    amount = OrderAmountField()
    created_at = serializers.DateTimeField()
    url = serializers.SerializerMethodField(help_text="The PDF; guests add their `token`.")

    @extend_schema_field(OpenApiTypes.URI)
    def get_url(self, note: CreditNote) -> str:
        places = {"id": note.invoice.order_id, "number": note.number}
        request = self.context.get("request")
        return reverse("order-credit-note", kwargs=places, request=request)


class ChosenMethodSerializer(serializers.Serializer):
    id = serializers.IntegerField(source="shipping_method_id")
    name = serializers.CharField(source="shipping_method_name")


class ShippedItemSerializer(serializers.Serializer):
    item = serializers.UUIDField(source="line_id")
    quantity = serializers.IntegerField()


class ShipmentSerializer(serializers.Serializer):
    id = serializers.UUIDField()
    carrier = serializers.CharField()
    tracking_number = serializers.CharField()
    tracking_url = serializers.CharField(help_text="Empty where the carrier has no known page.")
    shipped_at = serializers.DateTimeField()
    items = ShippedItemSerializer(source="lines", many=True)


class OrderLineSerializer(serializers.ModelSerializer):
    product = serializers.SerializerMethodField(help_text="Null once it is archived.")
    slug = serializers.SerializerMethodField(help_text="Null once the product is archived.")
    thumbnail = serializers.SerializerMethodField()
    variant = serializers.IntegerField(source="variant_id")
    attributes = serializers.DictField(child=serializers.CharField())
    unit_price = OrderAmountField()
    discount_amount = OrderAmountField()
    tax_amount = OrderAmountField()
    line_total = OrderAmountField()

    class Meta:
        model = OrderLine
        fields = [
            "id",
            "product",
            "slug",
            "thumbnail",
            "variant",
            "sku",
            "name",
            "attributes",
            "quantity",
            "unit_price",
            "discount_amount",
            "tax_amount",
            "line_total",
            "returned_quantity",
        ]
        read_only_fields = fields

    def get_product(self, line: OrderLine) -> int | None:
        return None if line.product.archived_at else line.product_id

    def get_slug(self, line: OrderLine) -> str | None:
        return None if line.product.archived_at else line.product.slug

    @extend_schema_field({"type": "string", "format": "uri", "nullable": True})
    def get_thumbnail(self, line: OrderLine) -> str | None:
        return thumbnail_url(line.product, self.context.get("request"))


class OrderSerializer(serializers.ModelSerializer):
    """An order as its owner and staff see it."""

    subtotal = OrderAmountField()
    discount_amount = OrderAmountField()
    shipping_cost = OrderAmountField()
    tax_amount = OrderAmountField()
    total_amount = OrderAmountField()
    amount_paid = OrderAmountField()
    amount_refunded = OrderAmountField()
    coupon_code = serializers.SerializerMethodField()
    discounts = OrderDiscountSerializer(many=True)
    refused = RefusedSerializer(allow_null=True)
    tax_lines = TaxLineSerializer(many=True)
    gateway = serializers.SerializerMethodField(help_text="Of the newest payment.")
    invoice_number = serializers.CharField(
        allow_null=True, read_only=True, help_text="From its payment on; cod: its first shipment."
    )
    credit_notes = CreditNoteSerializer(many=True, read_only=True)
    return_until = serializers.DateTimeField(allow_null=True, read_only=True)
    items = OrderLineSerializer(source="lines", many=True)
    shipping_address = serializers.DictField(child=serializers.CharField())
    billing_address = serializers.DictField(child=serializers.CharField())
    shipping_method = serializers.SerializerMethodField()
    shipments = ShipmentSerializer(many=True, read_only=True)

    class Meta:
        model = Order
        fields = [
            "id",
            "number",
            "status",
            "payment_status",
            "email",
            "currency",
            "subtotal",
            "discount_amount",
            "shipping_cost",
            "tax_amount",
            "total_amount",
            "amount_paid",
            "amount_refunded",
            "coupon_code",
            "discounts",
            "refused",
            "tax_lines",
            "gateway",
            "invoice_number",
            "credit_notes",
            "can_cancel",
            "delivered_at",
            "return_until",
            "items",
            "shipping_address",
            "billing_address",
            "shipping_method",
            "shipments",
            "notes",
            "expires_at",
            "created_at",
            "updated_at",
        ]
        read_only_fields = fields

    def get_coupon_code(self, order: Order) -> str | None:
        return order.coupon_code or None

    def get_gateway(self, order: Order) -> str | None:
        return order.gateway or None

    @extend_schema_field(ChosenMethodSerializer(allow_null=True))
    def get_shipping_method(self, order: Order) -> dict[str, Any] | None:
        chosen = order.shipping_method_id is not None
        return ChosenMethodSerializer(order).data if chosen else None


class PlacedOrderSerializer(OrderSerializer):
    """A new order; a guest's answer holds the token that stands for its owner."""

    access_token = serializers.CharField(required=False, help_text="For guests only.")

    class Meta(OrderSerializer.Meta):
        fields = [*OrderSerializer.Meta.fields, "access_token"]
        read_only_fields = OrderSerializer.Meta.fields


class HistorySerializer(serializers.ModelSerializer):
    """A change of an order: whose it was, and staff's notes, are for staff (`names_staff`)."""

    actor = serializers.SerializerMethodField(
        help_text="customer, store or system; staff read the name instead of store."
    )
    note = serializers.SerializerMethodField()

    class Meta:
        model = OrderHistory
        fields = ["from_status", "to_status", "actor", "note", "created_at"]
        read_only_fields = fields

    def get_actor(self, row: OrderHistory) -> str:
        if self._may_read(row) and row.actor and row.actor_kind == ActorKind.STORE:
            return row.actor.full_name or str(row.actor)
        return row.actor_kind

    def get_note(self, row: OrderHistory) -> str:
        return row.note if self._may_read(row) else ""

    def _may_read(self, row: OrderHistory) -> bool:
        return row.actor_kind != ActorKind.STORE or self.context.get("names_staff", False)
