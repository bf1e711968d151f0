"""Where integrators want to be told, and what became of each telling."""

from __future__ import annotations

from urllib.parse import urlsplit
from uuid import uuid4

from django.db import models
from django.utils import timezone

from config.audit import Audit


class WebhookEndpoint(models.Model):
    """An address that gets the events it asks for."""

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    url = models.CharField(max_length=500)
    events = models.JSONField(default=list)
    is_active = models.BooleanField(default=True)
    # The secret is derived from this and the shop's own: no row of the database discloses it.
    secret_seed = models.CharField(max_length=32, editable=False)
    # Since when nothing was accepted; NULL after each success.
    failing_since = models.DateTimeField(null=True, blank=True, editable=False)
    # Until when it asked to be left alone.
    paused_until = models.DateTimeField(null=True, blank=True, editable=False)
    # When the shop gave up this address by itself.
    switched_off_at = models.DateTimeField(null=True, blank=True, editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    updated_at = models.DateTimeField(auto_now=True)

    # Paths of addresses hold tokens of who listens there.
    audit = Audit(name="host", masked=("url", "secret_seed"))

    class Meta:
        ordering = ["-created_at", "-id"]

    def __str__(self) -> str:
        return self.url

    @property
    def host(self) -> str:
        return urlsplit(self.url).hostname or ""


class DeliveryState(models.TextChoices):
    PENDING = "pending"
    DELIVERED = "delivered"
    GIVEN_UP = "given_up"


class WebhookDelivery(models.Model):
    """One event on its way to one address: tried for a day, and kept as the log."""

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    endpoint = models.ForeignKey(WebhookEndpoint, models.CASCADE, related_name="deliveries")
    event = models.ForeignKey("EventRecord", models.CASCADE, related_name="deliveries")
    status = models.CharField(
        max_length=10, choices=DeliveryState.choices, default=DeliveryState.PENDING
    )
    attempts = models.PositiveSmallIntegerField(default=0)
    next_attempt_at = models.DateTimeField(default=timezone.now)
    give_up_at = models.DateTimeField()
    leased_until = models.DateTimeField(null=True, blank=True, db_index=True)
    # Of the last try.
    response_status = models.PositiveSmallIntegerField(null=True, blank=True)
    response = models.CharField(max_length=500, blank=True)
    latency_ms = models.PositiveIntegerField(null=True, blank=True)
    error = models.CharField(max_length=255, blank=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    delivered_at = models.DateTimeField(null=True, blank=True)

    audit = Audit(masked=("error", "response"))

    class Meta:
        ordering = ["-created_at", "-id"]
        verbose_name_plural = "webhook deliveries"
        indexes = [
            models.Index(fields=["endpoint", "status", "next_attempt_at"], name="delivery_to_send"),
            models.Index(fields=["endpoint", "created_at"], name="delivery_by_age"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["endpoint", "event"], name="delivery_once_an_event")
        ]

    def __str__(self) -> str:
        return f"{self.event_id} to {self.endpoint_id}"
