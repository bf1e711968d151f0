"""The inbox of webhooks: stored first, handled by a worker, each event once."""

import hashlib
import logging
from datetime import timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import F, Q
from django.utils import timezone

from ..gateways import gateway_for
from ..models import EventState, GatewayEvent, Payment
from .ask import ask_gateway
from .settle import settle
from .settle_refunds import note_dispute, settle_refund

logger = logging.getLogger(__name__)

LEASE = timedelta(seconds=60)
FIRST_PAUSE = timedelta(seconds=15)
LONGEST_PAUSE = timedelta(hours=6)
ATTEMPTS = 10


def store_event(*, gateway_id: str, event_id: str, body: bytes) -> GatewayEvent | None:
    """Keep a signed event, or return None where it is there already.

    An event without an id, or with one that does not fit, is known by its body.
    """
    if not 0 < len(event_id) <= 128:
        event_id = f"sha256:{hashlib.sha256(body).hexdigest()}"
    text = body.decode(errors="replace").replace("\x00", "")
    try:
        with transaction.atomic():
            return GatewayEvent.objects.create(gateway=gateway_id, event_id=event_id, body=text)
    except IntegrityError:
        return None


def handle_event(*, event_id: int) -> None:
    """Do what an event calls for, unless it is done or somebody is at it; a failure waits."""
    event = _claim(event_id)
    if event is None:
        return
    try:
        kind = _handle(event)
    except Exception as error:
        logger.exception("Event %s of %s was not handled", event.pk, event.gateway)
        _postpone(event, error)
        return
    _update(event, status=EventState.HANDLED, handled_at=timezone.now(), kind=kind, error="")


def handle_pending_events() -> int:
    """Handle every event that is due; return how many were looked at."""
    due = GatewayEvent.objects.filter(
        status=EventState.RECEIVED, next_attempt_at__lte=timezone.now()
    )
    event_ids = list(due.order_by("next_attempt_at", "pk").values_list("pk", flat=True)[:200])
    for event_id in event_ids:
        handle_event(event_id=event_id)
    return len(event_ids)


def handle_again(*, event_id: int) -> None:
    """Put an event back into the queue; what was settled is not settled twice."""
    GatewayEvent.objects.filter(pk=event_id).update(
        status=EventState.RECEIVED,
        attempts=0,
        next_attempt_at=timezone.now(),
        leased_until=None,
    )
    handle_event(event_id=event_id)


def _claim(event_id: int) -> GatewayEvent | None:
    now = timezone.now()
    free = Q(leased_until=None) | Q(leased_until__lte=now)
    rows = GatewayEvent.objects.filter(free, pk=event_id, status=EventState.RECEIVED)
    if not rows.update(leased_until=now + LEASE, attempts=F("attempts") + 1):
        return None
    return GatewayEvent.objects.get(pk=event_id)


def _handle(event: GatewayEvent) -> str:
    content = gateway_for(event.gateway).read_event(event.body.encode())
    if content.ask_about:
        _ask_about(event.gateway, content.ask_about)
    if content.payment:
        settle(event.gateway, content.payment)
    if content.refund:
        settle_refund(event.gateway, content.refund)
    if content.dispute:
        note_dispute(event.gateway, content.dispute)
    return content.kind[:64]


def _ask_about(gateway_id: str, gateway_order_id: str) -> None:
    known = Q(gateway_order_id=gateway_order_id) | Q(receipt=gateway_order_id)
    for payment in Payment.objects.filter(known, gateway=gateway_id):
        ask_gateway(payment_id=payment.pk)


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
    rows.update(leased_until=None, **fields)
