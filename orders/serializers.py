"""Orders as requests and responses have them."""

from decimal import Decimal
from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from accounts.models import Address
from accounts.serializers.addresses import AddressFieldsSerializer
from carts.serializers.carts import DiscountSerializer, RefusedSerializer
from catalog.serializers import thumbnail_url
from config.money import MoneyField, format_money

from .models import MAX_NOTE, ActorKind, Order, OrderHistory, OrderLine, OrderStatus


class OrderAmountField(MoneyField):
    """An amount of an order or its line, with the decimals of that order's own currency."""

    def get_attribute(self, instance: Order | OrderLine) -> str:
        order = instance.order if isinstance(instance, OrderLine) else instance
        return format_money(Decimal(super().get_attribute(instance)), order.currency)

    def to_representation(self, value: Decimal | str) -> str:
        return str(value)


class TaxLineSerializer(serializers.Serializer):
    name = serializers.CharField()
    rate = serializers.CharField(help_text="Percent.")
    amount = serializers.CharField()


class CreditNoteSerializer(serializers.Serializer):
    number = serializers.CharField()
    amount = serializers.CharField()
    created_at = serializers.DateTimeField()


class ChosenMethodSerializer(serializers.Serializer):
    id = serializers.IntegerField(source="shipping_method_id")
    name = serializers.CharField(source="shipping_method_name")


class ShippedItemSerializer(serializers.Serializer):
    item = serializers.UUIDField()
    quantity = serializers.IntegerField()


class ShipmentSerializer(serializers.Serializer):
    id = serializers.UUIDField()
    carrier = serializers.CharField()
    tracking_number = serializers.CharField()
    tracking_url = serializers.CharField()
    shipped_at = serializers.DateTimeField()
    items = ShippedItemSerializer(many=True)


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
    discounts = DiscountSerializer(many=True)
    refused = RefusedSerializer(allow_null=True)
    tax_lines = TaxLineSerializer(many=True)
    gateway = serializers.SerializerMethodField(help_text="Of the newest payment.")
    invoice_number = serializers.CharField(allow_null=True, read_only=True, default=None)
    credit_notes = CreditNoteSerializer(many=True, read_only=True, default=list)
    return_until = serializers.DateTimeField(allow_null=True, read_only=True, default=None)
    items = OrderLineSerializer(source="lines", many=True)
    shipping_address = serializers.DictField(child=serializers.CharField())
    billing_address = serializers.DictField(child=serializers.CharField())
    shipping_method = serializers.SerializerMethodField()
    shipments = ShipmentSerializer(many=True, read_only=True, default=list)

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


# Requests


@extend_schema_field(OpenApiTypes.UUID)
class OwnAddressField(serializers.PrimaryKeyRelatedField):
    """The id of one of the caller's own saved addresses; read as a snapshot of it."""

    def get_queryset(self) -> Any:  # noqa: ANN401
        user = self.context["request"].user
        return Address.objects.owned_by(user) if user.is_authenticated else Address.objects.none()

    def to_internal_value(self, data: Any) -> dict[str, str]:  # noqa: ANN401
        return snapshot_of(super().to_internal_value(data))


class InlineAddressSerializer(AddressFieldsSerializer):
    """An address that is given with the order; every field is there, if only empty."""

    def validate(self, attrs: dict[str, Any]) -> dict[str, str]:
        valid = super().validate(attrs)
        return {field: valid.get(field, "") for field in self.fields}


def snapshot_of(address: Address) -> dict[str, str]:
    """Return what an order remembers of a saved address."""
    return {field: getattr(address, field) for field in InlineAddressSerializer().fields}


class PlaceOrderSerializer(serializers.Serializer):
    """What a customer asks for beside the cart."""

    cart_id = serializers.CharField(
        required=False, allow_null=True, allow_blank=True, help_text="Else X-Cart-ID or the cookie."
    )
    email = serializers.EmailField(
        required=False, allow_null=True, allow_blank=True, help_text="Of guests, who must give it."
    )
    shipping_address_id = OwnAddressField(required=False, allow_null=True)
    shipping_address = InlineAddressSerializer(required=False, allow_null=True)
    billing_address_id = OwnAddressField(required=False, allow_null=True)
    billing_address = InlineAddressSerializer(required=False, allow_null=True)
    shipping_method = serializers.IntegerField(min_value=1)
    notes = serializers.CharField(
        required=False, allow_null=True, allow_blank=True, max_length=1000
    )
    expected_total = MoneyField(required=False, allow_null=True)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Return the order's own terms: an address id wins over an address."""
        user = self.context["request"].user
        if user.is_authenticated:
            email = user.email or ""
        else:
            email = attrs.get("email") or self._refuse("email", "Give an e-mail address.")
        shipping = attrs.get("shipping_address_id") or attrs.get("shipping_address")
        if not shipping:
            self._refuse("shipping_address", "Give an address to send the order to.")
        return {
            "email": email,
            "shipping_address": shipping,
            "billing_address": attrs.get("billing_address_id") or attrs.get("billing_address"),
            "shipping_method_id": attrs["shipping_method"],
            "notes": attrs.get("notes") or "",
            "expected_total": attrs.get("expected_total"),
        }

    @staticmethod
    def _refuse(field: str, message: str) -> None:
        raise serializers.ValidationError({field: [message]})


class CancelOrderSerializer(serializers.Serializer):
    reason = serializers.CharField(
        required=False, allow_null=True, allow_blank=True, max_length=MAX_NOTE
    )


class EditOrderSerializer(serializers.Serializer):
    """What staff change; what is left out stays as it is."""

    status = serializers.ChoiceField(
        choices=OrderStatus.choices,
        required=False,
        help_text="processing, shipped (sends all that is left), delivered or cancelled.",
    )
    note = serializers.CharField(required=False, allow_blank=True, max_length=MAX_NOTE)
    shipping_address = InlineAddressSerializer(required=False)
    staff_note = serializers.CharField(required=False, allow_blank=True, max_length=MAX_NOTE)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if not attrs.keys() & {"status", "shipping_address", "staff_note"}:
            raise serializers.ValidationError(
                {"status": ["Give a status, a shipping_address or a staff_note."]}
            )
        return attrs
