"""How mails write amounts and options."""

from decimal import Decimal
from typing import Any

from config.money import group_money


def show_amount(amount: Decimal, currency: str) -> str:
    return f"{currency} {group_money(amount, currency)}"


def show_options(attributes: dict[str, Any]) -> str:
    return ", ".join(f"{key} {value}" for key, value in attributes.items())
