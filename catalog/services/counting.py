"""Stock as people count it: the ledger gets what leads to their figures, and gets it once."""

from django.db import transaction

from accounts.models import User
from config.errors import InvalidInput, NotFound
from config.transactions import retried

from ..models import MovementKind, StockMovement, Variant
from .alerts import lock_stocks
from .stock import record_movement


@retried
@transaction.atomic
def count_stock(
    *,
    variant_id: int,
    counted: int,
    recorded_by: User | None,
    reference: str = "",
    notes: str = "",
) -> StockMovement | None:
    """Bring what is on hand to a counted figure; None where it was right."""
    locked = lock_stocks(Variant.objects.filter(pk=variant_id))
    if not locked:
        raise NotFound("There is no such variant.")
    if locked[0].on_hand == counted:
        return None
    return record_movement(
        variant_id=variant_id,
        kind=MovementKind.ADJUSTMENT,
        quantity=counted - locked[0].on_hand,
        recorded_by=recorded_by,
        reference=reference,
        notes=notes,
    )


@retried
@transaction.atomic
def change_stock_once(
    *,
    variant_id: int,
    change: int,
    recorded_by: User | None,
    reference: str,
    notes: str = "",
) -> StockMovement | None:
    """Record a change under a reference; None where this variant has one under it already."""
    if not reference:
        raise InvalidInput(reference="Name the change, so that it is never recorded twice.")
    lock_stocks(Variant.objects.filter(pk=variant_id))
    known = StockMovement.objects.filter(variant=variant_id, reference=reference)
    # MariaDB finds "rma-1" for "RMA-1", too.
    if reference in known.values_list("reference", flat=True):
        return None
    return record_movement(
        variant_id=variant_id,
        kind=MovementKind.IN if change > 0 else MovementKind.OUT,
        quantity=abs(change),
        recorded_by=recorded_by,
        reference=reference,
        notes=notes,
    )
