"""The first stock of many new variants at once, with the ledger that explains it."""

from collections.abc import Mapping

from django.db import transaction

from accounts.models import User

from ..models import MovementKind, Stock, StockMovement
from .alerts import follow_stock, thresholds_of


@transaction.atomic
def open_stock(
    *, on_hand: Mapping[int, int], reference: str, recorded_by: User | None = None
) -> None:
    """Give new variants their stock rows, and each that has pieces its ledger row."""
    ids = sorted(on_hand)
    thresholds = thresholds_of(ids)
    stocks = [
        Stock(
            variant_id=pk,
            on_hand=on_hand[pk],
            alert_threshold=thresholds[pk],
            was_stocked=on_hand[pk] > 0,
        )
        for pk in ids
    ]
    Stock.objects.bulk_create(stocks)
    StockMovement.objects.bulk_create(
        StockMovement(
            variant_id=pk,
            kind=MovementKind.IN,
            on_hand_change=on_hand[pk],
            on_hand_after=on_hand[pk],
            reserved_after=0,
            reference=reference,
            recorded_by=recorded_by,
        )
        for pk in ids
        if on_hand[pk]
    )
    follow_stock(stock for stock in stocks if stock.is_low)
