"""What people search: counted by day and text, without who searched."""

import re
import unicodedata
from collections.abc import Iterable
from datetime import date, timedelta
from hashlib import blake2b
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Count, F, Min, Sum
from django.utils import timezone

from accounts.services.auditing import audited, record
from config.bulk import delete_rows
from config.importing import batched
from config.tallies import Sums, Tally
from config.transactions import retried

from ..models import SearchedQuery, SuggestedQuery

# A text is suggested to others when it was lately searched on so many days, so often, ...
LATELY = timedelta(days=90)
SUGGESTED_DAYS = 3
SUGGESTED_TIMES = 5
MAX_SUGGESTED = 5_000  # ... and is among so many.
_BATCH = 200

# E-mail addresses; telephone and card numbers, however they are grouped.
_PERSONAL = re.compile(r"\S@\S|\d(?:[\s().+/-]*\d){8}")


def record_search(*, text: str, taken_as: str = "", is_empty: bool = False) -> None:
    """Count a search of today, but not of a text that looks like a person's own data."""
    if key := _recordable(text):
        searches.add((*key, normalised(taken_as)), times=1, times_empty=int(is_empty))


def record_click(*, text: str) -> None:
    """Count that somebody opened a product that a search showed."""
    if key := _recordable(text):
        searches.add((*key, ""), clicks=1)


def normalised(text: str) -> str:
    """Return a text as it is counted: in small letters, without needless spaces, not too long."""
    plain = "".join(
        sign if sign.isprintable() else " " for sign in unicodedata.normalize("NFKC", text)
    )
    return " ".join(plain.lower().split())[: SearchedQuery.TEXT_LENGTH].strip()


def _recordable(text: str) -> tuple[date, str] | None:
    plain = normalised(text)
    if not plain or _PERSONAL.search(unicodedata.normalize("NFKC", text)):
        return None
    return timezone.localdate(), plain


def _write(sums: Sums) -> None:
    for keys in batched(sorted(sums), _BATCH):
        _write_batch({key: sums[key] for key in keys})


@retried
@transaction.atomic
def _write_batch(sums: Sums) -> None:
    # In one order, so that two processes do not wait for each other.
    rows = sorted(sums.items(), key=_place)
    SearchedQuery.objects.bulk_create(
        (SearchedQuery(day=day, key=_key_of(text), text=text) for (day, text, _), _ in rows),
        ignore_conflicts=True,
    )
    for (day, text, taken_as), added in rows:
        changes: dict[str, Any] = {name: F(name) + amount for name, amount in added.items()}
        if taken_as:
            changes["taken_as"] = taken_as
        SearchedQuery.objects.filter(day=day, key=_key_of(text)).update(**changes)


def _place(item: tuple[tuple[date, str, str], object]) -> tuple[date, str, str]:
    (day, text, taken_as), _ = item
    return day, _key_of(text), taken_as


def _key_of(text: str) -> str:
    return blake2b(text.encode(), digest_size=16).hexdigest()


searches = Tally(_write)


def refresh_suggestions() -> int:
    """List anew what is suggested: texts of many searches that were spelt right and found much."""
    rows = (
        SearchedQuery.objects.filter(day__gt=timezone.localdate() - LATELY, taken_as="")
        .order_by()
        .values("key")
        .annotate(days=Count("pk"), sum=Sum("times"), empty=Sum("times_empty"), first=Min("text"))
        .filter(days__gte=SUGGESTED_DAYS, sum__gte=SUGGESTED_TIMES, sum__gt=F("empty") * 2)
        .order_by("-sum", "key")[:MAX_SUGGESTED]
    )
    suggested = [
        SuggestedQuery(key=row["key"], text=row["first"], times=row["sum"]) for row in rows
    ]
    _replace_suggestions(suggested)
    return len(suggested)


@retried
@transaction.atomic
def _replace_suggestions(suggested: list[SuggestedQuery]) -> None:
    SuggestedQuery.objects.filter(is_blocked=False).delete()
    # Conflicts where a text is blocked, or where two workers do the same at once.
    SuggestedQuery.objects.bulk_create(suggested, batch_size=500, ignore_conflicts=True)


@retried
@transaction.atomic
@audited()
def block_queries(*, texts: Iterable[str]) -> int:
    """Keep texts out of the suggestions for good; return how many are blocked now."""
    by_key = {_key_of(text): text for text in texts}
    SuggestedQuery.objects.bulk_create(
        (SuggestedQuery(key=key, text=by_key[key], times=0) for key in sorted(by_key)),
        ignore_conflicts=True,
    )
    rows = SuggestedQuery.objects.filter(key__in=by_key, is_blocked=False)
    for row in rows.select_for_update().order_by("pk"):
        record(row, "blocked")
    return rows.update(is_blocked=True)


@retried
@transaction.atomic
@audited()
def unblock_queries(*, texts: Iterable[str]) -> int:
    """Let texts be suggested again, once they are searched enough; return how many were blocked."""
    keys = {_key_of(text) for text in texts}
    rows = SuggestedQuery.objects.filter(key__in=keys, is_blocked=True)
    for row in rows.select_for_update().order_by("pk"):
        record(row, "unblocked")
    return rows.delete()[0]


def forget_old_queries() -> int:
    """Delete what was counted SEARCH_RETENTION_DAYS ago, 0 being never; return how many."""
    if not settings.SEARCH_RETENTION_DAYS:
        return 0
    kept_from = timezone.localdate() - timedelta(days=settings.SEARCH_RETENTION_DAYS)
    old = SearchedQuery.objects.filter(day__lte=kept_from)
    return delete_rows(old.order_by("pk"), batch=1000)
