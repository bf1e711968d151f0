"""Makes the whole index anew beside a live shop: what is right already is left alone."""

from collections import Counter
from collections.abc import Callable, Iterator

from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from config.importing import batched
from config.transactions import retried

from ..models import Product, SearchDocument, SearchRecount, SearchWord
from .documents import COLUMNS, index_products
from .vocabulary import HOLD, count_new_words, set_counts, words_in

_BATCH, _WORDS = 500, 5000
Progress = Callable[[int], object]


def index_all_products(progress: Progress) -> int:
    """Write every document that is missing or wrong, take the stray ones away; return how many."""
    changed = 0
    for ids in _batches(Product):
        changed += index_products(ids)
        progress(len(ids))
    for ids in _batches(SearchDocument):
        there = set(Product.objects.filter(pk__in=ids).values_list("pk", flat=True))
        changed += index_products(pk for pk in ids if pk not in there)
    return changed


def recount_words(progress: Progress) -> int:
    """Count every word of the catalogue anew; return how many words there are.

    Until it ends nobody else counts: what changes meanwhile is noted, and counted afterwards.
    """
    started = timezone.now()
    counts: Counter[str] = Counter()
    try:
        _hold()
        newest = SearchWord.objects.aggregate(newest=Max("pk"))["newest"] or 0
        for ids in _batches(SearchDocument):
            _count(ids, counts)
            progress(len(ids))
        # Of products that are gone; this also waits for who was counting when we began.
        SearchRecount.objects.filter(changed_at__lt=started, pk__gt=HOLD).delete()
        _write(counts, newest)
    finally:
        SearchRecount.objects.filter(pk=HOLD).delete()
    count_new_words()
    return len(counts)


def _hold() -> None:
    SearchRecount.objects.update_or_create(pk=HOLD, defaults={"counted": ""})


@retried
def _count(ids: list[int], counts: Counter[str]) -> None:
    """Count the documents as they stand, whether they were to be counted anew or not."""
    _hold()
    with transaction.atomic():
        SearchRecount.objects.filter(pk__in=ids).delete()
        texts = list(SearchDocument.objects.filter(pk__in=ids).values_list(*COLUMNS))
    for columns in texts:
        counts.update(words_in(" ".join(columns)))


def _write(counts: Counter[str], newest: int) -> None:
    for words in batched(sorted(counts), _WORDS):
        set_counts({word: counts[word] for word in words})
        _hold()
    for ids in _batches(SearchWord, newest):  # those of no product
        words = SearchWord.objects.filter(pk__in=ids, frequency__gt=0)
        gone = [pk for pk, word in words.values_list("pk", "word") if word not in counts]
        SearchWord.objects.filter(pk__in=gone).update(frequency=0)


def _batches(
    model: type[Product] | type[SearchDocument] | type[SearchWord], newest: int | None = None
) -> Iterator[list[int]]:
    last = 0
    rows = model.objects.order_by("pk").values_list("pk", flat=True)
    rows = rows if newest is None else rows.filter(pk__lte=newest)
    while ids := list(rows.filter(pk__gt=last)[:_BATCH]):
        yield ids
        last = ids[-1]
