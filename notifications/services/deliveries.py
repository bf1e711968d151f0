"""Webhooks on their way: rows made as events are numbered, sent by a sweep, kept as the log."""

import json
import logging
from collections import Counter
from collections.abc import Iterable
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from datetime import datetime, timedelta
from time import monotonic
from typing import Any
from uuid import UUID, uuid4

from django.db import DatabaseError
from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet
from django.utils import timezone

from config.errors import ServiceUnavailable
from config.transactions import retried

from ..models import DeliveryState, EventRecord, WebhookDelivery, WebhookEndpoint
from .endpoints import secret_of, switch_off
from .outbox import PAUSES
from .sending import Outcome, post

logger = logging.getLogger(__name__)

# Longer than one try may take, with a slow name server before it.
LEASE = timedelta(seconds=60)
LONGEST_WAIT = timedelta(hours=6)
TRIED_FOR = timedelta(hours=24)
# The last try of a delivery comes 23 hours and 53 minutes after its first.
SWITCHED_OFF_AFTER = timedelta(hours=23)
# How many tries are under way at once: of a sweep, to one endpoint, and to one that fails.
MOST_AT_ONCE = 32
MOST_AN_ENDPOINT = 4
MOST_WHILE_FAILING = 1
# How long one sweep goes on taking more: a worker has other things to do.
SWEEP_SECONDS = 20.0
_BATCH = 500


def queue_deliveries(*, events: Iterable[EventRecord]) -> None:
    """Write a delivery of each event for each endpoint that asks for its type."""
    endpoints = list(WebhookEndpoint.objects.filter(is_active=True))
    give_up_at = timezone.now() + TRIED_FOR
    rows = [
        WebhookDelivery(endpoint=endpoint, event=event, give_up_at=give_up_at)
        for event in events
        for endpoint in endpoints
        if event.type in endpoint.events
    ]
    WebhookDelivery.objects.bulk_create(rows, batch_size=_BATCH)


def deliver_due() -> int:
    """Send the webhooks that are due, many at a time; return how many were tried.

    The threads only talk to receivers; this one talks to the database. An endpoint that is slow
    holds its own few tries, and the others go on beside it.
    """
    deadline = monotonic() + SWEEP_SECONDS
    running: dict[Future[Outcome], WebhookDelivery] = {}
    tried = 0
    with ThreadPoolExecutor(MOST_AT_ONCE) as pool:
        while True:
            if monotonic() < deadline:
                for delivery in _claim_due(room=MOST_AT_ONCE - len(running)):
                    running[pool.submit(_send, delivery)] = delivery
            if not running:
                return tried
            done, _ = wait(running, return_when=FIRST_COMPLETED)
            for future in done:
                _record(running.pop(future), future.result())
                tried += 1


def send_test(*, endpoint: WebhookEndpoint) -> Outcome:
    """Send a signed event of the type `ping`, now and once, and tell what came of it."""
    event = EventRecord(event_id=uuid4(), type="ping", data={}, created_at=timezone.now())
    return _post(endpoint, event, {})


def _claim_due(*, room: int) -> list[WebhookDelivery]:
    """Take what is due, oldest first, as far as there is room for each endpoint."""
    now = timezone.now()
    due = _due(now)
    if room <= 0 or not due.exists():
        return []
    waiting = WebhookEndpoint.objects.filter(
        Q(paused_until=None) | Q(paused_until__lte=now),
        Exists(due.filter(endpoint=OuterRef("pk"))),
        is_active=True,
    )
    busy = _tries_under_way(now)
    claimed: list[WebhookDelivery] = []
    for endpoint in waiting.order_by("?"):  # so that none is always the last
        most = MOST_WHILE_FAILING if endpoint.failing_since else MOST_AN_ENDPOINT
        free = min(most - busy[endpoint.pk], room - len(claimed))
        if free > 0:
            ids = due.filter(endpoint=endpoint).order_by("next_attempt_at").values_list("pk")
            claimed += [row for (pk,) in ids[:free] if (row := _claim(pk, now))]
    return claimed


def _due(now: datetime) -> QuerySet[WebhookDelivery]:
    is_free = Q(leased_until=None) | Q(leased_until__lt=now)
    return WebhookDelivery.objects.filter(
        is_free, status=DeliveryState.PENDING, next_attempt_at__lte=now
    )


def _tries_under_way(now: datetime) -> Counter[UUID]:
    """Count the tries to each endpoint, those of other processes too."""
    leased = WebhookDelivery.objects.filter(leased_until__gte=now).order_by()
    counts = leased.values("endpoint").annotate(number=Count("pk"))
    return Counter(dict(counts.values_list("endpoint", "number")))


@retried
def _claim(delivery_id: UUID, now: datetime) -> WebhookDelivery | None:
    lease = {"leased_until": timezone.now() + LEASE, "attempts": F("attempts") + 1}
    if not _due(now).filter(pk=delivery_id).update(**lease):
        return None
    return WebhookDelivery.objects.select_related("endpoint", "event").get(pk=delivery_id)


def _send(delivery: WebhookDelivery) -> Outcome:
    try:
        return _post(delivery.endpoint, delivery.event, {"X-Storefront-Delivery": str(delivery.pk)})
    except Exception as error:
        logger.exception("Webhook %s could not be sent", delivery.pk)
        return Outcome(False, 0, error=f"{type(error).__name__}: {error}"[:255])


def _post(endpoint: WebhookEndpoint, event: EventRecord, headers: dict[str, str]) -> Outcome:
    body = json.dumps(event.payload, ensure_ascii=False, separators=(",", ":")).encode()
    headers = {"X-Storefront-Event": event.type, **headers}
    return post(url=endpoint.url, secret=secret_of(endpoint), body=body, headers=headers)


def _record(delivery: WebhookDelivery, outcome: Outcome) -> None:
    """Write down a try; what cannot be written is tried again when its lease is over."""
    log = {
        "response_status": outcome.status,
        "response": outcome.excerpt,
        "latency_ms": outcome.latency_ms,
        "error": outcome.error,
        "leased_until": None,
    }
    try:
        if outcome.is_accepted:
            _record_success(delivery, log)
        else:
            _record_failure(delivery, outcome, log)
    except (DatabaseError, ServiceUnavailable):
        logger.exception("The end of webhook %s could not be written", delivery.pk)


@retried
def _record_success(delivery: WebhookDelivery, log: dict[str, Any]) -> None:
    WebhookDelivery.objects.filter(pk=delivery.pk, status=DeliveryState.PENDING).update(
        status=DeliveryState.DELIVERED, delivered_at=timezone.now(), **log
    )
    failing = WebhookEndpoint.objects.filter(pk=delivery.endpoint_id, failing_since__isnull=False)
    failing.update(failing_since=None)


@retried
def _record_failure(delivery: WebhookDelivery, outcome: Outcome, log: dict[str, Any]) -> None:
    now = timezone.now()
    again_at = _next_try(delivery, outcome, now)
    if again_at is None:
        log |= {"status": DeliveryState.GIVEN_UP}
        logger.error("Webhook %s is given up: %s", delivery.pk, outcome.error)
    else:
        log |= {"next_attempt_at": again_at}
    # A later try may have succeeded meanwhile.
    WebhookDelivery.objects.filter(
        pk=delivery.pk, status=DeliveryState.PENDING, attempts=delivery.attempts
    ).update(**log)
    if asked := _pause_of(outcome):
        WebhookEndpoint.objects.filter(pk=delivery.endpoint_id).update(paused_until=now + asked)
    endpoint = WebhookEndpoint.objects.filter(pk=delivery.endpoint_id, failing_since=None)
    if not endpoint.update(failing_since=now):
        switch_off(endpoint_id=delivery.endpoint_id, failing_before=now - SWITCHED_OFF_AFTER)


def _next_try(delivery: WebhookDelivery, outcome: Outcome, now: datetime) -> datetime | None:
    """Return when to try again: later where the receiver asks for it, None when the day is over."""
    if delivery.attempts > len(PAUSES):
        return None
    again_at = now + max(PAUSES[delivery.attempts - 1], _pause_of(outcome))
    return again_at if again_at <= delivery.give_up_at else None


def _pause_of(outcome: Outcome) -> timedelta:
    """Return for how long a receiver asks to be left alone, with whatever it is."""
    return min(timedelta(seconds=outcome.retry_after or 0), LONGEST_WAIT)
