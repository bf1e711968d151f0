"""The one place where a payment becomes paid, whoever brings the news of it."""

from datetime import timedelta
from enum import Enum
from uuid import uuid4

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from config.events import emit
from config.transactions import retried
from orders.models import Order, OrderStatus, PaymentStatus
from orders.services import lifecycle
from orders.services.returning import owe_returns

from .. import signals
from ..errors import GatewayError
from ..gateways import gateway_for
from ..gateways.base import NewsState, PaymentNews
from ..models import OPEN_STATES, Payment, PaymentQuerySet, PaymentState
from .locked import ask_for_person
from .refunds import owe_refund
from .returning import refund_return
from .saved_methods import remember_paid_card

UNPAID = (PaymentStatus.PENDING, PaymentStatus.FAILED)
UNANSWERED = (PaymentState.CREATED, PaymentState.PENDING)
# A captured payment is asked for again now and then: refunds may begin at the gateway.
FIRST_LOOK_AFTER_CAPTURE = timedelta(days=1)


class Wish(Enum):
    """What is to be done at the gateway after the news was written down."""

    NOTHING = 0
    CAPTURE = 1


def settle(gateway_id: str, news: PaymentNews) -> None:
    """Make what a gateway says of a payment true here, once however often it is said.

    Money that is only held is captured, outside any transaction, and then settled. A card that
    was saved meanwhile is remembered at last.
    """
    if _apply(gateway_id, news) is Wish.CAPTURE:
        news = _capture(gateway_id, news)
        _apply(gateway_id, news)
    if news.state is NewsState.CAPTURED and news.card_token:
        remember_paid_card(gateway_id=gateway_id, news=news)


def _capture(gateway_id: str, news: PaymentNews) -> PaymentNews:
    gateway = gateway_for(gateway_id)
    try:
        return gateway.capture(news)
    except GatewayError as error:
        if error.is_retryable:
            raise
        # Refused because it happened already, or went back meanwhile: see what is true now.
        return gateway.fetch_payment(news.gateway_payment_id)


@retried
@transaction.atomic
def _apply(gateway_id: str, news: PaymentNews) -> Wish:
    rows = _rows(gateway_id, news)
    order_id = rows.values_list("order_id", flat=True).first()
    if order_id is None:
        return Wish.NOTHING  # of somebody else who shares the account
    order = lifecycle.lock_order(order_id)
    payment = _lock(gateway_id, news)
    match news.state:
        case NewsState.CAPTURED:
            settle_captured(order, payment, news)
        case NewsState.AUTHORIZED:
            return _settle_authorized(order, payment, news)
        case NewsState.RELEASED:
            _settle_failed(order, payment, news, (*UNANSWERED, PaymentState.AUTHORIZED))
        case NewsState.FAILED:
            _settle_failed(order, payment, news, UNANSWERED)
    return Wish.NOTHING


def _rows(gateway_id: str, news: PaymentNews) -> PaymentQuerySet:
    known = Q(gateway_payment_id=news.gateway_payment_id)
    if news.gateway_order_id:
        known |= Q(gateway_order_id=news.gateway_order_id) | Q(receipt=news.gateway_order_id)
    return Payment.objects.filter(known, gateway=gateway_id)


def _lock(gateway_id: str, news: PaymentNews) -> Payment:
    """Lock the row of this very payment where there is one, else that of its gateway order."""
    rows = list(_rows(gateway_id, news).select_for_update().order_by("pk"))
    exact = (row for row in rows if row.gateway_payment_id == news.gateway_payment_id)
    return next(exact, rows[0])


def settle_captured(order: Order, payment: Payment, news: PaymentNews) -> None:
    """Settle money that has come for a locked payment of a locked order."""
    if payment.is_captured:
        if payment.gateway_payment_id == news.gateway_payment_id:
            return
        payment = _second_row(payment)
    payment.gateway_payment_id = news.gateway_payment_id
    payment.method = news.method
    if news.amount != payment.amount or news.currency != payment.currency:
        payment.save()
        ask_for_person(payment, f"{news.amount} {news.currency} came, not what was asked for.")
        return
    payment.status = PaymentState.SUCCEEDED
    payment.amount_captured = news.amount
    payment.open_for = None
    payment.leased_until = None
    payment.error = ""
    payment.next_ask_at = timezone.now() + FIRST_LOOK_AFTER_CAPTURE
    payment.is_surplus = order.payment_status not in UNPAID
    payment.save()
    if payment.is_surplus:
        _send_back(payment, "The order was paid already.")
    elif order.status == OrderStatus.CANCELLED:
        lifecycle.record_late_payment(order, payment.amount, payment.gateway)
        _send_back(payment, "The order was cancelled before the money came.")
    else:
        _pay(order, payment)


def _pay(order: Order, payment: Payment) -> None:
    lifecycle.record_payment(order, payment.amount, payment.gateway)
    for request in owe_returns(order):  # cash may come after the pieces went back
        refund_return(return_id=request.pk, amount=request.refund_amount)
    others = order.payments.filter(status__in=OPEN_STATES)
    others.update(status=PaymentState.CANCELLED, open_for=None)
    emit(signals.payment_succeeded, payment_id=payment.pk)


def _send_back(payment: Payment, reason: str) -> None:
    owe_refund(payment, cause=f"not-due:{payment.pk}", reason=reason)
    ask_for_person(payment, f"{reason} The money goes back by itself.")


def _second_row(payment: Payment) -> Payment:
    """Make a row for a further capture on the same gateway order, which has one row already."""
    return Payment(
        order=payment.order,
        gateway=payment.gateway,
        amount=payment.amount,
        currency=payment.currency,
        receipt=uuid4().hex,
    )


def _settle_authorized(order: Order, payment: Payment, news: PaymentNews) -> Wish:
    """Note money that is held, and capture it if the order waits for it; else it is let go."""
    if payment.is_captured or order.status == OrderStatus.CANCELLED:
        return Wish.NOTHING
    if order.payment_status not in UNPAID:
        return Wish.NOTHING
    if news.amount != payment.amount or news.currency != payment.currency:
        ask_for_person(payment, f"{news.amount} {news.currency} is held, not what was asked for.")
        return Wish.NOTHING
    payment.status = PaymentState.AUTHORIZED
    payment.gateway_payment_id = news.gateway_payment_id
    payment.method = news.method
    payment.error = ""
    payment.save()
    return Wish.CAPTURE


def _settle_failed(
    order: Order, payment: Payment, news: PaymentNews, from_states: tuple[str, ...]
) -> None:
    """Close an attempt that failed; whatever came of another try of it stays as it is."""
    other_try = payment.gateway_payment_id not in (None, news.gateway_payment_id)
    if payment.status not in from_states or other_try:
        return
    payment.status = PaymentState.FAILED
    payment.gateway_payment_id = news.gateway_payment_id
    payment.method = news.method
    payment.error = (news.error or "The gateway gave the money back.")[:255]
    payment.open_for = None
    payment.save()
    lifecycle.record_payment_failure(order)
    emit(signals.payment_failed, payment_id=payment.pk)
