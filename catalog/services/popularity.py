"""How often products were sold, as the apps that sell tell it."""

from collections.abc import Mapping

from django.db import transaction

from config.events import emit
from config.importing import batched
from config.transactions import retried

from ..models import Product
from ..signals import product_changed

_BATCH = 500
BEST_SELLERS = 20


def set_sold_counts(sold: Mapping[int, int]) -> None:
    """Set how many pieces of products were sold, and mark anew what sells best."""
    for ids in batched(sorted(sold), _BATCH):
        _set_batch({pk: sold[pk] for pk in ids})
    _mark_best_sellers()


@retried
@transaction.atomic
def _set_batch(sold: dict[int, int]) -> None:
    rows = Product.objects.select_for_update().filter(pk__in=sold).order_by("pk")
    changed = [row for row in rows.only("sold_count") if row.sold_count != sold[row.pk]]
    for row in changed:
        row.sold_count = sold[row.pk]
    Product.objects.bulk_update(changed, ["sold_count"])
    if changed:
        emit(product_changed, product_ids=[row.pk for row in changed])


@retried
@transaction.atomic
def _mark_best_sellers() -> None:
    listed = Product.objects.listed().filter(sold_count__gt=0)
    best = set(listed.order_by("-sold_count", "pk").values_list("pk", flat=True)[:BEST_SELLERS])
    marked = set(Product.objects.filter(best_seller=True).values_list("pk", flat=True))
    Product.objects.filter(pk__in=best - marked).update(best_seller=True)
    Product.objects.filter(pk__in=marked - best).update(best_seller=False)
    if best != marked:
        emit(product_changed, product_ids=sorted(best ^ marked))
