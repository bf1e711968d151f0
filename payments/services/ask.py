"""Asking a gateway what became of a payment, when nobody told us or nobody is believed."""

from datetime import timedelta
from uuid import UUID

from django.utils import timezone

from ..gateways import Gateway, gateway_for
from ..gateways.base import NewsState, PaymentNews
from ..models import Payment, RefundState
from .settle import FIRST_LOOK_AFTER_CAPTURE, settle
from .settle_refunds import settle_refund

SHORTEST_PAUSE = timedelta(minutes=5)
# Banks find money for days; refunds begin at the gateway for half a year.
ASKED_FOR = timedelta(days=7)
ASKED_FOR_CAPTURED = timedelta(days=180)

_BEST_FIRST = (
    NewsState.CAPTURED,
    NewsState.AUTHORIZED,
    NewsState.RELEASED,
    NewsState.CREATED,
    NewsState.FAILED,
)


def ask_gateway(*, payment_id: UUID) -> Payment:
    """Ask about a payment and settle what the gateway says; raise GatewayError if it is silent."""
    payment = Payment.objects.get(pk=payment_id)
    gateway = gateway_for(payment.gateway)
    if gateway.is_paid_by_hand:
        Payment.objects.filter(pk=payment_id).update(next_ask_at=None)
        return payment
    tries = _tries(gateway, payment)
    for news in _worth_settling(tries):
        settle(gateway.id, news)
    payment.refresh_from_db()
    _ask_for_refunds(gateway, payment, tries)
    plan_next_question(payment)
    payment.refresh_from_db()
    return payment


def _tries(gateway: Gateway, payment: Payment) -> list[PaymentNews]:
    if payment.gateway_order_id is None and payment.gateway_payment_id:
        return [gateway.fetch_payment(payment.gateway_payment_id)]
    if payment.gateway_order_id:
        return gateway.payments_of(payment.gateway_order_id)
    found = gateway.find_order(payment)
    if found is None:
        return []
    if found.can_be_paid:  # else the next start must see that it was never told how
        rows = Payment.objects.filter(pk=payment.pk, gateway_order_id=None)
        rows.update(gateway_order_id=found.id)
    return gateway.payments_of(found.id)


def _worth_settling(tries: list[PaymentNews]) -> list[PaymentNews]:
    """Keep every capture or, without one, the try that has come furthest."""
    ordered = sorted(tries, key=lambda news: _BEST_FIRST.index(news.state))
    captured = [news for news in ordered if news.state is NewsState.CAPTURED]
    return captured or ordered[:1]


def _ask_for_refunds(gateway: Gateway, payment: Payment, tries: list[PaymentNews]) -> None:
    """Look at the refunds where one of ours is open, or more went back than we know of."""
    if not payment.is_captured or payment.gateway_payment_id is None:
        return
    ours = [news for news in tries if news.gateway_payment_id == payment.gateway_payment_id]
    knows_all = all(news.amount_refunded == payment.amount_refunded for news in ours)
    if knows_all and not payment.refunds.filter(status=RefundState.PENDING).exists():
        return
    for news in gateway.refunds_of(payment):
        settle_refund(gateway.id, news)


def plan_next_question(payment: Payment) -> None:
    """Ask again after a pause that grows with the age of what is open, until it is old."""
    now = timezone.now()
    pending = payment.refunds.filter(status=RefundState.PENDING).order_by("created_at").last()
    age = now - (pending.created_at if pending else payment.created_at)
    shortest = FIRST_LOOK_AFTER_CAPTURE if payment.is_captured and not pending else SHORTEST_PAUSE
    is_old = age > (ASKED_FOR_CAPTURED if payment.is_captured else ASKED_FOR)
    next_ask_at = None if is_old else now + max(shortest, age / 2)
    Payment.objects.filter(pk=payment.pk).update(next_ask_at=next_ask_at)
