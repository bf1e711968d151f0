"""What a reminder of a cart shows."""

from typing import Any

from django.conf import settings
from django.utils import timezone

from config.money import group_money

from ...models import Message
from ..abandoned import sold_lines, waiting_cart
from ..mails import OutOfDate
from .writing import show_amount, show_options


def show_cart(message: Message) -> dict[str, Any]:
    """Show what waits in a cart at today's prices; raise OutOfDate where nothing waits."""
    cart = waiting_cart(message, timezone.now())
    if cart is None:
        raise OutOfDate("The cart was changed or bought, or nothing of it can be had.")
    return {
        "cart_url": settings.FRONTEND_URL + settings.FRONTEND_CART_PATH,
        "cart_lines": [
            {
                "name": line.product.name,
                "options": show_options(line.variant.attributes),
                "quantity": line.quantity,
                "unit_price": group_money(line.unit_price, cart.currency),
                "line_total": group_money(line.line_total, cart.currency),
                "message": line.message,
            }
            for line in sold_lines(cart)
        ],
        "cart_discount": cart.discount_amount and group_money(-cart.discount_amount, cart.currency),
        "cart_total": show_amount(cart.total_price, cart.currency),
    }
