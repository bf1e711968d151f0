"""Which gateways an order may be paid with."""

from decimal import Decimal

from orders.models import Order
from orders.services.gateways import Purchase

from ..gateways import configured_gateways, gateway_for


def gateways_for(order: Order) -> list[str]:
    """Return the gateways that take an order's currency, sum and way of shipping.

    It reads `currency`, `total_amount` and `shipping_method_id` alone, so that it also answers
    for an order that is not placed yet.
    """
    return [name for name in configured_gateways() if gateway_for(name).takes(order)]


def list_gateways(purchase: Purchase) -> list[str]:
    """Return the gateways for a purchase that is not placed yet; none where it costs nothing.

    Without a shipping method, and so without a total, cash on delivery cannot be offered.
    """
    if purchase.total == 0:
        return []
    method = purchase.shipping_method
    return gateways_for(
        Order(
            currency=purchase.currency,
            total_amount=purchase.total or Decimal(0),
            shipping_method_id=method.pk if method else None,
        )
    )
