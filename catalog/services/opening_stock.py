"""The first stock of many new variants at once, with the ledger that explains it."""

from collections.abc import Mapping

from django.db import transaction

from ..models import MovementKind, Stock, StockMovement


@transaction.atomic
def open_stock(*, on_hand: Mapping[int, int], reference: str) -> None:
    """Give new variants their stock rows, and each that has pieces its ledger row."""
    ids = sorted(on_hand)
    Stock.objects.bulk_create([Stock(variant_id=pk, on_hand=on_hand[pk]) for pk in ids])
    StockMovement.objects.bulk_create(
        StockMovement(
            variant_id=pk,
            kind=MovementKind.IN,
            on_hand_change=on_hand[pk],
            on_hand_after=on_hand[pk],
            reserved_after=0,
            reference=reference,
        )
        for pk in ids
        if on_hand[pk]
    )
