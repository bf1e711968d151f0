"""Tax rates, shipping zones and shipping methods, as staff write and customers read them.

Here is their shape; what they may say the models judge.
"""

from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from rest_framework import serializers

from config.money import MoneyField

from .. import rules
from ..models import ShippingMethod, ShippingZone, TaxRate


class CountryField(serializers.CharField):
    """An ISO 3166-1 code, taken in small letters too."""

    def to_internal_value(self, data: Any) -> str:  # noqa: ANN401
        try:
            return rules.read_country(super().to_internal_value(data))
        except ValidationError as error:
            raise serializers.ValidationError(error.messages)


class TaxClassField(serializers.RegexField):
    """A word, kept in small letters."""

    def __init__(self, **kwargs: Any) -> None:  # noqa: ANN401
        super().__init__(r"^[\w-]+$", max_length=30, **kwargs)


class PercentField(serializers.DecimalField):
    """A rate in percent, written without closing zeros."""

    def __init__(self, **kwargs: Any) -> None:  # noqa: ANN401
        kwargs |= {"min_value": 0, "max_value": 100, "normalize_output": True}
        super().__init__(max_digits=7, decimal_places=4, **kwargs)


class TaxPartSerializer(serializers.Serializer):
    name = serializers.CharField(max_length=50)
    rate = PercentField()


class TaxRateSerializer(serializers.ModelSerializer):
    country = CountryField()
    state = serializers.CharField(
        max_length=100,
        default="",
        allow_blank=True,
        help_text="Its code or name where they are known; empty for the whole country.",
    )
    tax_class = TaxClassField(default="standard")
    rate = PercentField()
    parts = TaxPartSerializer(
        many=True, default=list, max_length=10, help_text="They come to the whole rate."
    )

    class Meta:
        model = TaxRate
        fields = ["id", "country", "state", "tax_class", "rate", "parts", "is_active"]
        validators = []  # a twin is looked for once the state is a code

    def validate_parts(self, parts: list[dict[str, Any]]) -> list[dict[str, str]]:
        return _as_json(parts)


class ShippingZoneSerializer(serializers.ModelSerializer):
    countries = serializers.ListField(child=CountryField(), default=list, max_length=300)
    postal_codes = serializers.ListField(
        child=serializers.CharField(max_length=40),
        default=list,
        max_length=1000,
        help_text='Codes, beginnings and ranges: ["110001", "11*", "560001-560100"].',
    )

    class Meta:
        model = ShippingZone
        fields = ["id", "name", "countries", "postal_codes"]


class BandSerializer(serializers.Serializer):
    up_to = serializers.DecimalField(
        max_digits=14,
        decimal_places=3,
        min_value=0,
        normalize_output=True,
        help_text="The highest subtotal, or weight in grams, that has this price.",
    )
    price = MoneyField(min_value=0)


class ShippingMethodSerializer(serializers.ModelSerializer):
    """A method as staff set it."""

    currency = serializers.SerializerMethodField()
    price = MoneyField(min_value=0, help_text="Above the last band, or always without bands.")
    free_from = MoneyField(min_value=0, default=None, allow_null=True)
    bands = BandSerializer(many=True, default=list, max_length=50)
    tax_class = TaxClassField(default="shipping")
    cash_on_delivery_max = MoneyField(min_value=0, default=None, allow_null=True)

    class Meta:
        model = ShippingMethod
        fields = [
            "id",
            "zone",
            "name",
            "price",
            "currency",
            "free_from",
            "band_by",
            "bands",
            "min_days",
            "max_days",
            "tax_class",
            "cash_on_delivery",
            "cash_on_delivery_max",
            "is_active",
        ]
        extra_kwargs = {"min_days": {"max_value": 365}, "max_days": {"max_value": 365}}

    def get_currency(self, method: ShippingMethod) -> str:
        return settings.STORE_CURRENCY

    def validate_bands(self, bands: list[dict[str, Any]]) -> list[dict[str, str]]:
        return _as_json(bands)


class QuotedMethodSerializer(serializers.Serializer):
    """A method as customers see it, at its price for their goods."""

    id = serializers.IntegerField(source="method.pk")
    name = serializers.CharField(source="method.name")
    price = MoneyField()
    currency = serializers.SerializerMethodField()
    min_days = serializers.IntegerField(source="method.min_days")
    max_days = serializers.IntegerField(source="method.max_days")
    cash_on_delivery = serializers.BooleanField(source="method.cash_on_delivery")

    def get_currency(self, quoted: object) -> str:
        return settings.STORE_CURRENCY


class DestinationSerializer(serializers.Serializer):
    """Where to: what `GET shipping-methods/` asks for."""

    country = CountryField()
    postal_code = serializers.CharField(required=False, allow_blank=True, max_length=20)
    cart_id = serializers.CharField(
        required=False, allow_blank=True, help_text="Whose goods are weighed; else the caller's."
    )


def _as_json(rows: list[dict[str, Any]]) -> list[dict[str, str]]:
    """Write numbers as strings, as they are kept in JSON columns."""
    return [{name: str(value) for name, value in row.items()} for row in rows]
