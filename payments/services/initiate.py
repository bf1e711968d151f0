"""Starting to pay: the intent is committed, then the gateway is called, then it is recorded."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from django.db import transaction
from django.utils import timezone

from config.errors import InvalidInput, RequestInProgress
from config.transactions import retried
from orders.errors import InvalidTransition
from orders.models import Order, OrderStatus, PaymentStatus
from orders.services import lifecycle

from ..errors import AlreadyPaid, GatewayError
from ..gateways import GATEWAYS, Gateway, gateway_for
from ..models import Payment, PaymentState
from .locked import lock_payment

LEASE = timedelta(seconds=20)
FIRST_QUESTION_AFTER = timedelta(minutes=3)


@dataclass(frozen=True)
class Started:
    """A payment that the customer can make now, and whether this call made it so."""

    payment: Payment
    is_new: bool


@dataclass(frozen=True)
class Intent:
    """A committed payment row; with a lease, its holder talks to the gateway about it."""

    payment: Payment
    leased_until: datetime | None = None
    may_exist: bool = False


def initiate_payment(*, order_id: UUID, gateway_id: str, idempotency_key: str = "") -> Started:
    """Start or find the open payment of an order; it must not run inside a transaction.

    Raises GatewayError where the gateway is down: the next call goes on under the same receipt;
    and InvalidInput where it cannot take this order, such as one below its least amount.
    """
    if gateway_id not in GATEWAYS:
        raise InvalidInput(gateway=f"Choose one of: {', '.join(GATEWAYS)}.")
    intent = _commit_intent(order_id, gateway_id, idempotency_key)
    if intent.leased_until is None:
        is_own = bool(idempotency_key) and intent.payment.idempotency_key == idempotency_key
        return Started(intent.payment, is_new=is_own)
    try:
        gateway_order_id = _order_at(gateway_for(gateway_id), intent)
    except GatewayError as error:
        _end_lease(intent, error)
        if error.is_retryable:
            raise
        raise InvalidInput(gateway=error.message) from error  # it cannot take this order
    payment = _record_answer(intent, gateway_order_id)
    if not payment.is_open:
        _refuse_if_not_payable(payment.order)
        raise RequestInProgress()  # another call has begun a payment of its own
    return Started(payment, is_new=True)


@retried
@transaction.atomic
def _commit_intent(order_id: UUID, gateway_id: str, idempotency_key: str) -> Intent:
    order = lifecycle.lock_order(order_id)
    _refuse_if_not_payable(order)
    payment = _open_payment(order)
    now = timezone.now()
    if payment and payment.gateway != gateway_id and payment.status != PaymentState.AUTHORIZED:
        payment.status, payment.open_for = PaymentState.CANCELLED, None
        payment.save()
        payment = None
    if payment and payment.leased_until and payment.leased_until > now:
        raise RequestInProgress()
    if payment and payment.gateway_order_id:
        return Intent(payment)
    lifecycle.extend_expiry(order)
    lifecycle.record_gateway(order, gateway_id)
    may_exist = payment is not None
    payment = payment or _new_payment(order, gateway_id)
    payment.leased_until = now + LEASE
    payment.idempotency_key = idempotency_key
    payment.save()
    return Intent(payment, payment.leased_until, may_exist)


def _refuse_if_not_payable(order: Order) -> None:
    if order.status in (OrderStatus.CANCELLED, OrderStatus.RETURNED):
        raise InvalidTransition(f"The order is {order.status}: it cannot be paid any more.")
    if order.payment_status not in (PaymentStatus.PENDING, PaymentStatus.FAILED):
        raise AlreadyPaid()
    if order.expires_at and order.expires_at <= timezone.now():
        raise InvalidTransition("The time to pay this order has run out. Please order again.")


def _open_payment(order: Order) -> Payment | None:
    """Lock what there is to go on with: money that is held, else the one open attempt."""
    rows = order.payments.select_for_update().select_related("order")
    held = rows.filter(status=PaymentState.AUTHORIZED).first()
    return held or rows.filter(open_for=order).first()


def _new_payment(order: Order, gateway_id: str) -> Payment:
    return Payment(
        order=order,
        open_for=order,
        gateway=gateway_id,
        amount=order.total_amount - order.amount_paid,
        currency=order.currency,
        receipt=uuid4().hex,
        next_ask_at=timezone.now() + FIRST_QUESTION_AFTER,
    )


def _order_at(gateway: Gateway, intent: Intent) -> str:
    """Create the gateway's order, or find the one of an earlier call whose answer was lost."""
    found = gateway.find_order(intent.payment) if intent.may_exist else None
    return found or gateway.create_order(intent.payment)


@retried
@transaction.atomic
def _record_answer(intent: Intent, gateway_order_id: str) -> Payment:
    order, payment = lock_payment(intent.payment.pk)
    if payment.leased_until != intent.leased_until and payment.is_open:
        raise RequestInProgress()  # too slow: another call has taken over
    payment.leased_until = None
    payment.error = ""
    payment.gateway_order_id = payment.gateway_order_id or gateway_order_id
    if payment.status == PaymentState.CREATED:
        payment.status = PaymentState.PENDING
    payment.save()
    payment.order = order
    return payment


@retried
@transaction.atomic
def _end_lease(intent: Intent, error: GatewayError) -> None:
    _, payment = lock_payment(intent.payment.pk)
    if payment.leased_until == intent.leased_until:
        payment.leased_until = None
        payment.error = error.message[:255]
        payment.save()
