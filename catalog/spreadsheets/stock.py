"""Brings counts and changes of stock in from a CSV file, one row a variant."""

import re
from collections.abc import Iterable, Iterator
from typing import Any

from django.db import transaction

from accounts.models import User
from config.errors import DomainError
from config.importing import Skip, batched
from config.transactions import retried

from ..models import StockMovement, Variant
from ..services.counting import change_stock_once, count_stock
from .cells import Row
from .outcome import Kind, Outcome, errors_of, tell_change
from .seen import Seen

BATCH = 500
# Those that an export writes for people to read are taken, and say nothing.
READ = ("sku", "counted", "change", "reference", "notes")
SHOWN = ("product", "variant", "on_hand", "reserved", "available", "low_stock_threshold")

_COUNT = re.compile(r"\d{1,9}")
_CHANGE = re.compile(r"[+-]?\d{1,9}")


def is_known(column: str) -> bool:
    """Tell whether a file of stock may have a column."""
    return column in READ or column in SHOWN


def import_stock(
    rows: Iterable[Row | Skip], *, actor: User | None, is_dry_run: bool = False
) -> Iterator[Outcome]:
    """Record what a file counts or changes, each row by itself.

    A dry run does the same and undoes it row by row.
    """
    seen = Seen()
    for batch in batched(rows, BATCH):
        skus = {row.sku for row in batch if isinstance(row, Row)}
        found = Variant.objects.filter(sku__in=skus, archived_at=None)
        variants = {variant.sku: variant for variant in found.select_related("stock")}
        for row in batch:
            if isinstance(row, Skip):
                yield Outcome(Kind.REFUSED, [], errors=[row])
            else:
                yield _import(row, variants.get(row.sku), seen, actor, is_dry_run)


def _import(
    row: Row, variant: Variant | None, seen: Seen, actor: User | None, is_dry_run: bool
) -> Outcome:
    cells = {name: row.cells.get(name, "").strip() for name in READ}
    error = _error(row, cells, variant, seen)
    if error or variant is None:
        return Outcome.refused([row], [Skip(row.number, row.sku, error)])
    if not (cells["counted"] or cells["change"]):
        return Outcome(Kind.UNCHANGED, [row])
    try:
        movement = _record(variant_id=variant.pk, cells=cells, actor=actor, is_dry_run=is_dry_run)
    except DomainError as refusal:
        return Outcome.refused([row], errors_of(refusal, row))
    if movement is None:
        return Outcome(Kind.UNCHANGED, [row])
    before = movement.on_hand_after - movement.on_hand_change
    told = [tell_change("on hand", before, movement.on_hand_after)]
    return Outcome(Kind.CHANGED, [row], changes=told, instance=variant)


def _error(row: Row, cells: dict[str, str], variant: Variant | None, seen: Seen) -> str:
    counted, change = cells["counted"], cells["change"]
    if not row.sku:
        return "sku: give each row its SKU"
    if not seen.add(row.sku):
        return "sku: it was in an earlier row"
    if variant is None:
        return "sku: there is no such variant"
    if counted and change:
        return "counted: give either what was counted or a change"
    if counted and not _COUNT.fullmatch(counted):
        return "counted: give a whole number of up to 9 digits"
    if change and (not _CHANGE.fullmatch(change) or not int(change)):
        return "change: give a whole number that is not 0"
    if change and not cells["reference"]:
        return "reference: name the change, so that it is never recorded twice"
    if len(cells["reference"]) > 100 or len(cells["notes"]) > 500:
        return "notes: take at most 100 characters for a reference and 500 for notes"
    if "\0" in cells["reference"] + cells["notes"]:
        return "notes: there is a character that is no text"
    return ""


@retried
@transaction.atomic
def _record(
    *, variant_id: int, cells: dict[str, str], actor: User | None, is_dry_run: bool
) -> StockMovement | None:
    said: dict[str, Any] = {"reference": cells["reference"], "notes": cells["notes"]}
    said |= {"variant_id": variant_id, "recorded_by": actor}
    if cells["counted"]:
        movement = count_stock(counted=int(cells["counted"]), **said)
    else:
        movement = change_stock_once(change=int(cells["change"]), **said)
    if is_dry_run:
        transaction.set_rollback(True)
    return movement
