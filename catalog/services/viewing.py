"""How often products' pages were looked at."""

from django.db import transaction
from django.db.models import F

from config.importing import batched
from config.tallies import Sums, Tally
from config.transactions import retried

from ..models import Product

_BATCH = 100


def record_view(*, product_id: int) -> None:
    """Count that somebody looked at a product; one that does not exist is passed over."""
    views.add(product_id, view_count=1)


def _write(sums: Sums) -> None:
    for ids in batched(sorted(sums), _BATCH):
        _write_batch({pk: sums[pk]["view_count"] for pk in ids})


@retried
@transaction.atomic
def _write_batch(added: dict[int, int]) -> None:
    for product_id, views in added.items():
        Product.objects.filter(pk=product_id).update(view_count=F("view_count") + views)


views = Tally(_write)
