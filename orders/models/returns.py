from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import uuid4

from django.conf import settings
from django.db import models
from django.db.models import Q

from accounts.rights import staff_may
from config.audit import Audit
from config.money import AmountField

from .history import MAX_NOTE

if TYPE_CHECKING:
    from accounts.models import User


class ReturnStatus(models.TextChoices):
    REQUESTED = "requested"
    APPROVED = "approved"
    REJECTED = "rejected"


class ReturnQuerySet(models.QuerySet["ReturnRequest"]):
    def visible_to(self, user: User) -> ReturnQuerySet:
        """Keep returns of own orders; staff who may view orders see all."""
        sees_all = staff_may(user, "orders.view_order")
        return self if sees_all else self.filter(order__user=user)

    def with_lines(self) -> ReturnQuerySet:
        return self.select_related("order").prefetch_related("lines")


class ReturnRequest(models.Model):
    """What a customer wants to send back of a delivered order, and what staff decided."""

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    order = models.ForeignKey("orders.Order", models.CASCADE, related_name="returns")
    status = models.CharField(
        max_length=10, choices=ReturnStatus.choices, default=ReturnStatus.REQUESTED
    )
    # Until it is approved: what its approval would give back.
    refund_amount = AmountField(default=0)
    refunds_shipping = models.BooleanField(default=False)
    is_restocked = models.BooleanField(default=False)
    note = models.CharField(max_length=MAX_NOTE, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)
    decided_at = models.DateTimeField(null=True, blank=True)

    objects = ReturnQuerySet.as_manager()

    audit = Audit(name="order.number", masked=("note",), skipped=("decided_by",))

    class Meta:
        verbose_name = "return"
        ordering = ["-created_at", "-id"]
        indexes = [models.Index(fields=["status", "created_at"], name="return_by_status")]
        constraints = [
            models.CheckConstraint(
                condition=Q(refund_amount__gte=0), name="return_amount_not_negative"
            ),
        ]

    def __str__(self) -> str:
        return f"Return of {self.order}"

    @property
    def currency(self) -> str:
        return self.order.currency


class ReturnLine(models.Model):
    """Pieces of one order line that come back, and why."""

    request = models.ForeignKey(ReturnRequest, models.CASCADE, related_name="lines")
    line = models.ForeignKey("orders.OrderLine", models.CASCADE, related_name="returns")
    quantity = models.PositiveIntegerField()
    reason = models.CharField(max_length=MAX_NOTE, blank=True)
    refund_amount = AmountField(default=0)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["request", "line"], name="return_line_once"),
            models.CheckConstraint(
                condition=Q(quantity__gte=1), name="return_line_quantity_positive"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.quantity} × {self.line_id}"

    @property
    def currency(self) -> str:
        return self.request.currency
