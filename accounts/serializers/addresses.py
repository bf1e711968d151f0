"""Addresses in requests and responses, judged by the rules of their country."""

from collections.abc import Callable
from typing import Any

from rest_framework import serializers

from .. import countries
from ..identifiers import normalise_phone
from ..models import AddressType

_RULES: dict[str, Callable[[str, str], str]] = {
    "phone_number": lambda country, text: normalise_phone(text, country) if text else "",
    "state": countries.normalise_state,
    "postal_code": countries.normalise_postal_code,
    "tax_number": countries.normalise_tax_number,
}


class AddressFieldsSerializer(serializers.Serializer):
    """The fields of any postal address; what passes is spelt the one way we keep it."""

    full_name = serializers.CharField(max_length=150)
    phone_number = serializers.CharField(max_length=32)
    address_line1 = serializers.CharField(max_length=255)
    address_line2 = serializers.CharField(max_length=255, required=False, allow_blank=True)
    city = serializers.CharField(max_length=100)
    state = serializers.CharField(max_length=100, required=False, allow_blank=True)
    postal_code = serializers.CharField(max_length=20, required=False, allow_blank=True)
    country = serializers.CharField(max_length=2, help_text="ISO 3166-1 alpha-2")
    tax_number = serializers.CharField(max_length=20, required=False, allow_blank=True)

    def validate_country(self, value: str) -> str:
        if value.upper() not in countries.COUNTRIES:
            raise serializers.ValidationError("Give an ISO 3166-1 code of two letters, such as IN.")
        return value.upper()

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Judge the address as it would be after the change, since its fields hang together."""
        kept = ("country", *_RULES)
        before = {name: getattr(self.instance, name) for name in kept} if self.instance else {}
        country = attrs.get("country") or before["country"]
        errors = {}
        for field, rule in _RULES.items():
            try:
                attrs[field] = rule(country, attrs.get(field, before.get(field, "")))
            except ValueError as error:
                errors[field] = [str(error)]
        for field in countries.required_fields(country) & _RULES.keys():
            if not attrs.get(field):
                errors.setdefault(field, ["This field is required."])
        if errors:
            raise serializers.ValidationError(errors)
        return attrs


class AddressSerializer(AddressFieldsSerializer):
    """A saved address."""

    id = serializers.UUIDField(read_only=True)
    address_type = serializers.ChoiceField(
        choices=AddressType.choices, default=AddressType.SHIPPING
    )
    is_default = serializers.BooleanField(
        required=False,
        help_text="True makes it the default of its type; false changes nothing.",
    )
