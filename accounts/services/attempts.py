"""Counting what somebody may try only so often, exactly, also for twins at the same moment."""

import hashlib
from datetime import timedelta

from django.db.models import F
from django.utils import timezone

from config.transactions import retried

from ..models import AttemptCounter


def key_of(*parts: str) -> str:
    """Return the hash under which attempts of this scope and identifier are counted."""
    return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()


@retried
def count_attempt(*, key: str, limit: int, period: timedelta) -> timedelta | None:
    """Count one attempt and return None, or count nothing and return how long to wait."""
    counter = AttemptCounter.objects.filter(key_hash=key)
    while True:  # each round that ends here lost to another attempt, which was counted
        now = timezone.now()
        # The UPDATE both decides and counts: what reads first lets parallel guesses pass.
        if counter.filter(window_ends_at__gt=now, count__lt=limit).update(count=F("count") + 1):
            return None
        ends_at = now + period
        if counter.filter(window_ends_at__lte=now).update(count=1, window_ends_at=ends_at):
            return None
        row, created = AttemptCounter.objects.get_or_create(
            key_hash=key, defaults={"count": 1, "window_ends_at": ends_at}
        )
        if created:
            return None
        if row.count >= limit and row.window_ends_at > now:
            return row.window_ends_at - now


def give_back(*, key: str) -> None:
    """Take back an attempt that turned out to be no guess."""
    AttemptCounter.objects.filter(key_hash=key, count__gt=0).update(count=F("count") - 1)


def delete_ended_windows() -> int:
    """Delete counters whose window has ended; return how many."""
    deleted, _ = AttemptCounter.objects.filter(window_ends_at__lte=timezone.now()).delete()
    return deleted
