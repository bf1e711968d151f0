"""Refunds: the row first, then the gateway is asked, then its answer is kept."""

import logging
from datetime import timedelta
from decimal import Decimal
from uuid import UUID

from django.db import transaction
from django.db.models import F, Q, Sum
from django.utils import timezone

from accounts.models import User
from accounts.services.auditing import audited, track
from config.errors import InvalidInput
from config.events import emit
from config.idempotency import KEPT as KEYS_KEPT
from config.money import format_money, minor_unit
from config.transactions import retried

from .. import signals
from ..errors import GatewayError, NothingToRefund
from ..gateways import Gateway, gateway_for
from ..gateways.base import RefundNews
from ..models import Payment, Refund, RefundState
from .locked import ask_for_person, lock_payment
from .settle_refunds import fail_refund, settle_refund

logger = logging.getLogger(__name__)

LEASE = timedelta(seconds=60)
LONGEST_PAUSE = timedelta(hours=6)
# How often a refund is tried before staff are told; it is tried on all the same.
PATIENCE = 10


@retried
@transaction.atomic
@audited()
def request_refund(
    *,
    payment_id: UUID,
    amount: Decimal | None = None,
    reason: str = "",
    requested_by: User | None = None,
    idempotency_key: str = "",
) -> Refund:
    """Record a refund, of all that is left without an amount, or raise where less is left.

    The same idempotency key finds its row again for as long as keys are kept, unless that refund
    failed.
    """
    order, payment = lock_payment(payment_id)
    payment.order = order
    if idempotency_key:
        earlier = payment.refunds.filter(
            idempotency_key=idempotency_key, created_at__gt=timezone.now() - KEYS_KEPT
        )
        if found := earlier.exclude(status=RefundState.FAILED).first():
            return found
    left = refundable(payment)
    if left <= 0:
        raise NothingToRefund()
    if amount is not None:
        _refuse_amount(amount, left, payment.currency)
    refund = Refund(
        payment=payment,
        amount=left if amount is None else amount,
        reason=reason,
        requested_by=requested_by,
        idempotency_key=idempotency_key,
        # The caller sends it at once; the sweep only if the caller dies.
        next_attempt_at=timezone.now() + LEASE,
    )
    track(refund, "refunded").save(force_insert=True)
    return refund


def _refuse_amount(amount: Decimal, left: Decimal, currency: str) -> None:
    """Raise InvalidInput for what is no amount of the currency, or more than is left."""
    least = minor_unit(currency)
    if amount < least or amount % least:
        raise InvalidInput(amount=f"Give a multiple of {least} {currency}.")
    if amount > left:
        most = format_money(left, currency)
        raise InvalidInput(amount=f"At most {most} {currency} can be refunded.")


def owe_refund(
    payment: Payment, *, cause: str, reason: str, at_most: Decimal | None = None
) -> Decimal:
    """Record, once a cause, that what is left of a locked payment goes back; return how much."""
    left = refundable(payment)
    amount = left if at_most is None else min(left, at_most)
    if amount <= 0 or Refund.objects.filter(cause=cause).exists():
        return Decimal(0)
    refund = Refund(payment=payment, amount=amount, cause=cause, reason=reason)
    track(refund, "refunded").save(force_insert=True)
    emit(signals.refund_requested, refund_id=refund.pk)
    return amount


def refundable(payment: Payment) -> Decimal:
    """Return what was captured of a locked payment and is not on its way back."""
    bound = payment.refunds.exclude(status=RefundState.FAILED).aggregate(sum=Sum("amount"))["sum"]
    return payment.amount_captured - (bound or Decimal(0))


def send_refund(*, refund_id: UUID) -> None:
    """Ask the gateway for a pending refund, unless somebody else is doing so."""
    refund = _claim(refund_id)
    if refund is None:
        return
    gateway = gateway_for(refund.payment.gateway)
    try:
        news = _found_again(gateway, refund) or gateway.refund(refund)
    except GatewayError as error:
        _note_failure(refund_id, error)
        return
    settle_refund(gateway.id, news)


def send_pending_refunds() -> int:
    """Send every refund that is due; return how many were looked at."""
    due = Refund.objects.filter(
        status=RefundState.PENDING, gateway_refund_id=None, next_attempt_at__lte=timezone.now()
    )
    refund_ids = list(due.order_by("next_attempt_at").values_list("pk", flat=True)[:100])
    for refund_id in refund_ids:
        try:
            send_refund(refund_id=refund_id)
        except Exception:  # one refund must not keep the others from being sent
            logger.exception("Refund %s was not sent", refund_id)
    return len(refund_ids)


def _claim(refund_id: UUID) -> Refund | None:
    now = timezone.now()
    free = Q(leased_until=None) | Q(leased_until__lte=now)
    claimed = Refund.objects.filter(
        free, pk=refund_id, status=RefundState.PENDING, gateway_refund_id=None
    ).update(leased_until=now + LEASE, attempts=F("attempts") + 1)
    if not claimed:
        return None
    return Refund.objects.select_related("payment").get(pk=refund_id)


def _found_again(gateway: Gateway, refund: Refund) -> RefundNews | None:
    """Look for a refund whose answer was lost: the gateway forgets keys, but no refunds."""
    if refund.attempts < 2:
        return None
    made = gateway.refunds_of(refund.payment)
    return next((news for news in made if news.receipt == str(refund.pk)), None)


@retried
@transaction.atomic
def _note_failure(refund_id: UUID, error: GatewayError) -> None:
    """Fail a refund that was refused; try one without an answer again after a growing pause."""
    _, payment = lock_payment(Refund.objects.get(pk=refund_id).payment_id)
    refund = payment.refunds.select_for_update().get(pk=refund_id)
    if refund.status != RefundState.PENDING or refund.gateway_refund_id:
        return  # a webhook was quicker
    if not error.is_retryable:
        fail_refund(payment, refund, error.message)
        return
    pause = min(timedelta(seconds=30) * 2 ** min(refund.attempts, 16), LONGEST_PAUSE)
    refund.next_attempt_at = timezone.now() + pause
    refund.leased_until = None
    refund.error = error.message[:255]
    refund.save()
    if refund.attempts >= PATIENCE:
        ask_for_person(payment, f"A refund was tried {refund.attempts} times without an answer.")
