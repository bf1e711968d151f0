"""What gateways say of refunds and disputes becomes true here, whoever brings the news."""

from datetime import timedelta
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from config.events import emit
from config.transactions import retried
from orders.models import Order
from orders.services.lifecycle import record_refund

from .. import signals
from ..gateways.base import DisputeNews, RefundNews, RefundNewsState
from ..models import Payment, PaymentState, Refund, RefundState
from .causes import return_of
from .locked import ask_for_person, lock_payment

FIRST_QUESTION_AFTER = timedelta(minutes=5)


@retried
@transaction.atomic
def settle_refund(gateway_id: str, news: RefundNews) -> Refund | None:
    """Apply news of a refund; one that nobody here began is recorded, what is done stays done."""
    found = _payment_of(gateway_id, news.gateway_payment_id)
    if found is None:
        return None
    order, payment = lock_payment(found.pk)
    refund = _our_row(payment, news)
    if refund is None:
        if _exceeds(payment, news):
            return None
        refund = _record_unknown(payment, news)
    elif news.amount != refund.amount or news.currency != payment.currency:
        ask_for_person(payment, f"Refund {news.gateway_refund_id} is of {news.amount}.")
        return refund
    if refund.gateway_refund_id is None:
        _expect_news(payment)
    refund.gateway_refund_id = news.gateway_refund_id
    refund.leased_until = None
    refund.save()
    if news.task:
        ask_for_person(payment, news.task)
    if news.state == RefundNewsState.PROCESSED and refund.status != RefundState.PROCESSED:
        _finish(order, payment, refund)
    if news.state == RefundNewsState.FAILED and refund.status == RefundState.PENDING:
        fail_refund(payment, refund, "The gateway could not send the money back.")
    elif news.state == RefundNewsState.FAILED and refund.status == RefundState.PROCESSED:
        ask_for_person(payment, f"Refund {news.gateway_refund_id} came back after it was done.")
    return refund


def fail_refund(payment: Payment, refund: Refund, why: str) -> None:
    """End a refund of a locked payment that did not happen; staff must see to the money."""
    refund.status = RefundState.FAILED
    refund.error = why[:255]
    refund.leased_until = None
    refund.save()
    ask_for_person(payment, f"A refund of {refund.amount.normalize():f} failed: {why}")


@retried
@transaction.atomic
def note_dispute(gateway_id: str, news: DisputeNews) -> None:
    """Ask staff to look at a disputed payment; what is due they do at the gateway."""
    found = _payment_of(gateway_id, news.gateway_payment_id)
    if found is not None:
        _, payment = lock_payment(found.pk)
        ask_for_person(payment, news.summary)


def _payment_of(gateway_id: str, gateway_payment_id: str) -> Payment | None:
    rows = Payment.objects.filter(gateway=gateway_id, gateway_payment_id=gateway_payment_id)
    return rows.first()


def _our_row(payment: Payment, news: RefundNews) -> Refund | None:
    """Find the row by the gateway's id or, where our answer is still out, by the receipt."""
    rows = payment.refunds.select_for_update()
    known = rows.filter(gateway_refund_id=news.gateway_refund_id).first()
    return known or _by_receipt(payment, news.receipt)


def _by_receipt(payment: Payment, receipt: str) -> Refund | None:
    try:
        pk = UUID(receipt)
    except ValueError:
        return None
    return payment.refunds.select_for_update().filter(pk=pk, gateway_refund_id=None).first()


def _exceeds(payment: Payment, news: RefundNews) -> bool:
    """Tell whether money that we never counted went back: that is for a person to judge."""
    if news.amount <= payment.amount_captured - payment.amount_refunded:
        return False
    if payment.is_captured:
        ask_for_person(payment, f"Refund {news.gateway_refund_id} is more than what is left.")
    return True


def _record_unknown(payment: Payment, news: RefundNews) -> Refund:
    return Refund.objects.create(
        payment=payment,
        amount=news.amount,
        reason="Begun at the gateway.",
        cause=f"gateway:{news.gateway_refund_id}",
        status=RefundState.PENDING,
    )


def _expect_news(payment: Payment) -> None:
    """Let reconciliation ask soon how a refund went that has just begun."""
    payment.next_ask_at = timezone.now() + FIRST_QUESTION_AFTER
    payment.save(update_fields=["next_ask_at", "updated_at"])


def _finish(order: Order, payment: Payment, refund: Refund) -> None:
    if payment.amount_refunded + refund.amount > payment.amount_captured:
        ask_for_person(payment, f"Refund {refund.gateway_refund_id} is more than what is left.")
        return
    refund.status = RefundState.PROCESSED
    refund.error = ""
    refund.save()
    payment.amount_refunded += refund.amount
    is_all = payment.amount_refunded == payment.amount_captured
    payment.status = PaymentState.REFUNDED if is_all else PaymentState.PARTIALLY_REFUNDED
    payment.save()
    if not payment.is_surplus:
        record_refund(order, refund.amount, return_of(refund.cause))
    emit(signals.payment_refunded, refund_id=refund.pk)
