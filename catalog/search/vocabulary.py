"""The words of the catalogue: how many products have each, and under which keys it is found."""

from collections import Counter

from django.db import connection, transaction

from config.importing import batched
from config.transactions import retried

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
    pending = list(SearchRecount.objects.select_for_update().order_by("pk")[:_PRODUCTS])
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


def add_to_counts(change: dict[str, int]) -> None:
    """Add to the frequencies of words, and enter those that are new."""
    # In the order of the words: two workers then wait for each other instead of dying.
    for words in batched(sorted(change), _WORDS):
        rows = SearchWord.objects.select_for_update().filter(word__in=words).order_by("word")
        known = dict(rows.values_list("word", "frequency"))
        SearchWord.objects.bulk_create(
            (SearchWord(word=w, frequency=max(known.get(w, 0) + change[w], 0)) for w in words),
            update_conflicts=True,
            update_fields=["frequency"],
            unique_fields=["word"] if connection.vendor != "mysql" else None,
        )
        _add_spellings([word for word in words if word not in known])


def _add_spellings(words: list[str]) -> None:
    # Read again, because a bulk insert that may meet conflicts gives no keys back.
    rows = SearchWord.objects.filter(word__in=words).values_list("pk", "word")
    SearchSpelling.objects.bulk_create(
        (
            SearchSpelling(word_id=pk, key=key)
            for pk, word in rows
            if is_spelt(word)
            for key in spelling_keys(word)
        ),
        ignore_conflicts=True,
        batch_size=5000,
    )
