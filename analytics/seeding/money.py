"""Turns the rupee figures of the word lists into believable prices of the shop's currency."""

from decimal import ROUND_HALF_UP, Decimal

from django.conf import settings

from config.money import minor_digits

# What a rupee is about worth: good enough to look like a price, and for nothing else.
_WORTH = {"INR": "1", "USD": "0.0125", "EUR": "0.0115", "GBP": "0.0098", "JPY": "1.85"}


def believable(rupees: float | Decimal) -> Decimal:
    """Return a price as shops write it: 1499, 18.99 or 2780."""
    currency = settings.STORE_CURRENCY
    worth = Decimal(_WORTH.get(currency, "0.0125"))
    amount = Decimal(rupees) * worth
    if worth < 1 and amount < 100:
        return amount.quantize(Decimal(1), rounding=ROUND_HALF_UP) + Decimal("0.99")
    tens = (amount / 10).quantize(Decimal(1), rounding=ROUND_HALF_UP) * 10
    return tens - 1 if minor_digits(currency) else max(tens, Decimal(10))
