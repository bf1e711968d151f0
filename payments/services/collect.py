"""Cash that staff have collected."""

from uuid import UUID

from django.db import transaction

from accounts.services.auditing import audited, track
from config.transactions import retried
from orders.errors import InvalidTransition

from ..errors import AlreadyPaid
from ..gateways.cod import CashOnDelivery
from ..models import Payment, PaymentState
from .locked import lock_payment
from .settle import settle_captured


@retried
@transaction.atomic
@audited()
def collect_payment(*, payment_id: UUID) -> Payment:
    """Record that the cash of an order is there, or raise and change nothing."""
    order, payment = lock_payment(payment_id)
    payment.order = order
    if payment.is_captured:
        raise AlreadyPaid("This payment was collected already.")
    if payment.gateway != CashOnDelivery.id or payment.status != PaymentState.PENDING:
        raise InvalidTransition(
            f"This {payment.gateway} payment is {payment.status}: there is no cash to collect.",
            status=payment.status,
        )
    track(payment, "collected")
    settle_captured(order, payment, CashOnDelivery().collected(payment))
    return payment
