"""Sending again what was sent, given up, or missed while an endpoint was off."""

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from accounts.services.auditing import record
from config.errors import NotFound
from config.transactions import retried

from ..errors import EndpointOff
from ..models import DeliveryState, EventRecord, WebhookDelivery, WebhookEndpoint
from .deliveries import TRIED_FOR

_BATCH = 500


@retried
@transaction.atomic
def redeliver(*, delivery_id: UUID) -> WebhookDelivery:
    """Put a delivery back into the queue, with a new day of tries; one that waits goes at once."""
    row = WebhookDelivery.objects.filter(pk=delivery_id).first()
    if row is None:
        raise NotFound()
    _lock_active(row.endpoint_id)
    _queue_again(WebhookDelivery.objects.filter(pk=delivery_id))
    record(row, "sent_again")
    return WebhookDelivery.objects.select_related("event").get(pk=delivery_id)


def replay(*, endpoint_id: UUID, since: datetime, until: datetime) -> int:
    """Send an endpoint every event it asks for of a time, also those it missed; return how many."""
    endpoint = WebhookEndpoint.objects.filter(pk=endpoint_id).first()
    if endpoint is None:
        raise NotFound()
    events = EventRecord.objects.filter(
        type__in=endpoint.events, created_at__range=(since, until), position__isnull=False
    )
    replayed, last = 0, 0
    keys = events.order_by("pk").values_list("pk", flat=True)
    while ids := list(keys.filter(pk__gt=last)[:_BATCH]):
        _replay_batch(endpoint_id, ids)
        replayed, last = replayed + len(ids), ids[-1]
    if replayed:
        record(endpoint, "events_sent_again", {"events": [None, replayed]})
    return replayed


@retried
@transaction.atomic
def _replay_batch(endpoint_id: UUID, event_ids: list[int]) -> None:
    _lock_active(endpoint_id)
    there = WebhookDelivery.objects.filter(endpoint_id=endpoint_id, event_id__in=event_ids)
    known = set(there.values_list("event_id", flat=True))
    _queue_again(there)
    give_up_at = timezone.now() + TRIED_FOR
    WebhookDelivery.objects.bulk_create(
        WebhookDelivery(endpoint_id=endpoint_id, event_id=pk, give_up_at=give_up_at)
        for pk in event_ids
        if pk not in known
    )


def _queue_again(rows: QuerySet[WebhookDelivery]) -> None:
    now = timezone.now()
    rows.filter(status=DeliveryState.PENDING).update(next_attempt_at=now)
    rows.exclude(status=DeliveryState.PENDING).update(
        status=DeliveryState.PENDING,
        attempts=0,
        next_attempt_at=now,
        give_up_at=now + TRIED_FOR,
        leased_until=None,
    )


def _lock_active(endpoint_id: UUID) -> None:
    endpoint = WebhookEndpoint.objects.select_for_update().filter(pk=endpoint_id).first()
    if endpoint is None:
        raise NotFound()
    if not endpoint.is_active:
        raise EndpointOff()
    if endpoint.paused_until:  # whoever sends again by hand does not wait
        WebhookEndpoint.objects.filter(pk=endpoint_id).update(paused_until=None)
