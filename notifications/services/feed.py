"""The feed of everything that happened: numbered after the commit, read by number."""

from collections.abc import Sequence
from datetime import timedelta
from itertools import groupby

from django.conf import settings
from django.db import transaction
from django.db.models import F, QuerySet
from django.utils import timezone

from config.transactions import retried

from ..models import EventRecord, FeedHead
from .deliveries import queue_deliveries

_BATCH = 500
# How many one call numbers at most: a reader waits for it.
MOST_AT_ONCE = 5000


def number_events() -> int:
    """Give committed events their place in the feed and in the webhooks; return how many.

    Whoever holds the head's lock sees every event that is committed by then, and only the next
    holder goes on: no event is ever given a place before one that a reader may have read.
    """
    numbered = 0
    while numbered < MOST_AT_ONCE and EventRecord.objects.filter(position=None).exists():
        FeedHead.objects.get_or_create(pk=1)  # committed by itself, before anybody locks it
        numbered += _number_batch()
    return numbered


def read_feed(*, after: int, event_type: str | None, limit: int) -> Sequence[EventRecord]:
    """Return the events behind a place, oldest first."""
    events: QuerySet[EventRecord] = EventRecord.objects.filter(position__gt=after)
    if event_type:
        events = events.filter(type=event_type)
    return list(events.order_by("position")[:limit])


def delete_old_events() -> int:
    """Delete events, and their deliveries, that are older than they are kept; return how many."""
    if not settings.EVENT_RETENTION_DAYS:
        return 0
    kept_from = timezone.now() - timedelta(days=settings.EVENT_RETENTION_DAYS)
    deleted = 0
    while True:
        oldest = EventRecord.objects.exclude(position=None).order_by("position")
        rows = list(oldest.values_list("pk", "created_at")[:_BATCH])
        ids = [pk for pk, created_at in rows if created_at < kept_from]
        if not ids:
            return deleted
        EventRecord.objects.filter(pk__in=ids).delete()
        deleted += len(ids)


@retried
@transaction.atomic
def _number_batch() -> int:
    head = FeedHead.objects.select_for_update().get(pk=1)
    waiting = EventRecord.objects.filter(position=None).only("type").order_by("pk")
    events = list(waiting[:_BATCH])
    _set_positions([event.pk for event in events], first=head.last + 1)
    head.last += len(events)
    head.save(update_fields=["last"])
    queue_deliveries(events=events)
    return len(events)


def _set_positions(keys: list[int], *, first: int) -> None:
    """Give keys their numbers from the first on: one statement for each unbroken run of keys."""
    numbered = enumerate(keys, start=first)
    for offset, pairs in groupby(numbered, key=lambda pair: pair[0] - pair[1]):
        run = [key for _, key in pairs]
        rows = EventRecord.objects.filter(pk__range=(run[0], run[-1]))
        rows.update(position=F("pk") + offset)
