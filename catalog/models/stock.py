from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from config.audit import Audit


class Stock(models.Model):
    """The pieces of one variant: on the shelf, and promised to orders."""

    # The variant's key is the row's own: rows are locked in one order on every database.
    variant = models.OneToOneField(
        "catalog.Variant", models.CASCADE, primary_key=True, related_name="stock"
    )
    on_hand = models.PositiveIntegerField(default=0)
    reserved = models.PositiveIntegerField(default=0)
    # The variant's threshold again, empty while it is not sold: whoever holds this row's lock
    # sees without another query whether an alert must open or close. Kept by services.
    alert_threshold = models.PositiveIntegerField(null=True, blank=True, editable=False)
    # False until the first piece comes: what never was there cannot fall to a threshold.
    was_stocked = models.BooleanField(default=True, db_default=True, editable=False)

    class Meta:
        verbose_name_plural = "stock"
        constraints = [
            models.CheckConstraint(
                condition=Q(on_hand=0) | Q(was_stocked=True), name="stock_on_hand_was_stocked"
            ),
            models.CheckConstraint(
                condition=Q(reserved__lte=F("on_hand")), name="stock_reserved_within_on_hand"
            ),
            models.CheckConstraint(
                condition=Q(reserved__gte=0), name="stock_reserved_not_negative"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.available} available"

    @property
    def available(self) -> int:
        """What can be sold."""
        return self.on_hand - self.reserved

    @property
    def is_low(self) -> bool:
        """Whether an alert is open: the variant is sold, had pieces, and fell to its threshold."""
        is_watched = self.was_stocked and self.alert_threshold is not None
        return is_watched and self.available <= self.alert_threshold


class MovementKind(models.TextChoices):
    IN = "IN", "Received"
    OUT = "OUT", "Taken out"
    ADJUSTMENT = "ADJUSTMENT", "Counted"
    RETURN = "RETURN", "Returned"
    DAMAGE = "DAMAGE", "Damaged"
    RESERVE = "RESERVE", "Promised to an order"
    RELEASE = "RELEASE", "Promise ended"
    SALE = "SALE", "Shipped"
    CORRECTION = "CORRECTION", "Corrected"


class StockMovement(models.Model):
    """A row of the ledger: a change of one stock, never changed or deleted."""

    variant = models.ForeignKey("catalog.Variant", models.CASCADE, related_name="movements")
    kind = models.CharField(max_length=10, choices=MovementKind.choices)
    on_hand_change = models.IntegerField(default=0)
    reserved_change = models.IntegerField(default=0)
    on_hand_after = models.PositiveIntegerField()
    reserved_after = models.PositiveIntegerField()
    # The order's id; orders are to the right of this app, so it is no foreign key.
    order_id = models.UUIDField(null=True, blank=True, db_index=True)
    reference = models.CharField(max_length=100, blank=True)
    notes = models.CharField(max_length=500, blank=True)
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)

    audit = Audit(name="__str__", skipped=("recorded_by",))

    class Meta:
        ordering = ["-created_at", "-id"]
        indexes = [models.Index(fields=["variant", "created_at", "id"], name="movement_history")]

    def __str__(self) -> str:
        return f"{self.kind} {self.quantity}"

    @property
    def available_after(self) -> int:
        return self.on_hand_after - self.reserved_after

    @property
    def available_before(self) -> int:
        return self.available_after - self.on_hand_change + self.reserved_change

    @property
    def quantity(self) -> int:
        """The pieces moved: positive but for a count that found fewer."""
        change = self.on_hand_change or self.reserved_change
        is_signed = self.kind in {MovementKind.ADJUSTMENT, MovementKind.CORRECTION}
        return change if is_signed else abs(change)


class StockAlertQuerySet(models.QuerySet["StockAlert"]):
    def waiting(self) -> StockAlertQuerySet:
        """Keep open alerts that nobody has acknowledged."""
        return self.filter(open_for__isnull=False, acknowledged_at=None)


class StockAlert(models.Model):
    """A time in which a variant that is sold, and once had pieces, had fallen to its threshold."""

    variant = models.ForeignKey("catalog.Variant", models.CASCADE, related_name="alerts")
    # The variant again while this alert is open, else NULL: at most one open a variant.
    open_for = models.OneToOneField(
        "catalog.Variant",
        models.CASCADE,
        null=True,
        blank=True,
        related_name="open_alert",
        editable=False,
    )
    stock_when_opened = models.PositiveIntegerField()
    created_at = models.DateTimeField(default=timezone.now, db_index=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    acknowledged_at = models.DateTimeField(null=True, blank=True)
    acknowledged_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )

    objects = StockAlertQuerySet.as_manager()
    audit = Audit(name="variant.sku", skipped=("acknowledged_by",))

    class Meta:
        ordering = ["-created_at", "-id"]

    def __str__(self) -> str:
        return f"{self.variant}: {self.stock_when_opened} left"

    @property
    def is_open(self) -> bool:
        return self.open_for_id is not None
