"""What payments do when an order is cancelled, and how refunds get on their way."""

from typing import Any
from uuid import UUID

from django.dispatch import receiver

from config.events import enqueue
from orders.signals import order_cancelled

from . import tasks
from .services.cancelling import return_money
from .signals import refund_requested


@receiver(order_cancelled)
def return_money_of_cancelled_order(order_id: UUID, **kwargs: Any) -> None:  # noqa: ANN401
    return_money(order_id=order_id)


@receiver(refund_requested)
def send_requested_refund(refund_id: UUID, **kwargs: Any) -> None:  # noqa: ANN401
    enqueue(tasks.send_refund, refund_id)
