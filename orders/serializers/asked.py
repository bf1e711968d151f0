"""What customers and staff ask of orders."""

from decimal import Decimal
from typing import Any
from uuid import UUID

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from accounts.countries import normalise_state
from accounts.models import Address
from accounts.serializers.addresses import AddressFieldsSerializer
from carts.serializers.terms import CountryField
from config.money import MoneyField

from ..models import MAX_NOTE, MAX_TRACKING, OrderStatus

_KINDS = ("shipping", "billing")


@extend_schema_field(OpenApiTypes.UUID)
class OwnAddressField(serializers.PrimaryKeyRelatedField):
    """The id of one of the caller's own saved addresses; read as a snapshot of it."""

    def get_queryset(self) -> Any:  # noqa: ANN401
        user = self.context["request"].user
        return Address.objects.owned_by(user) if user.is_authenticated else Address.objects.none()

    def validate_expected_total(self, total: Decimal | None) -> Decimal | None:
        """Take null alone for no wish: an empty text is a field that nobody filled in."""
        if total is None and self.initial_data["expected_total"] is not None:
            raise serializers.ValidationError("Give a number, or leave it out.")
        return total

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
        required=False,
        allow_null=True,
        allow_blank=True,
        max_length=254,
        help_text="Of guests, who must give it.",
    )
    shipping_address_id = OwnAddressField(required=False, allow_null=True)
    shipping_address = InlineAddressSerializer(required=False, allow_null=True)
    billing_address_id = OwnAddressField(required=False, allow_null=True)
    billing_address = InlineAddressSerializer(required=False, allow_null=True)
    shipping_method = serializers.IntegerField(min_value=1)
    coupon_code = serializers.CharField(
        required=False,
        allow_null=True,
        allow_blank=True,
        max_length=100,
        help_text="Left out: the cart's; null: none.",
    )
    notes = serializers.CharField(
        required=False, allow_null=True, allow_blank=True, max_length=1000
    )
    expected_total = MoneyField(required=False, allow_null=True)

    def to_internal_value(self, data: Any) -> dict[str, Any]:  # noqa: ANN401
        """Leave an address unread where an address id wins over it."""
        if isinstance(data, dict):
            beaten = {f"{kind}_address" for kind in _KINDS if data.get(f"{kind}_address_id")}
            data = {field: value for field, value in data.items() if field not in beaten}
        return super().to_internal_value(data)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Return what `place_order` takes beside the cart and the user."""
        user = self.context["request"].user
        if user.is_authenticated:
            email = user.email or ""
        else:
            email = attrs.get("email") or self._refuse("email", "Give an e-mail address.")
        shipping = attrs.get("shipping_address_id") or attrs.get("shipping_address")
        if not shipping:
            self._refuse("shipping_address", "Give an address to send the order to.")
        return _coupon_code(attrs) | {
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


class PlaceSerializer(serializers.Serializer):
    """As much of an address as taxes and shipping go by; the rest of it may be there."""

    country = CountryField(required=False, allow_blank=True)
    state = serializers.CharField(max_length=100, required=False, allow_blank=True)
    postal_code = serializers.CharField(max_length=20, required=False, allow_blank=True)

    def validate(self, attrs: dict[str, Any]) -> dict[str, str]:
        place = {field: attrs.get(field, "") for field in self.fields}
        if not place["country"]:
            return place
        try:
            place["state"] = normalise_state(place["country"], place["state"])
        except ValueError as error:
            raise serializers.ValidationError({"state": [str(error)]})
        return place


class PreviewOrderSerializer(PlaceOrderSerializer):
    """The body of an order of which everything beside the cart may be missing."""

    shipping_address = PlaceSerializer(required=False, allow_null=True)
    billing_address = PlaceSerializer(required=False, allow_null=True)
    shipping_method = serializers.IntegerField(min_value=1, required=False, allow_null=True)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Return what `preview_order` takes beside the cart and the user."""
        place = attrs.get("shipping_address_id") or attrs.get("shipping_address") or {}
        asked = {
            "email": attrs.get("email") or "",
            "place": {field: place.get(field, "") for field in PlaceSerializer().fields},
            "shipping_method_id": attrs.get("shipping_method"),
        }
        return asked | _coupon_code(attrs)


def _coupon_code(attrs: dict[str, Any]) -> dict[str, str | None]:
    """Keep a code only where one was sent, null too: else the cart's counts."""
    return {"coupon_code": attrs["coupon_code"]} if "coupon_code" in attrs else {}


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


class PiecesSerializer(serializers.Serializer):
    """Pieces of one item of an order."""

    item = serializers.UUIDField(help_text="The id of an item of the order.")
    quantity = serializers.IntegerField(min_value=1)


class MakeShipmentSerializer(serializers.Serializer):
    """A parcel; without items it holds all that is left."""

    carrier = serializers.CharField(max_length=64)
    tracking_number = serializers.CharField(max_length=MAX_TRACKING)
    items = PiecesSerializer(many=True, required=False, allow_null=True, allow_empty=False)

    def validate_items(self, items: list[dict[str, Any]] | None) -> dict[UUID, int] | None:
        """Return the pieces by item; an item that is named twice adds up."""
        if items is None:
            return None
        pieces: dict[UUID, int] = {}
        for row in items:
            pieces[row["item"]] = pieces.get(row["item"], 0) + row["quantity"]
        return pieces
