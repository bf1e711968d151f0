"""Money: how many decimals a currency has, and the one rule by which amounts are rounded."""

from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from django.conf import settings
from django.db import models
from rest_framework import serializers

# ISO 4217: every currency that is not named here has two decimals.
_WITHOUT_DECIMALS = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX VND VUV XAF XOF XPF"
_WITH_THREE_DECIMALS = "BHD IQD JOD KWD LYD OMR TND"
_MINOR_DIGITS = {
    **dict.fromkeys(_WITHOUT_DECIMALS.split(), 0),
    **dict.fromkeys(_WITH_THREE_DECIMALS.split(), 3),
}


def minor_digits(currency: str) -> int:
    """Return the number of decimals that amounts in `currency` have."""
    return _MINOR_DIGITS.get(currency, 2)


def minor_unit(currency: str) -> Decimal:
    """Return the smallest amount in `currency`, such as 0.01."""
    return Decimal(1).scaleb(-minor_digits(currency))


def round_money(amount: Decimal, currency: str) -> Decimal:
    """Round half up to the minor unit of `currency`."""
    rounded = amount.quantize(minor_unit(currency), rounding=ROUND_HALF_UP)
    return rounded + 0  # without the sign of a negative zero


def format_money(amount: Decimal, currency: str) -> str:
    """Write `amount` with exactly the decimals of its currency."""
    return str(round_money(amount, currency))


def group_money(amount: Decimal, currency: str) -> str:
    """Write `amount` for people: as format_money, with commas between thousands."""
    return f"{round_money(amount, currency):,}"


class AmountField(models.DecimalField):
    """A column for an amount in any currency, up to 99,999,999,999.999."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401
        kwargs |= {"max_digits": 14, "decimal_places": 3}
        super().__init__(*args, **kwargs)

    def deconstruct(self) -> tuple:
        name, _, args, kwargs = super().deconstruct()
        return name, "django.db.models.DecimalField", args, kwargs


class MoneyField(serializers.DecimalField):
    """An amount in requests and responses: a string with exactly the currency's decimals."""

    def __init__(self, **kwargs: Any) -> None:  # noqa: ANN401
        super().__init__(max_digits=14, decimal_places=3, **kwargs)

    def to_internal_value(self, data: Any) -> Decimal:  # noqa: ANN401
        amount = super().to_internal_value(data)
        if round_money(amount, settings.STORE_CURRENCY) != amount:
            digits = minor_digits(settings.STORE_CURRENCY)
            raise serializers.ValidationError(f"Give at most {digits} decimals.")
        return amount

    def get_attribute(self, instance: Any) -> Any:  # noqa: ANN401
        is_dict = isinstance(instance, dict)
        currency = instance.get("currency") if is_dict else getattr(instance, "currency", None)
        self._currency = currency or settings.STORE_CURRENCY
        return super().get_attribute(instance)

    def to_representation(self, value: Decimal | str) -> str:
        return format_money(Decimal(value), getattr(self, "_currency", settings.STORE_CURRENCY))
