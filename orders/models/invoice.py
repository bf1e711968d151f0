from __future__ import annotations

from uuid import uuid4

from django.db import models
from django.db.models import Q
from django.utils import timezone

from config.money import AmountField


class NumberSeries(models.Model):
    """The last number taken of a series such as INV-2026-27, which has no gaps."""

    name = models.CharField(max_length=20, unique=True)
    last = models.PositiveIntegerField(default=0)

    class Meta:
        verbose_name_plural = "number series"

    def __str__(self) -> str:
        return f"{self.name}: {self.last}"


class Invoice(models.Model):
    """The invoice of an order, whose lines and amounts do not change; places are as they were."""

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    order = models.OneToOneField("orders.Order", models.PROTECT, related_name="invoice")
    number = models.CharField(max_length=32, unique=True)
    # {"name", "address", "tax_number", "country", "state"} of the store.
    seller = models.JSONField(default=dict)
    billing_address = models.JSONField(default=dict)
    shipping_address = models.JSONField(default=dict)
    issued_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-issued_at", "-id"]

    def __str__(self) -> str:
        return self.number


class CreditNoteQuerySet(models.QuerySet["CreditNote"]):
    def to_draw(self) -> CreditNoteQuerySet:
        """Load what the paper shows."""
        rows = self.select_related("invoice__order")
        return rows.prefetch_related(
            "invoice__order__lines", "invoice__credit_notes__return_request__lines"
        )


class CreditNote(models.Model):
    """What an invoice counts less, because that much money went back."""

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    invoice = models.ForeignKey(Invoice, models.PROTECT, related_name="credit_notes")
    number = models.CharField(max_length=32, unique=True)
    amount = AmountField()
    # Whose pieces the money went back for, where it did for pieces.
    return_request = models.ForeignKey(
        "orders.ReturnRequest", models.PROTECT, null=True, blank=True, related_name="credit_notes"
    )
    created_at = models.DateTimeField(default=timezone.now)

    objects = CreditNoteQuerySet.as_manager()

    class Meta:
        ordering = ["created_at", "number"]
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=0), name="credit_note_amount_positive"),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def currency(self) -> str:
        return self.invoice.order.currency
