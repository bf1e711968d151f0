"""Every change of stock: rows are locked in key order, and each change is a ledger row."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from uuid import UUID

from django.db import transaction
from django.db.models import F, Sum

from accounts.models import User
from accounts.services.auditing import record_new
from config.errors import InvalidInput, NotFound
from config.events import emit
from config.transactions import retried

from ..errors import InsufficientStock, StockPromised
from ..models import MovementKind, Product, Stock, StockMovement, Variant
from ..signals import stock_changed
from .alerts import follow_stock

Demand = dict[int, int]  # pieces by variant id

MAX_ON_HAND = 2**31 - 1  # what the column holds on every database

# What people may record, and the sign of its effect on the shelf.
_SIGNS = {
    MovementKind.IN: 1,
    MovementKind.RETURN: 1,
    MovementKind.OUT: -1,
    MovementKind.DAMAGE: -1,
    MovementKind.ADJUSTMENT: 1,
}


@dataclass(frozen=True)
class Change:
    """What one movement does to a stock row."""

    on_hand: int = 0
    reserved: int = 0


@transaction.atomic
def reserve_stock(*, demand: Demand, order_id: UUID) -> None:
    """Promise pieces to an order, or raise InsufficientStock with all short lines."""
    stocks = _lock(demand)
    # A variant that was deleted a moment ago has no stock row any more.
    available = {pk: stocks[pk].available if pk in stocks else 0 for pk in demand}
    short = [
        {"variant": variant_id, "requested": quantity, "available": available[variant_id]}
        for variant_id, quantity in demand.items()
        if quantity > available[variant_id]
    ]
    if short:
        raise InsufficientStock(_short_message(short), items=short)
    _move(stocks, demand, MovementKind.RESERVE, lambda n: Change(reserved=n), order_id=order_id)


@transaction.atomic
def release_stock(*, demand: Demand, order_id: UUID) -> None:
    """End the promise of pieces to an order that will not be sent."""
    _move(_lock(demand), demand, MovementKind.RELEASE, lambda n: Change(reserved=-n), order_id)


@transaction.atomic
def ship_stock(*, demand: Demand, order_id: UUID) -> None:
    """Take promised pieces of an order off the shelf."""
    _move(_lock(demand), demand, MovementKind.SALE, lambda n: Change(-n, -n), order_id)


@transaction.atomic
def return_stock(*, demand: Demand, order_id: UUID, recorded_by: User | None) -> None:
    """Put pieces that came back from an order on the shelf."""
    stocks = _lock(demand)
    _move(
        stocks,
        demand,
        MovementKind.RETURN,
        lambda n: Change(on_hand=n),
        order_id,
        recorded_by=recorded_by,
    )


@retried
@transaction.atomic
def record_movement(
    *,
    variant_id: int,
    kind: str,
    quantity: int,
    recorded_by: User | None,
    reference: str = "",
    notes: str = "",
) -> StockMovement:
    """Record what people did to a stock; raise StockPromised where orders hold the pieces."""
    if kind not in _SIGNS:
        raise InvalidInput(transaction_type="Choose IN, OUT, ADJUSTMENT, RETURN or DAMAGE.")
    if quantity == 0 or (quantity < 0 and kind != MovementKind.ADJUSTMENT):
        raise InvalidInput(quantity="Give a positive number; only an ADJUSTMENT may be negative.")
    change = _SIGNS[MovementKind(kind)] * quantity
    stocks = _lock([variant_id])
    if not stocks:
        raise NotFound("There is no such variant.")
    if stocks[variant_id].on_hand + change > MAX_ON_HAND:
        raise InvalidInput(quantity=f"There cannot be more than {MAX_ON_HAND} on hand.")
    _refuse_taking_promised(stocks[variant_id], change)
    (row,) = _move(
        stocks,
        {variant_id: change},
        kind,
        lambda n: Change(on_hand=n),
        recorded_by=recorded_by,
        reference=reference,
        notes=notes,
    )
    record_new(row)
    return row


def _refuse_taking_promised(stock: Stock, change: int) -> None:
    left = stock.on_hand + change
    if left >= stock.reserved:
        return
    if left < 0:
        raise InsufficientStock(
            f"Only {stock.on_hand} are on hand.",
            items=[
                {
                    "variant": stock.variant_id,
                    "requested": -change,
                    "available": stock.available,
                }
            ],
        )
    holders = (
        StockMovement.objects.filter(variant_id=stock.variant_id)
        .exclude(order_id=None)
        .values("order_id")
        .annotate(held=Sum("reserved_change"))
        .filter(held__gt=0)
        .order_by("order_id")[:100]
    )
    raise StockPromised(orders=[str(row["order_id"]) for row in holders])


def _lock(variant_ids: Iterable[int]) -> dict[int, Stock]:
    """Lock stock rows in key order; every variant has one from its creation on."""
    rows = Stock.objects.select_for_update().filter(pk__in=list(variant_ids)).order_by("pk")
    return {row.pk: row for row in rows}


def _move(
    stocks: dict[int, Stock],
    quantities: Demand,
    kind: str,
    effect: Callable[[int], Change],
    order_id: UUID | None = None,
    recorded_by: User | None = None,
    reference: str = "",
    notes: str = "",
) -> list[StockMovement]:
    """Apply `effect` of each quantity to its locked row and write the ledger."""
    movements, flipped, turned = [], [], []
    for variant_id in sorted(quantities):
        stock, change = stocks[variant_id], effect(quantities[variant_id])
        had_any, was_low = stock.available > 0, stock.is_low
        stock.on_hand += change.on_hand
        stock.reserved += change.reserved
        stock.was_stocked = stock.was_stocked or stock.on_hand > 0
        if had_any != (stock.available > 0):
            flipped.append(variant_id)
        if was_low != stock.is_low:
            turned.append(stock)
        movements.append(
            StockMovement(
                variant_id=variant_id,
                kind=kind,
                on_hand_change=change.on_hand,
                reserved_change=change.reserved,
                on_hand_after=stock.on_hand,
                reserved_after=stock.reserved,
                order_id=order_id,
                recorded_by=recorded_by,
                reference=reference,
                notes=notes,
            )
        )
    changed = [stocks[pk] for pk in sorted(quantities)]
    Stock.objects.bulk_update(changed, ["on_hand", "reserved", "was_stocked"])
    if len(movements) == 1:  # on MySQL only a single insert gives its key back
        movements[0].save()
    else:
        StockMovement.objects.bulk_create(movements)
    follow_stock(turned)
    if flipped:
        refresh_in_stock(flipped)
        emit(stock_changed, variant_ids=flipped)
    return movements


def refresh_in_stock(variant_ids: Iterable[int]) -> None:
    """Set `in_stock` of the variants' products to what their stock says.

    The products are locked before the stock is read: of two transactions that take the last
    pieces of two variants of one product, the later one sees what the earlier one committed.
    """
    of_variants = Variant.objects.filter(pk__in=list(variant_ids)).values_list("product_id")
    product_ids = sorted({row[0] for row in of_variants})
    list(Product.objects.select_for_update().filter(pk__in=product_ids).order_by("pk").values("pk"))
    available = set(
        Stock.objects.filter(variant__product_id__in=product_ids, variant__is_active=True)
        .filter(on_hand__gt=F("reserved"))
        .values_list("variant__product_id", flat=True)
    )
    sold_out = [pk for pk in product_ids if pk not in available]
    Product.objects.filter(pk__in=available, in_stock=False).update(in_stock=True)
    Product.objects.filter(pk__in=sold_out, in_stock=True).update(in_stock=False)


def _short_message(short: list[dict[str, int]]) -> str:
    names = dict(
        Variant.objects.filter(pk__in=[row["variant"] for row in short]).values_list(
            "pk", "product__name"
        )
    )
    parts = []
    for row in short:
        name, left = names.get(row["variant"], "this article"), row["available"]
        parts.append(f"'{name}' is sold out." if not left else f"Only {left} of '{name}' are left.")
    return " ".join(parts)
