"""How often products were sold, as the apps that sell tell it."""

from collections.abc import Mapping
from typing import NamedTuple

from django.db import transaction

from config.events import emit
from config.importing import batched
from config.transactions import retried

from ..models import Product
from ..signals import product_changed

_BATCH = 500
BEST_SELLERS = 20


class Sales(NamedTuple):
    """Pieces of one product that were sold and not given back: ever, and lately."""

    ever: int
    lately: int


def set_sales(sales: Mapping[int, Sales]) -> None:
    """Set how often each product was sold, which is never for those not named.

    What sold most lately is marked as a best seller.
    """
    unsold = Product.objects.filter(sold_count__gt=0).values_list("pk", flat=True)
    counts = {pk: 0 for pk in unsold if pk not in sales}
    counts |= {pk: sold.ever for pk, sold in sales.items()}
    for ids in batched(sorted(counts), _BATCH):
        _set_batch({pk: counts[pk] for pk in ids})
    _mark_best_sellers({pk: sold.lately for pk, sold in sales.items() if sold.lately > 0})


@retried
@transaction.atomic
def _set_batch(counts: dict[int, int]) -> None:
    rows = Product.objects.select_for_update().filter(pk__in=counts).order_by("pk")
    changed = [row for row in rows.only("sold_count") if row.sold_count != counts[row.pk]]
    for row in changed:
        row.sold_count = counts[row.pk]
    # Nobody is told: it orders lists, and no page, feed or search document shows it.
    Product.objects.bulk_update(changed, ["sold_count"])


@retried
@transaction.atomic
def _mark_best_sellers(lately: dict[int, int]) -> None:
    best: set[int] = set()
    for ids in batched(sorted(lately, key=lambda pk: (-lately[pk], pk)), _BATCH):
        listed = set(Product.objects.listed().filter(pk__in=ids).values_list("pk", flat=True))
        best.update([pk for pk in ids if pk in listed][: BEST_SELLERS - len(best)])
        if len(best) == BEST_SELLERS:
            break
    marked = set(Product.objects.filter(best_seller=True).values_list("pk", flat=True))
    Product.objects.filter(pk__in=best - marked).update(best_seller=True)
    Product.objects.filter(pk__in=marked - best).update(best_seller=False)
    if best != marked:
        emit(product_changed, product_ids=sorted(best ^ marked))
