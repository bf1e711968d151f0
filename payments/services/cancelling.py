"""What the cancellation of an order means for its money."""

from uuid import UUID

from orders.models import Order

from ..models import OPEN_STATES, PaymentState
from .refunds import owe_refund


def return_money(*, order_id: UUID) -> None:
    """Close the open payments of a cancelled order, and send back what was captured.

    It runs in the transaction that cancels the order, which holds the lock of the order.
    """
    order = Order.objects.get(pk=order_id)
    payments = list(order.payments.select_for_update().order_by("pk"))
    for payment in payments:
        if payment.status in OPEN_STATES:
            payment.status, payment.open_for = PaymentState.CANCELLED, None
            payment.save()
        elif payment.is_captured and not payment.is_surplus:
            cause = f"order-cancelled:{payment.pk}"
            owe_refund(payment, cause=cause, reason="The order was cancelled.")
