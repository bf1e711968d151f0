"""Tax rates, shipping zones and shipping methods, as staff write and customers read them."""

import re
from decimal import Decimal
from typing import Any

from django.conf import settings
from rest_framework import serializers

from accounts.countries import COUNTRIES, normalise_state
from config.money import MoneyField

from ..models import ShippingMethod, ShippingZone, TaxRate

# One code, all that begin alike, or a range; spaces do not count.
_EXACT_OR_PREFIX = re.compile(r"[A-Z0-9]+\*?", re.ASCII)
_RANGE = re.compile(r"([A-Z0-9]+)-([A-Z0-9]+)", re.ASCII)


class CountryField(serializers.CharField):
    """An ISO 3166-1 code, taken in small letters too."""

    def to_internal_value(self, data: Any) -> str:  # noqa: ANN401
        code = super().to_internal_value(data).upper()
        if code not in COUNTRIES:
            raise serializers.ValidationError("Give an ISO 3166-1 code of two letters, such as IN.")
        return code


class TaxClassField(serializers.RegexField):
    """A word, in small letters."""

    def __init__(self, **kwargs: Any) -> None:  # noqa: ANN401
        super().__init__(r"^[\w-]+$", max_length=30, **kwargs)

    def to_internal_value(self, data: Any) -> str:  # noqa: ANN401
        return super().to_internal_value(data).lower()


class PercentField(serializers.DecimalField):
    """A rate in percent, written without closing zeros."""

    def __init__(self, **kwargs: Any) -> None:  # noqa: ANN401
        limits = {"max_digits": 7, "decimal_places": 4, "min_value": 0, "max_value": 100}
        super().__init__(**limits, normalize_output=True, **kwargs)


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
    parts = TaxPartSerializer(many=True, default=list, max_length=10)

    class Meta:
        model = TaxRate
        fields = ["id", "country", "state", "tax_class", "rate", "parts", "is_active"]
        validators = []  # the state is compared once it is normalised

    def validate_parts(self, parts: list[dict[str, Any]]) -> list[dict[str, str]]:
        return [{"name": part["name"], "rate": str(part["rate"])} for part in parts]

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Judge the row as it will be, so that a PATCH of one field is judged with the rest."""
        after = _row_after(self.instance, attrs, TaxRate())
        try:
            attrs["state"] = normalise_state(after["country"], after["state"])
        except ValueError as error:
            raise serializers.ValidationError({"state": [str(error)]})
        rates = [Decimal(part["rate"]) for part in after["parts"]]
        if rates and sum(rates) != after["rate"]:
            message = f"The parts come to {sum(rates)} percent, the rate is {after['rate']}."
            raise serializers.ValidationError({"parts": [message]})
        self._refuse_twin(after | attrs)
        return attrs

    def _refuse_twin(self, after: dict[str, Any]) -> None:
        place = {name: after[name] for name in ("country", "state", "tax_class")}
        if TaxRate.objects.filter(**place).exclude(pk=getattr(self.instance, "pk", None)).exists():
            message = "There is a rate for this place and class. Change that one."
            raise serializers.ValidationError({"tax_class": [message]})


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

    def validate_postal_codes(self, patterns: list[str]) -> list[str]:
        return [_read_pattern(pattern) for pattern in patterns]

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        after = _row_after(self.instance, attrs, ShippingZone())
        if not after["countries"] and not after["postal_codes"]:
            message = "Name at least one country or postal code."
            raise serializers.ValidationError({"countries": [message]})
        return attrs


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
    free_from = MoneyField(min_value=0, required=False, allow_null=True)
    bands = BandSerializer(many=True, default=list, max_length=50)
    tax_class = TaxClassField(default="shipping")
    cash_on_delivery_max = MoneyField(min_value=0, required=False, allow_null=True)

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
        extra_kwargs = {
            "min_days": {"max_value": 365},
            "max_days": {"max_value": 365},
        }

    def get_currency(self, method: ShippingMethod) -> str:
        return settings.STORE_CURRENCY

    def validate_bands(self, bands: list[dict[str, Decimal]]) -> list[dict[str, str]]:
        limits = [band["up_to"] for band in bands]
        if limits != sorted(set(limits)):
            raise serializers.ValidationError("Order the bands by `up_to`, each above the last.")
        return [{"up_to": str(band["up_to"]), "price": str(band["price"])} for band in bands]

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        after = _row_after(self.instance, attrs, ShippingMethod())
        if after["max_days"] < after["min_days"]:
            message = f"Give at least min_days, which is {after['min_days']}."
            raise serializers.ValidationError({"max_days": [message]})
        return attrs


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


def _row_after(
    instance: TaxRate | ShippingZone | ShippingMethod | None,
    attrs: dict[str, Any],
    empty: TaxRate | ShippingZone | ShippingMethod,
) -> dict[str, Any]:
    """Return every field as it will be once `attrs` are written."""
    row = instance or empty
    return {field.attname: getattr(row, field.attname) for field in row._meta.fields} | attrs


def _read_pattern(pattern: str) -> str:
    """Return a postal code, beginning or range in capitals, or refuse it."""
    text = "".join(pattern.upper().split())
    if _EXACT_OR_PREFIX.fullmatch(text):
        return text
    found = _RANGE.fullmatch(text)
    if found and len(found[1]) == len(found[2]) and found[1] <= found[2]:
        return text
    raise serializers.ValidationError(
        f"'{pattern}' is neither a code, a beginning such as 11*, nor a range of codes of one "
        "length such as 560001-560100."
    )
