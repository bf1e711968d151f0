"""What a frontend must know of the store before it shows anything."""

from typing import Any

from django.conf import settings

from accounts.countries import COUNTRIES, states_of
from carts.models import TaxRate

from .gateways import configured_gateways


def describe_store() -> dict[str, Any]:
    """Return the store's settings, and the choices that forms offer."""
    return {
        "name": settings.STORE_NAME,
        "currency": settings.STORE_CURRENCY,
        "prices_include_tax": settings.PRICES_INCLUDE_TAX,
        "gateways": configured_gateways(),
        "countries": _named(COUNTRIES),
        "states": {code: _named(states_of(code)) for code in COUNTRIES if states_of(code)},
        "tax_classes": _tax_classes(),
        "guest_checkout": settings.GUEST_CHECKOUT,
        "cart_max_quantity": settings.CART_MAX_QUANTITY,
        "return_window_days": settings.RETURN_WINDOW_DAYS,
        "languages": [code for code, _ in settings.LANGUAGES],
        "google_client_id": settings.GOOGLE_CLIENT_ID or None,
    }


def _named(names: dict[str, str]) -> list[dict[str, str]]:
    rows = sorted(names.items(), key=lambda row: row[1])
    return [{"code": code, "name": name} for code, name in rows]


def _tax_classes() -> list[str]:
    """Return the classes that rates are set for; goods without another are standard."""
    used = TaxRate.objects.filter(is_active=True).order_by().values_list("tax_class", flat=True)
    return sorted({"standard", *used.distinct()})
