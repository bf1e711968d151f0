"""What people find in the shop itself: a short text, written together with its cause."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import uuid4

from django.conf import settings
from django.db import models
from django.utils import timezone

if TYPE_CHECKING:
    from accounts.models import User


class NotificationKind(models.TextChoices):
    ORDER_PLACED = "order_placed"
    ORDER_CONFIRMED = "order_confirmed"
    ORDER_PROCESSING = "order_processing"
    ORDER_SHIPPED = "order_shipped"
    ORDER_DELIVERED = "order_delivered"
    ORDER_CANCELLED = "order_cancelled"
    ORDER_RETURNED = "order_returned"
    RETURN_APPROVED = "return_approved"
    RETURN_REJECTED = "return_rejected"
    PAYMENT_RECEIVED = "payment_received"
    PAYMENT_FAILED = "payment_failed"
    PAYMENT_REFUNDED = "payment_refunded"
    BACK_IN_STOCK = "back_in_stock"
    ABANDONED_CART = "abandoned_cart"
    # For staff
    STOCK_LOW = "stock_low"
    DAILY_REPORT = "daily_report"
    PAYMENT_NEEDS_PERSON = "payment_needs_person"


class NotificationQuerySet(models.QuerySet["Notification"]):
    def owned_by(self, user: User) -> NotificationQuerySet:
        """Keep what somebody was told and has not deleted."""
        return self.filter(user=user, deleted_at=None)

    def unread(self) -> NotificationQuerySet:
        return self.filter(read_at=None)


class Notification(models.Model):
    """A text to one person, until they delete it or it is old."""

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="notifications")
    kind = models.CharField(max_length=40, choices=NotificationKind.choices)
    # What it tells of: nobody is told twice, however often the cause is.
    cause = models.CharField(max_length=150)
    title = models.CharField(max_length=200)
    body = models.CharField(max_length=500)
    # Ids of what it is about: order, product, payment.
    data = models.JSONField(default=dict)
    read_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(default=timezone.now, db_index=True)
    # A deleted one keeps its cause alone: else whoever is told hourly would be told again.
    deleted_at = models.DateTimeField(null=True, editable=False)

    objects = NotificationQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-id"]
        indexes = [
            models.Index(fields=["user", "created_at", "id"], name="notification_of_user"),
            models.Index(fields=["user", "read_at"], name="notification_unread"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["user", "cause"], name="notification_once_a_cause")
        ]

    def __str__(self) -> str:
        return self.title
