"""Which gateways a purchase may be paid with, as the app of payments tells."""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal

from carts.models import ShippingMethod


@dataclass(frozen=True)
class Purchase:
    """What a choice of gateways depends on; None is what is not known yet."""

    currency: str
    total: Decimal | None
    shipping_method: ShippingMethod | None


_list_gateways: list[Callable[[Purchase], list[str]]] = []


def ask_for_gateways_at(list_gateways: Callable[[Purchase], list[str]]) -> None:
    """Let the app of payments, which stands to the right, tell what it offers."""
    _list_gateways[:] = [list_gateways]


def gateways_for(purchase: Purchase) -> list[str]:
    """Return the ids of the gateways that a purchase may be paid with, the default first."""
    return [found for list_gateways in _list_gateways for found in list_gateways(purchase)]
