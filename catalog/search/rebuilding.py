"""Makes the whole index anew beside a live shop: what is right already is left alone."""

from collections import Counter
from collections.abc import Callable, Iterator

from django.db.models import Max

from ..models import Product, SearchDocument, SearchWord
from .documents import index_products
from .vocabulary import count_new_words, set_counts

_BATCH = 500
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
    """Count every word of the catalogue anew; return how many words there are."""
    count_new_words()
    newest = SearchWord.objects.aggregate(newest=Max("pk"))["newest"] or 0
    counts: Counter[str] = Counter()
    for ids in _batches(SearchDocument):
        for document in SearchDocument.objects.filter(pk__in=ids):
            counts.update(document.words())
        progress(len(ids))
    set_counts(counts)
    # Those of no product; but not those that came meanwhile.
    for ids in _batches(SearchWord, newest):
        words = SearchWord.objects.filter(pk__in=ids, frequency__gt=0)
        gone = [pk for pk, word in words.values_list("pk", "word") if word not in counts]
        SearchWord.objects.filter(pk__in=gone).update(frequency=0)
    return len(counts)


def _batches(
    model: type[Product] | type[SearchDocument] | type[SearchWord], newest: int | None = None
) -> Iterator[list[int]]:
    last = 0
    rows = model.objects.order_by("pk").values_list("pk", flat=True)
    rows = rows if newest is None else rows.filter(pk__lte=newest)
    while ids := list(rows.filter(pk__gt=last)[:_BATCH]):
        yield ids
        last = ids[-1]
