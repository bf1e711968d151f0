"""Starting to pay: the intent is committed, then the gateway is called, then it is recorded."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from config.errors import InvalidInput, RequestInProgress
from config.transactions import retried
from orders.errors import InvalidTransition
from orders.models import Order, OrderStatus, PaymentStatus
from orders.services import lifecycle

from ..errors import AlreadyPaid, GatewayError
from ..gateways import GATEWAYS, Gateway, gateway_for
from ..gateways.base import GatewayOrder
from ..models import Payment, PaymentState, SavedMethod
from .choice import gateways_for
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


def initiate_payment(
    *,
    order_id: UUID,
    gateway_id: str,
    idempotency_key: str = "",
    saved_method: SavedMethod | None = None,
    payer: User | None = None,
) -> Started:
    """Start or find the open payment of an order; it must not run inside a transaction.

    Raises GatewayError where the gateway is down: the next call goes on under the same receipt;
    and InvalidInput where it cannot take this order, such as one below its least amount.
    The payer is who is logged in: nobody else goes on with a payment that holds a card of theirs.
    """
    if gateway_id not in GATEWAYS:
        raise InvalidInput(gateway=f"Choose one of: {', '.join(GATEWAYS)}.")
    intent = _commit_intent(order_id, gateway_id, idempotency_key, saved_method, payer)
    if intent.leased_until is None:
        is_own = bool(idempotency_key) and intent.payment.idempotency_key == idempotency_key
        return Started(intent.payment, is_new=is_own)
    try:
        made = _order_at(gateway_for(gateway_id), intent)
    except GatewayError as error:
        _end_lease(intent, error)
        if error.is_retryable:
            raise
        raise InvalidInput(gateway=error.message) from error  # it cannot take this order
    payment = _record_answer(intent, made)
    if not made.can_be_paid:
        return initiate_payment(
            order_id=order_id,
            gateway_id=gateway_id,
            idempotency_key=idempotency_key,
            saved_method=saved_method,
            payer=payer,
        )
    if not payment.is_open:
        _refuse_if_not_payable(payment.order)
        raise RequestInProgress()  # another call has begun a payment of its own
    return Started(payment, is_new=True)


@retried
@transaction.atomic
def _commit_intent(
    order_id: UUID,
    gateway_id: str,
    idempotency_key: str,
    saved_method: SavedMethod | None,
    payer: User | None,
) -> Intent:
    order = lifecycle.lock_order(order_id)
    _refuse_if_not_payable(order)
    _refuse_other_gateways(order, gateway_id)
    _refuse_card_of_another_gateway(gateway_id, saved_method)
    payment = _open_payment(order, gateway_id, saved_method, payer)
    now = timezone.now()
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
    payment.saved_method = saved_method
    payment.save()
    return Intent(payment, payment.leased_until, may_exist)


def _refuse_if_not_payable(order: Order) -> None:
    if order.status in (OrderStatus.CANCELLED, OrderStatus.RETURNED):
        raise InvalidTransition(f"The order is {order.status}: it cannot be paid any more.")
    if order.payment_status not in (PaymentStatus.PENDING, PaymentStatus.FAILED):
        raise AlreadyPaid()
    if order.expires_at and order.expires_at <= timezone.now():
        raise InvalidTransition("The time to pay this order has run out. Please order again.")


def _refuse_other_gateways(order: Order, gateway_id: str) -> None:
    allowed = gateways_for(order)
    if gateway_id not in allowed:
        names = ", ".join(allowed) or "none"
        text = f"This order cannot be paid with {gateway_id}. It can be with: {names}."
        raise InvalidInput(gateway=text)


def _refuse_card_of_another_gateway(gateway_id: str, method: SavedMethod | None) -> None:
    if method and method.gateway != gateway_id:
        text = f"This card is kept by {method.gateway}: pay with that gateway."
        raise InvalidInput(payment_method_id=text)


def _open_payment(
    order: Order, gateway_id: str, saved_method: SavedMethod | None, payer: User | None
) -> Payment | None:
    """Lock what there is to go on with: money that is held, else an attempt at this gateway.

    One that is open at another gateway, without the card that was chosen now, or with a card of
    somebody else, is closed; cash that waits for delivery waits on.
    """
    rows = order.payments.select_for_update().select_related("order")
    if held := rows.filter(status=PaymentState.AUTHORIZED).first():
        return held
    payment = rows.filter(open_for=order).first()
    if payment and payment.gateway == gateway_id and _is_wished(payment, saved_method, payer):
        return payment
    if payment:
        payment.status, payment.open_for = PaymentState.CANCELLED, None
        payment.save()
    return rows.filter(gateway=gateway_id, status=PaymentState.PENDING).first()


def _is_wished(payment: Payment, saved_method: SavedMethod | None, payer: User | None) -> bool:
    """Tell whether an open payment is by the card that was chosen, or by no card of others."""
    card = payment.saved_method
    if saved_method is None:
        return card is None or (payer is not None and card.user_id == payer.pk)
    return card == saved_method


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


def _order_at(gateway: Gateway, intent: Intent) -> GatewayOrder:
    """Create the gateway's order, or find the one of an earlier call whose answer was lost."""
    found = gateway.find_order(intent.payment) if intent.may_exist else None
    return found or gateway.create_order(intent.payment)


@retried
@transaction.atomic
def _record_answer(intent: Intent, made: GatewayOrder) -> Payment:
    order, payment = lock_payment(intent.payment.pk)
    if payment.leased_until != intent.leased_until and payment.is_open:
        raise RequestInProgress()  # too slow: another call has taken over
    payment.leased_until = None
    payment.error = ""
    if payment.gateway_order_id is None:
        payment.gateway_order_id = made.id
        payment.checkout_url = made.checkout_url
    if payment.status == PaymentState.CREATED:
        _open(order, payment, made)
    payment.save()
    payment.order = order
    return payment


def _open(order: Order, payment: Payment, made: GatewayOrder) -> None:
    """Let the customer pay now, at the door, or, where nobody knows how, by another payment."""
    payment.status = PaymentState.PENDING
    if not made.can_be_paid:
        payment.status, payment.open_for = PaymentState.CANCELLED, None
    elif gateway_for(payment.gateway).is_paid_by_hand:
        # It leaves the place of the open payment: the customer may still pay online instead.
        payment.open_for, payment.next_ask_at = None, None
        if order.status == OrderStatus.PENDING:
            lifecycle.confirm_order(order, note="Cash on delivery.")


@retried
@transaction.atomic
def _end_lease(intent: Intent, error: GatewayError) -> None:
    _, payment = lock_payment(intent.payment.pk)
    if payment.leased_until == intent.leased_until:
        payment.leased_until = None
        payment.error = error.message[:255]
        payment.save()
