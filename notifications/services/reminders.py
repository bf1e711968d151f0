"""Reminders of carts that were left behind, to those who asked for them."""

import logging
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from carts.models import Cart
from carts.services.overview import describe_cart
from carts.services.reminding import claim_reminder
from config.transactions import retried

from .abandoned import left_behind, sold_lines
from .notices import name_some
from .telling import tell

logger = logging.getLogger(__name__)


def remind_carts() -> int:
    """Write a reminder for each cart that was left behind; return for how many."""
    at, reminded = timezone.now(), 0
    for cart in left_behind(at):
        try:
            reminded += _remind(cart, at)
        except Exception:  # one cart must not keep the others from being remembered
            logger.exception("Cart %s was not reminded of", cart.pk)
    return reminded


@retried
@transaction.atomic
def _remind(cart: Cart, at: datetime) -> bool:
    """Write one reminder, unless the cart was changed meanwhile or somebody else wrote it."""
    user = cart.user
    if user is None or not claim_reminder(cart_id=cart.pk, version=cart.version):
        return False
    lines = sold_lines(describe_cart(cart, at=at))
    tell(
        kind="abandoned_cart",
        cause=f"{cart.pk}:{cart.version}",
        user=user,
        email=user.email or "",
        data={"cart_id": str(cart.pk), "version": str(cart.version)},
        words={"things": name_some([line.product.name for line in lines])},
    )
    return True
