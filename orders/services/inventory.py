"""Proves stock against its ledger and against what orders wait for, beside a shop that sells."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID

from django.db import transaction
from django.db.models import Sum

from catalog.models import Stock, Variant
from catalog.services.flags import correct_flag, wrong_flags
from catalog.services.ledger import Owed, correct_stock, stock_faults
from config.importing import OnBatch
from config.transactions import retried

from ..models import OrderLine, OrderStatus

BATCH = 500
# What of these was not sent is promised.
_WAITING = (OrderStatus.PENDING, OrderStatus.CONFIRMED, OrderStatus.PROCESSING)


@dataclass(frozen=True)
class Finding:
    """What is wrong with one stock or product, and whether it was repaired."""

    subject: str
    faults: list[str]
    is_repaired: bool = False


def check_inventory(*, fix: bool = False, on_batch: OnBatch | None = None) -> Iterator[Finding]:
    """Give what is wrong with the shop's stock, for certain; with `fix` repair it."""
    last = 0
    while ids := _next_stocks(last):
        for variant_id in sorted(stock_faults(ids[0], ids[-1], _owed(ids[0], ids[-1]))):
            if finding := _look_again(variant_id=variant_id, fix=fix):
                yield finding
        last = ids[-1]
        if on_batch:
            on_batch()
    for product_id in wrong_flags():
        if name := correct_flag(product_id=product_id, fix=fix):
            yield Finding(name, ["it is sold out, or not, but shown otherwise"], is_repaired=fix)


@retried
@transaction.atomic
def _look_again(*, variant_id: int, fix: bool) -> Finding | None:
    """Decide about a suspect under its lock: a sale between two reads is no fault."""
    stock = Stock.objects.select_for_update().filter(pk=variant_id).first()
    owed = _owed(variant_id, variant_id)
    faults = stock_faults(variant_id, variant_id, owed).get(variant_id)
    if stock is None or not faults:
        return None
    is_repaired = fix and correct_stock(stock, owed.get(variant_id, {}))
    if fix and not is_repaired:
        faults.append("orders wait for more than is on hand: count it and record what is there")
    return Finding(Variant.objects.get(pk=variant_id).sku, faults, is_repaired)


def _next_stocks(last: int) -> list[int]:
    rows = Stock.objects.filter(pk__gt=last).order_by("pk")
    return list(rows.values_list("pk", flat=True)[:BATCH])


def _owed(first: int, last: int) -> Owed:
    lines = OrderLine.objects.filter(variant__gte=first, variant__lte=last)
    sums = lines.filter(order__status__in=_WAITING).order_by().values("variant_id", "order_id")
    owed: dict[int, dict[UUID, int]] = defaultdict(dict)
    for row in sums.annotate(bought=Sum("quantity"), sent=Sum("shipped_quantity")).iterator():
        if left := int(row["bought"] - row["sent"]):
            owed[row["variant_id"]][row["order_id"]] = left
    return owed
