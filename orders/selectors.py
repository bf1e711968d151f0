"""Reads of orders that are too wide for a queryset method."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.db.models import Count, F, Q, QuerySet, Value
from django.db.models.functions import Coalesce

from accounts.models import User
from config.money import round_money

from .models import CustomerFigures, Order, OrderStatus

_NEVER = datetime(1970, 1, 2, tzinfo=UTC)


def customers_with_figures() -> QuerySet[User]:
    """Return all customers, each with what they ordered and what their profile shows."""
    return (
        User.objects.customers()
        .select_related("seller")
        .prefetch_related("groups")
        .annotate(
            created_at=F("date_joined"),  # what keyset pages go by
            order_count=Coalesce(F("figures__order_count"), Value(0)),
            total_spent=Coalesce(F("figures__total_spent"), Value(Decimal(0))),
            last_order_at=F("figures__last_order_at"),
        )
        # To order by: databases differ in where NULL stands. Who never ordered comes first.
        .alias(ordered_at=Coalesce(F("figures__last_order_at"), Value(_NEVER)))
    )


def statistics_of(user: User) -> dict[str, Any]:
    """Sum up a user's own orders."""
    figures: dict[str, Any] = Order.objects.owned_by(user).aggregate(
        **CustomerFigures.sums(),
        purchases=Count("pk", filter=CustomerFigures.purchase()),
        pending_orders=Count("pk", filter=Q(status=OrderStatus.PENDING)),
        delivered_orders=Count("pk", filter=Q(status=OrderStatus.DELIVERED)),
    )
    currency = settings.STORE_CURRENCY
    spent, purchases = round_money(figures["total_spent"], currency), figures.pop("purchases")
    average = round_money(spent / purchases, currency) if purchases else Decimal(0)
    return figures | {"total_spent": spent, "average_order_value": average, "currency": currency}
