"""What selling depends on beside goods: where to send, what is taxed, and a coupon."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.db import transaction

from carts.models import Coupon, DiscountType, ShippingMethod, ShippingZone, TaxRate
from config.transactions import retried

from .money import believable

COUPON_CODE = "WELCOME10"

_INDIAN_RATES = {"standard": Decimal(18), "reduced": Decimal(5), "shipping": Decimal(18)}
# What the states themselves take; counties and cities add to it.
_AMERICAN_RATES = {"CA": "7.25", "FL": "6", "IL": "6.25", "NY": "4", "TX": "6.25", "WA": "6.5"}


@retried
@transaction.atomic
def set_up_shop() -> int:
    """Fill those of the shop's tables that are still empty; return how many rows were added."""
    added = 0
    if not ShippingZone.objects.exists():
        added += _add_shipping()
    if not TaxRate.objects.exists():
        added += len(TaxRate.objects.bulk_create([*_indian_taxes(), *_american_taxes()]))
    if not Coupon.objects.exists():
        Coupon.objects.create(
            code=COUPON_CODE,
            description="10 % off everything",
            discount_type=DiscountType.PERCENTAGE,
            value=10,
            is_public=True,
        )
        added += 1
    return added


def _add_shipping() -> int:
    india = ShippingZone.objects.create(name="India", countries=["IN"])
    america = ShippingZone.objects.create(name="United States", countries=["US"])
    methods = [
        ShippingMethod(zone=zone, **fields)
        for zone, rows in ((india, _indian_methods()), (america, _american_methods()))
        for fields in rows
    ]
    ShippingMethod.objects.bulk_create(methods)
    return 2 + len(methods)


def _indian_methods() -> list[dict[str, Any]]:
    return [
        {
            "name": "Standard",
            "price": believable(99),
            "free_from": believable(1999),
            "bands": [{"up_to": str(believable(499)), "price": str(believable(149))}],
            "min_days": 3,
            "max_days": 6,
            "cash_on_delivery": True,
            "cash_on_delivery_max": believable(20000),
        },
        {"name": "Express", "price": believable(249), "min_days": 1, "max_days": 2},
    ]


def _american_methods() -> list[dict[str, Any]]:
    return [
        {
            "name": "International",
            "price": believable(3499),
            "free_from": believable(25000),
            "band_by": "weight",
            "bands": [
                {"up_to": "500", "price": str(believable(999))},
                {"up_to": "2000", "price": str(believable(1999))},
            ],
            "min_days": 6,
            "max_days": 12,
        },
        {
            "name": "International express",
            "price": believable(4999),
            "min_days": 3,
            "max_days": 5,
        },
    ]


def _indian_taxes() -> Iterator[TaxRate]:
    """Give GST: in the store's own state in halves, to any other state as one part."""
    for tax_class, rate in _INDIAN_RATES.items():
        yield TaxRate(
            country="IN",
            tax_class=tax_class,
            rate=rate,
            parts=[{"name": "IGST", "rate": f"{rate:.2f}"}],
        )
        if settings.STORE_COUNTRY == "IN":
            halves = [{"name": name, "rate": f"{rate / 2:.2f}"} for name in ("CGST", "SGST")]
            yield TaxRate(
                country="IN",
                state=settings.STORE_STATE,
                tax_class=tax_class,
                rate=rate,
                parts=halves,
            )


def _american_taxes() -> Iterator[TaxRate]:
    for state, rate in _AMERICAN_RATES.items():
        for tax_class in ("standard", "reduced"):
            yield TaxRate(
                country="US",
                state=state,
                tax_class=tax_class,
                rate=Decimal(rate),
                parts=[{"name": "Sales tax", "rate": f"{Decimal(rate):.2f}"}],
            )
