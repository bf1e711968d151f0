"""What staff screens share: amounts as people write them, and rows that nobody edits."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import admin
from django.db import models
from django.http import HttpRequest

from .money import AmountField, format_money, minor_digits, round_money


def show_money(column: str, *, of: str = "") -> Callable[[Any, Any], str]:
    """Show an amount in the currency of its row, or of the row that `of` names."""

    @admin.display(description=column.replace("_", " "), ordering=column)
    def show(self: Any, row: models.Model) -> str:  # noqa: ANN401
        amount = getattr(row, column)
        if amount is None:
            return "-"
        currency = getattr(getattr(row, of) if of else row, "currency", settings.STORE_CURRENCY)
        return f"{format_money(amount, currency)} {currency}"

    return show


def show_pairs(pairs: dict[str, Any]) -> str:
    """Write names with values as a person would, such as "color: red, size: M"."""
    return ", ".join(f"{name}: {value}" for name, value in pairs.items()) or "-"


def plain_number(number: Decimal) -> str:
    """Write a number without the zeros that its column would end it with."""
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


class AmountFormField(forms.DecimalField):
    """An amount with the decimals of the store's currency."""

    def prepare_value(self, value: Any) -> Any:  # noqa: ANN401
        if isinstance(value, Decimal):
            return round_money(value, settings.STORE_CURRENCY)
        return super().prepare_value(value)


class NumberFormField(forms.DecimalField):
    """A number that is no amount, such as a percentage."""

    def prepare_value(self, value: Any) -> Any:  # noqa: ANN401
        return plain_number(value) if isinstance(value, Decimal) else super().prepare_value(value)


class AmountsMixin:
    """Gives numbers their form field, in pages and in their inlines."""

    plain_numbers: tuple[str, ...] = ()

    def formfield_for_dbfield(
        self,
        db_field: models.Field,
        request: HttpRequest,
        **kwargs: Any,  # noqa: ANN401
    ) -> forms.Field | None:
        if db_field.name in self.plain_numbers:
            kwargs["form_class"] = NumberFormField
        elif isinstance(db_field, AmountField):
            kwargs |= {
                "form_class": AmountFormField,
                "decimal_places": minor_digits(settings.STORE_CURRENCY),
                "min_value": 0,
            }
        return super().formfield_for_dbfield(db_field, request, **kwargs)  # type: ignore[misc]


class ReadOnly:
    """Rows that their owners or services alone change."""

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ANN401
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ANN401
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ANN401
        return False
