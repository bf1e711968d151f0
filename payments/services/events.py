"""Handling what webhooks told: a worker does it, each event once."""

import logging
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from accounts.services.auditing import audited, record
from config.transactions import retried

from ..errors import EventRefused
from ..gateways import gateway_for
from ..gateways.base import Event
from ..models import EventState, GatewayEvent, Payment
from .ask import ask_gateway
from .settle import settle
from .settle_refunds import note_dispute, settle_refund

logger = logging.getLogger(__name__)

LEASE = timedelta(seconds=60)
FIRST_PAUSE = timedelta(seconds=15)
LONGEST_PAUSE = timedelta(hours=6)
ATTEMPTS = 10


def handle_event(*, event_id: int) -> None:
    """Do what an event calls for, unless it is done or somebody is at it; a failure waits."""
    event = _claim(event_id)
    if event is None:
        return
    try:
        _handle(event)
    except Exception as error:
        logger.exception("Event %s of %s was not handled", event.pk, event.gateway)
        _postpone(event, error)
        return
    _update(event, status=EventState.HANDLED, handled_at=timezone.now(), error="")


def handle_pending_events() -> int:
    """Handle every event that is due; return how many were looked at."""
    due = GatewayEvent.objects.filter(
        status=EventState.RECEIVED, next_attempt_at__lte=timezone.now()
    )
    event_ids = list(due.order_by("next_attempt_at", "pk").values_list("pk", flat=True)[:200])
    for event_id in event_ids:
        handle_event(event_id=event_id)
    return len(event_ids)


@retried
@transaction.atomic
@audited()
def queue_again(*, event_ids: list[int]) -> int:
    """Put events back into the queue, but none unsigned or without its body; return how many.

    What was settled is not settled twice.
    """
    whole = GatewayEvent.objects.filter(pk__in=event_ids).exclude(body="")
    signed = whole.exclude(status=EventState.REFUSED)
    for event in signed.only("event_id").order_by("pk"):
        record(event, "handled_again")
    return signed.update(
        status=EventState.RECEIVED,
        attempts=0,
        next_attempt_at=timezone.now(),
        leased_until=None,
    )


def handle_again(*, event_id: int) -> GatewayEvent:
    """Handle an event once more, now, or raise EventRefused where it cannot be."""
    if not queue_again(event_ids=[event_id]):
        raise EventRefused()
    handle_event(event_id=event_id)
    return GatewayEvent.objects.get(pk=event_id)


def _claim(event_id: int) -> GatewayEvent | None:
    now = timezone.now()
    free = Q(leased_until=None) | Q(leased_until__lte=now)
    rows = GatewayEvent.objects.filter(free, pk=event_id, status=EventState.RECEIVED)
    if not rows.update(leased_until=now + LEASE, attempts=F("attempts") + 1):
        return None
    return GatewayEvent.objects.get(pk=event_id)


def _handle(event: GatewayEvent) -> None:
    content = gateway_for(event.gateway).read_event(event.body.encode())
    event.kind = content.kind.replace("\x00", "").encode(errors="replace").decode()[:64]
    event.payment = _payment_of(event.gateway, content)
    if content.ask_about:
        _ask_about(event.gateway, content.ask_about)
    if content.payment:
        settle(event.gateway, content.payment)
    if content.refund:
        settle_refund(event.gateway, content.refund)
    if content.dispute:
        note_dispute(event.gateway, content.dispute)


def _payment_of(gateway_id: str, content: Event) -> Payment | None:
    """Find the payment that staff should look at with an event, if it speaks of one of ours."""
    parts = [part for part in (content.payment, content.refund, content.dispute) if part]
    payment_ids = [part.gateway_payment_id for part in parts]
    order_ids = [content.payment.gateway_order_id] if content.payment else []
    order_ids = [name for name in (*order_ids, content.ask_about) if name]
    known = Q(gateway_payment_id__in=payment_ids) | _of_order(order_ids)
    return Payment.objects.filter(known, gateway=gateway_id).first()


def _ask_about(gateway_id: str, gateway_order_id: str) -> None:
    rows = Payment.objects.filter(_of_order([gateway_order_id]), gateway=gateway_id)
    for payment in rows:
        ask_gateway(payment_id=payment.pk)


def _of_order(gateway_order_ids: list[str]) -> Q:
    return Q(gateway_order_id__in=gateway_order_ids) | Q(receipt__in=gateway_order_ids)


def _postpone(event: GatewayEvent, error: Exception) -> None:
    is_last = event.attempts >= ATTEMPTS
    pause = min(FIRST_PAUSE * 2**event.attempts, LONGEST_PAUSE)
    _update(
        event,
        status=EventState.FAILED if is_last else EventState.RECEIVED,
        error=(str(error) or type(error).__name__)[:255],
        next_attempt_at=timezone.now() + pause,
    )


def _update(event: GatewayEvent, **fields: Any) -> None:  # noqa: ANN401
    """Record the end of an attempt, if the event is still this attempt's."""
    rows = GatewayEvent.objects.filter(pk=event.pk, attempts=event.attempts)
    known = {"kind": event.kind, "payment": event.payment}
    rows.update(leased_until=None, **known, **fields)
