"""What a product or a variant costs now, in the fields that both show."""

from decimal import Decimal
from typing import Any

from django.utils import timezone
from rest_framework.fields import DateTimeField

from config.money import format_money

from ..models import Product

MONEY = {"type": "string", "format": "decimal", "example": "199.90"}
MONEY_OR_NULL = MONEY | {"nullable": True}


def offer(product: Product, normal: Decimal, compare_at: Decimal | None) -> dict[str, Any]:
    """Return `price`, `compare_at_price` and what follows from them, as they are now."""
    now = timezone.now()
    price = product.price_at(now, normal)
    against = product.compare_at_price_at(now, normal, compare_at)
    on_sale = against is not None and against > price
    percentage = round(float((against - price) / against * 100), 2) if on_sale else 0  # type: ignore[operator]
    shown_against = None if against is None else format_money(against, product.currency)
    return {
        "price": format_money(price, product.currency),
        "compare_at_price": shown_against,
        "discount_percentage": percentage,
        "on_sale": on_sale,
    }


def flash_sale(product: Product, price: str) -> dict[str, Any] | None:
    """Return the running flash sale, or None."""
    if not product.is_flash_sale_running(timezone.now()):
        return None
    return {"price": price, "ends_at": moment(product.flash_ends_at)}


def moment(value: Any) -> str | None:  # noqa: ANN401
    """Write a time as REST framework's field does, for dicts that are no serializer."""
    return DateTimeField().to_representation(value) if value else None
