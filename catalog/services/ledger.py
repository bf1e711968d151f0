"""Proves that stocks are what their ledgers say, and corrects those that are not.

Reads take a range of variants' keys: a wide one finds suspects beside a shop that is selling,
one key under its stock's lock tells for certain.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from uuid import UUID

from django.db.models import BigIntegerField, F, Max, QuerySet, Sum
from django.db.models.expressions import Window
from django.db.models.functions import Cast, Coalesce, Lag

from config.events import emit

from ..models import MovementKind, Stock, StockMovement
from ..signals import stock_changed
from .alerts import repair_alert, thresholds_of
from .stock import refresh_in_stock

REFERENCE = "check_inventory"

# Pieces that orders wait for, by variant and order.
Owed = Mapping[int, Mapping[UUID, int]]
Faults = dict[int, list[str]]


def stock_faults(first: int, last: int, owed: Owed) -> Faults:
    """Say what is wrong with the stocks of a range of keys, by variant."""
    faults: Faults = defaultdict(list)
    sums, held = _sums(first, last), _held(first, last)
    for row in Stock.objects.filter(pk__gte=first, pk__lte=last).order_by("pk").iterator():
        on_hand, reserved = sums.get(row.pk, (0, 0))
        if row.on_hand != on_hand:
            faults[row.pk].append(f"{row.on_hand} are on hand, but the ledger says {on_hand}")
        if row.reserved != reserved:
            faults[row.pk].append(f"{row.reserved} are promised, but the ledger says {reserved}")
        faults[row.pk] += _promise_faults(held.get(row.pk, {}), owed.get(row.pk, {}))
    for variant_id, movement_id in _broken_links(first, last).items():
        faults[variant_id].append(f"the figures of movement {movement_id} do not follow")
    for variant_id in _wrong_alerts(first, last):
        faults[variant_id].append("its alert of low stock does not fit its figures")
    return {pk: texts for pk, texts in faults.items() if texts}


def correct_stock(stock: Stock, owed: Mapping[UUID, int]) -> bool:
    """Bring a locked stock, its ledger and its alert together by new rows of the ledger.

    The shelf is believed about what is on hand, orders about what is promised. Nothing is
    written, and False returned, where orders wait for more than there is: people must count.
    """
    if sum(owed.values()) > stock.on_hand:
        return False
    had_any = stock.available > 0
    on_hand, reserved = _sums(stock.pk, stock.pk).get(stock.pk, (0, 0))
    held = _held(stock.pk, stock.pk).get(stock.pk, {})
    rows = []
    for order_id, change in _differences(held, owed).items():
        if order_id is not None:
            reserved += change
            kind = MovementKind.RESERVE if change > 0 else MovementKind.RELEASE
            rows.append(_row(stock, kind, max(reserved, 0), reserved_change=change))
            rows[-1].order_id = order_id
    stock.reserved = sum(owed.values())
    changes = {
        "on_hand_change": stock.on_hand - on_hand,
        "reserved_change": stock.reserved - reserved,
    }
    # Links are proved from this row on: what was wrong before it stays readable.
    rows.append(_row(stock, MovementKind.CORRECTION, stock.reserved, **changes))
    stock.alert_threshold = thresholds_of([stock.pk])[stock.pk]
    stock.save()
    for row in rows:
        row.save()
    repair_alert(stock)
    if had_any != (stock.available > 0):
        refresh_in_stock([stock.pk])
        emit(stock_changed, variant_ids=[stock.pk])
    return True


def _row(stock: Stock, kind: str, reserved_after: int, **changes: int) -> StockMovement:
    return StockMovement(
        variant_id=stock.pk,
        kind=kind,
        on_hand_after=stock.on_hand,
        reserved_after=reserved_after,
        reference=REFERENCE,
        **changes,
    )


def _movements(first: int, last: int) -> QuerySet[StockMovement]:
    return StockMovement.objects.filter(variant__gte=first, variant__lte=last).order_by()


def _sums(first: int, last: int) -> dict[int, tuple[int, int]]:
    sums = (
        _movements(first, last)
        .values("variant_id")
        .annotate(on_hand=Sum("on_hand_change"), reserved=Sum("reserved_change"))
    )
    return {row["variant_id"]: (int(row["on_hand"]), int(row["reserved"])) for row in sums}


def _held(first: int, last: int) -> dict[int, dict[UUID | None, int]]:
    """Return what the ledger promises to whom, by variant and order."""
    rows = _movements(first, last).exclude(reserved_change=0)
    sums = rows.values("variant_id", "order_id").annotate(held=Sum("reserved_change"))
    held: dict[int, dict[UUID | None, int]] = defaultdict(dict)
    for row in sums.exclude(held=0).iterator():
        held[row["variant_id"]][row["order_id"]] = int(row["held"])
    return held


def _promise_faults(held: Mapping[UUID | None, int], owed: Mapping[UUID, int]) -> Iterator[str]:
    for order_id in _differences(held, owed):
        has, needs = held.get(order_id, 0), owed.get(order_id, 0) if order_id else 0
        of_whom = f"order {order_id}" if order_id else "nobody"
        yield f"{has} are promised to {of_whom}, which waits for {needs}"


def _differences(
    held: Mapping[UUID | None, int], owed: Mapping[UUID, int]
) -> dict[UUID | None, int]:
    """Return what promises lack, or have too much, by order."""
    wanted: dict[UUID | None, int] = {key: pieces for key, pieces in owed.items()}  # noqa: C416
    changes = {key: wanted.get(key, 0) - held.get(key, 0) for key in {**held, **wanted}}
    return {key: change for key, change in changes.items() if change}


def _broken_links(first: int, last: int) -> dict[int, int]:
    """Return the last row of each ledger that does not follow from the one before it."""
    rows = _movements(first, last)
    corrected = rows.filter(kind=MovementKind.CORRECTION).values("variant_id")
    since = {row["variant_id"]: row["last"] for row in corrected.annotate(last=Max("pk"))}
    on_hand, reserved = _before("on_hand_after"), _before("reserved_after")
    follows = {
        "on_hand_after": on_hand + F("on_hand_change"),
        "reserved_after": reserved + F("reserved_change"),
    }
    broken: dict[int, int] = {}
    # One column a query: conditions on windows cannot be joined by OR on every database.
    for column, expected in follows.items():
        wrong = rows.annotate(expected=expected).exclude(expected=F(column))
        for variant_id, pk in wrong.values_list("variant_id", "pk").iterator():
            if pk > since.get(variant_id, 0):
                broken[variant_id] = max(pk, broken.get(variant_id, 0))
    return broken


def _before(column: str) -> Coalesce:
    # Signed, because MariaDB refuses unsigned figures that fall below zero; and its LAG takes
    # no default.
    figure = Lag(Cast(column, BigIntegerField()))
    return Coalesce(Window(figure, partition_by="variant_id", order_by="pk"), 0)


def _wrong_alerts(first: int, last: int) -> Iterator[int]:
    rows = Stock.objects.filter(pk__gte=first, pk__lte=last)
    for stock in rows.select_related("variant__product", "variant__open_alert").order_by("pk"):
        variant = stock.variant
        is_sold = variant.is_active and variant.product.is_active
        threshold = variant.low_stock_threshold if is_sold else None
        if stock.alert_threshold != threshold or stock.is_low != hasattr(variant, "open_alert"):
            yield stock.pk
