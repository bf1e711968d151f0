"""What orders do when something happened to their people, or to themselves."""

from collections import Counter
from typing import Any
from uuid import UUID

from django.dispatch import receiver

from accounts.signals import guest_erased, user_erased

from .services.erasing import OVER, erase_customer, erase_ended_order, erase_guest
from .services.purchases import tell_purchases
from .signals import order_cancelled, order_paid, order_status_changed


@receiver(user_erased)
def erase_orders_of(user_id: UUID, email: str = "", **kwargs: Any) -> None:  # noqa: ANN401
    """Keep the orders of an erased person anonymous, those from before they registered too."""
    erase_customer(user_id=user_id)
    if email:
        erase_guest(email=email)


@receiver(guest_erased)
def erase_orders_of_guest(email: str, done: Counter[str], **kwargs: Any) -> None:  # noqa: ANN401
    done["orders"] += erase_guest(email=email)


@receiver(order_status_changed)
def erase_after_the_end(order_id: UUID, to_status: str, **kwargs: Any) -> None:  # noqa: ANN401
    """Catch up with orders that were still on their way when their person was erased."""
    if to_status in OVER:
        erase_ended_order(order_id=order_id)


@receiver([order_paid, order_cancelled])
def tell_reviews(order_id: UUID, **kwargs: Any) -> None:  # noqa: ANN401
    """Let the buyer's reviews say whether their products were bought."""
    tell_purchases(order_id=order_id)
