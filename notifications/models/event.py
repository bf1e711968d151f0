"""The log of what happened, in the order in which readers get it."""

from datetime import UTC
from typing import Any
from uuid import uuid4

from django.db import models
from django.utils import timezone


class EventType(models.TextChoices):
    ORDER_CREATED = "order.created", "order.created"
    ORDER_CONFIRMED = "order.confirmed", "order.confirmed"
    ORDER_PAID = "order.paid", "order.paid"
    ORDER_PROCESSING = "order.processing", "order.processing"
    ORDER_SHIPPED = "order.shipped", "order.shipped"
    ORDER_DELIVERED = "order.delivered", "order.delivered"
    ORDER_RETURNED = "order.returned", "order.returned"
    ORDER_CANCELLED = "order.cancelled", "order.cancelled"
    SHIPMENT_SENT = "shipment.sent", "shipment.sent"
    RETURN_REQUESTED = "return.requested", "return.requested"
    RETURN_APPROVED = "return.approved", "return.approved"
    RETURN_REJECTED = "return.rejected", "return.rejected"
    PAYMENT_SUCCEEDED = "payment.succeeded", "payment.succeeded"
    PAYMENT_FAILED = "payment.failed", "payment.failed"
    PAYMENT_REFUNDED = "payment.refunded", "payment.refunded"
    PRODUCT_UPDATED = "product.updated", "product.updated"
    PRODUCT_DELETED = "product.deleted", "product.deleted"
    STOCK_CHANGED = "stock.changed", "stock.changed"
    STOCK_LOW = "stock.low", "stock.low"
    CUSTOMER_CREATED = "customer.created", "customer.created"
    CUSTOMER_DELETED = "customer.deleted", "customer.deleted"


class EventRecord(models.Model):
    """Something that happened, written in the transaction that made it happen."""

    # Readers know an event by this id; the key below it only keeps the order of writing.
    event_id = models.UUIDField(unique=True, default=uuid4, editable=False)
    type = models.CharField(max_length=40, choices=EventType.choices)
    data = models.JSONField(default=dict)
    created_at = models.DateTimeField(default=timezone.now, db_index=True)
    # Given after the commit, by one at a time: a key is given before it, and a reader that goes
    # on from the highest key would never see a row that was written early and committed late.
    position = models.PositiveBigIntegerField(null=True, unique=True, editable=False)

    class Meta:
        ordering = ["-id"]
        verbose_name = "event"
        indexes = [models.Index(fields=["type", "position"], name="event_by_type")]

    def __str__(self) -> str:
        return f"{self.type} {self.event_id}"

    @property
    def payload(self) -> dict[str, Any]:
        """The event as the feed shows it and as webhooks carry it."""
        return {
            "id": str(self.event_id),
            "type": self.type,
            "created_at": self.created_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "data": self.data,
        }


class FeedHead(models.Model):
    """The one row whose lock lets one process at a time number events."""

    last = models.PositiveBigIntegerField(default=0)

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return str(self.last)
