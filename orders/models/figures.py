from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Count, F, Max, Q, Sum

from config.money import AmountField

from .order import OrderStatus


class CustomerFigures(models.Model):
    """What a customer ordered in all; a service counts it anew with each order that changes."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, models.CASCADE, primary_key=True, related_name="figures"
    )
    order_count = models.PositiveIntegerField(default=0)
    total_spent = AmountField(default=0)
    last_order_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"{self.order_count} orders of {self.user_id}"

    @staticmethod
    def purchase() -> Q:
        """Return the condition of orders whose money counts: paid, not cancelled, in our currency.

        Amounts of another currency, from before the store changed its own, cannot be added.
        """
        is_paid = Q(paid_at__isnull=False, currency=settings.STORE_CURRENCY)
        return is_paid & ~Q(status=OrderStatus.CANCELLED)

    @classmethod
    def sums(cls) -> dict[str, models.Aggregate]:
        """Return what orders are summed up to; the names are those of the columns."""
        left = F("amount_paid") - F("amount_refunded")
        spent = Sum(left, filter=cls.purchase(), default=0, output_field=AmountField())
        return {
            "order_count": Count("pk"),
            "total_spent": spent,
            "last_order_at": Max("created_at"),
        }
