"""The words of the catalogue: how many products have each, counted a moment after they change."""

from collections import Counter, defaultdict
from collections.abc import Mapping
from datetime import timedelta

from django.db import connection, transaction
from django.db.models import Case, F, When
from django.utils import timezone

from config.importing import batched
from config.transactions import retried

from ..models import SearchDocument, SearchRecount, SearchWord
from .documents import COLUMNS
from .samples import SAMPLE_WORDS

_PRODUCTS, _WORDS = 250, 1000
# The row of no product: while it is fresh all words are counted anew, and nobody else counts.
HOLD, _HELD_FOR = 0, timedelta(minutes=10)
_UPSERT = {
    "add": {
        "mysql": "ON DUPLICATE KEY UPDATE frequency = frequency + VALUES(frequency)",
        "others": """ON CONFLICT (word) DO UPDATE
            SET frequency = catalog_searchword.frequency + excluded.frequency""",
    },
    "set": {
        "mysql": "ON DUPLICATE KEY UPDATE frequency = VALUES(frequency)",
        "others": """ON CONFLICT (word) DO UPDATE SET frequency = excluded.frequency
            WHERE catalog_searchword.frequency <> excluded.frequency""",
    },
}


def count_new_words() -> int:
    """Count the words of all products that changed; return how many products these were."""
    total = 0
    while counted := _count_batch():
        total += counted
    return total


@retried
@transaction.atomic
def _count_batch() -> int:
    pending = list(SearchRecount.objects.select_for_update().order_by("product_id")[:_PRODUCTS])
    if any(row.pk == HOLD and row.changed_at > timezone.now() - _HELD_FOR for row in pending):
        return 0
    rows = SearchDocument.objects.filter(pk__in=[row.pk for row in pending])
    documents = {pk: " ".join(texts) for pk, *texts in rows.values_list("pk", *COLUMNS)}
    change: Counter[str] = Counter()
    for row in pending:
        before, now = words_in(row.counted), words_in(documents.get(row.pk, ""))
        change.update(now - before)
        change.subtract(before - now)
    _add_to_counts(change)
    SearchRecount.objects.filter(pk__in=[row.pk for row in pending]).delete()
    return len(pending)


def words_in(document: str) -> set[str]:
    """Return the words of a document that are counted."""
    return set(document.split()).difference(SAMPLE_WORDS)


def _add_to_counts(change: Mapping[str, int]) -> None:
    """Add to the frequencies of words, and enter those that are new."""
    _upsert({word: number for word, number in change.items() if number > 0}, "add")
    fewer = defaultdict(list)
    for word in sorted(change):
        if change[word] < 0:
            fewer[-change[word]].append(word)
    for number, words in fewer.items():
        for part in batched(words, _WORDS):
            # Compared first, because a count below zero would be an error.
            left = Case(When(frequency__gt=number, then=F("frequency") - number), default=0)
            SearchWord.objects.filter(word__in=part).update(frequency=left)


@retried
@transaction.atomic
def set_counts(counts: Mapping[str, int]) -> None:
    """Set the frequencies of words where they are others."""
    _upsert(counts, "set")


def _upsert(counts: Mapping[str, int], way: str) -> None:
    # In the order of the words: two workers then wait for each other instead of dying.
    clause = _UPSERT[way].get(connection.vendor) or _UPSERT[way]["others"]
    for words in batched(sorted(counts), _WORDS):
        marks = ", ".join(["(%s, %s)"] * len(words))
        sql = f"INSERT INTO catalog_searchword (word, frequency) VALUES {marks} {clause}"  # noqa: S608
        with connection.cursor() as cursor:
            cursor.execute(sql, [value for word in words for value in (word, counts[word])])
