"""The words of the catalogue: how many products have each, and under which keys it is found."""

from collections import Counter
from collections.abc import Container, Mapping

from django.db import transaction

from config.importing import batched
from config.transactions import retried
from config.upserts import upsert

from ..models import SearchDocument, SearchRecount, SearchSpelling, SearchWord
from .spelling import is_spelt, spelling_keys

_PRODUCTS, _WORDS = 250, 1000


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
    documents = SearchDocument.objects.in_bulk([row.product_id for row in pending])
    change: Counter[str] = Counter()
    for row in pending:
        document = documents.get(row.product_id)
        before, now = set(row.counted.split()), document.words() if document else set()
        change.update(now - before)
        change.subtract(before - now)
    add_to_counts({word: number for word, number in change.items() if number})
    SearchRecount.objects.filter(pk__in=[row.pk for row in pending]).delete()
    return len(pending)


def add_to_counts(change: Mapping[str, int]) -> None:
    """Add to the frequencies of words, and enter those that are new."""
    # In the order of the words: two workers then wait for each other instead of dying.
    for words in batched(sorted(change), _WORDS):
        rows = SearchWord.objects.select_for_update().filter(word__in=words).order_by("word")
        known = dict(rows.values_list("word", "frequency"))
        _write({word: max(known.get(word, 0) + change[word], 0) for word in words}, known)


def set_counts(counts: Mapping[str, int]) -> None:
    """Set the frequencies of words where they are others, a part at a time."""
    for words in batched(sorted(counts), _WORDS):
        _set_counts({word: counts[word] for word in words})


@retried
@transaction.atomic
def _set_counts(counts: dict[str, int]) -> None:
    rows = SearchWord.objects.select_for_update().filter(word__in=counts).order_by("word")
    known = dict(rows.values_list("word", "frequency"))
    _write({word: n for word, n in counts.items() if known.get(word) != n}, known)


def _write(counts: dict[str, int], known: Container[str]) -> None:
    rows = [SearchWord(word=word, frequency=counts[word]) for word in counts]
    upsert(SearchWord, rows, ["frequency"], key="word")
    new = [word for word in counts if word not in known and is_spelt(word)]
    # Read again, because a bulk insert that may meet conflicts gives no keys back.
    keys = SearchWord.objects.filter(word__in=new).values_list("pk", "word")
    SearchSpelling.objects.bulk_create(
        (SearchSpelling(word_id=pk, key=key) for pk, word in keys for key in spelling_keys(word)),
        ignore_conflicts=True,
        batch_size=5000,
    )
