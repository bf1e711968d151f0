"""Tells the catalogue how often its products were sold."""

from datetime import timedelta

from django.db.models import F, Q, Sum
from django.utils import timezone

from catalog.services.popularity import Sales, set_sales

from ..models import OrderLine, OrderStatus

LATELY = timedelta(days=30)
NOT_SOLD = (OrderStatus.PENDING, OrderStatus.CANCELLED)


def refresh_popularity() -> None:
    """Count the pieces of every product in confirmed orders, less those given back."""
    kept = F("quantity") - F("returned_quantity")
    is_late = Q(order__created_at__gte=timezone.now() - LATELY)
    lines = OrderLine.objects.exclude(order__status__in=NOT_SOLD).order_by()
    rows = lines.values("product_id").annotate(
        ever=Sum(kept), lately=Sum(kept, filter=is_late, default=0)
    )
    set_sales({row["product_id"]: Sales(row["ever"], row["lately"]) for row in rows.iterator()})
