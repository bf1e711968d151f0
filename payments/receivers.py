"""What payments do when an order is cancelled, and how refunds get on their way."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.dispatch import receiver

from accounts.signals import user_erased
from config.events import enqueue
from orders.signals import order_cancelled, orders_erased, return_approved

from . import tasks
from .services.cancelling import return_money
from .services.customers import forget_user
from .services.erasing import erase_payers
from .services.returning import refund_return
from .signals import refund_requested


@receiver(order_cancelled)
def return_money_of_cancelled_order(order_id: UUID, **kwargs: Any) -> None:  # noqa: ANN401
    return_money(order_id=order_id)


@receiver(user_erased)
def forget_cards_of_erased_user(user_id: UUID, **kwargs: Any) -> None:  # noqa: ANN401
    for customer in forget_user(user_id=user_id):
        enqueue(tasks.forget_customer, customer.pk)


@receiver(orders_erased)
def erase_payers_of_orders(order_ids: Sequence[UUID], **kwargs: Any) -> None:  # noqa: ANN401
    erase_payers(order_ids=order_ids)


@receiver(return_approved)
def refund_approved_return(return_id: UUID, amount: Decimal, **kwargs: Any) -> None:  # noqa: ANN401
    refund_return(return_id=return_id, amount=amount)


@receiver(refund_requested)
def send_requested_refund(refund_id: UUID, **kwargs: Any) -> None:  # noqa: ANN401
    enqueue(tasks.send_refund, refund_id)
