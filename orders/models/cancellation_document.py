from django.conf import settings
from django.db import models

from config.money import AmountField


class CancellationDocument(models.Model):
    """A cancellation of the former shop system, kept for reports; it changes no order."""

    external_source = models.CharField(max_length=32)
    external_id = models.CharField(max_length=64)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    country = models.CharField(max_length=64, blank=True)
    currency = models.CharField(max_length=3)
    total_amount = AmountField(help_text="What was given back, as a positive amount.")
    created_at = models.DateTimeField()

    class Meta:
        ordering = ["-created_at", "-id"]
        indexes = [models.Index(fields=["created_at"], name="cancellation_by_age")]
        constraints = [
            models.UniqueConstraint(
                fields=["external_source", "external_id"], name="cancellation_external_id_unique"
            ),
        ]

    def __str__(self) -> str:
        return self.external_id


class CancellationLine(models.Model):
    document = models.ForeignKey(CancellationDocument, models.CASCADE, related_name="lines")
    position = models.PositiveIntegerField()
    sku = models.CharField(max_length=64)
    name = models.CharField(max_length=255, blank=True)
    quantity = models.PositiveIntegerField(help_text="Pieces given back.")
    unit_price = AmountField()

    class Meta:
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(
                fields=["document", "position"], name="cancellation_line_position_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.quantity} × {self.sku}"
