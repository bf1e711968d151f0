"""Keeps what each customer ordered in all."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db.models import QuerySet

from config.bulk import upsert_rows
from config.money import round_money

from ..models import CustomerFigures, Order


def refresh_figures(*, user_ids: Iterable[UUID | None]) -> None:
    """Count anew what customers ordered, in the transaction that changes their orders.

    Their rows stay locked to its end, by key; only counters are locked later. So of two orders
    of one customer that change at once, whoever counts last sees both.
    """
    keys = sorted({pk for pk in user_ids if pk})
    if not keys:
        return
    rows = {pk: CustomerFigures(user_id=pk) for pk in keys}
    _write(rows, "order_count")  # locks them, and makes those that are missing
    orders = Order.objects.filter(user__in=keys).order_by().values("user_id")
    counted: QuerySet[Order, Any] = orders.annotate(**CustomerFigures.sums())
    for sums in counted:
        row = rows[sums["user_id"]]
        row.order_count = sums["order_count"]
        row.total_spent = round_money(sums["total_spent"], settings.STORE_CURRENCY)
        row.last_order_at = sums["last_order_at"]
    _write(rows, "order_count", "total_spent", "last_order_at")


def _write(rows: dict[UUID, CustomerFigures], *columns: str) -> None:
    upsert_rows(list(rows.values()), columns)
