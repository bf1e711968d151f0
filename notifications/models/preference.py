"""What people want to be told, and by which way; and addresses that want no more of a topic."""

from __future__ import annotations

import hashlib
from typing import Any

from django.conf import settings
from django.db import models


class Topic(models.TextChoices):
    """What people may refuse; whatever belongs to no topic is always told."""

    ORDER_UPDATES = "order_updates", "news of your orders"
    PROMOTIONS = "promotions", "offers"
    CART_REMINDERS = "cart_reminders", "reminders of your cart"
    STOCK_ALERTS = "stock_alerts", "news of what is back in stock"


TOPIC_OF = {
    "order_placed": Topic.ORDER_UPDATES,
    "order_confirmed": Topic.ORDER_UPDATES,
    "order_processing": Topic.ORDER_UPDATES,
    "order_shipped": Topic.ORDER_UPDATES,
    "order_delivered": Topic.ORDER_UPDATES,
    "order_cancelled": Topic.ORDER_UPDATES,
    "order_returned": Topic.ORDER_UPDATES,
    "return_approved": Topic.ORDER_UPDATES,
    "return_rejected": Topic.ORDER_UPDATES,
    "payment_received": Topic.ORDER_UPDATES,
    "payment_failed": Topic.ORDER_UPDATES,
    "payment_refunded": Topic.ORDER_UPDATES,
    "back_in_stock": Topic.STOCK_ALERTS,
    "abandoned_cart": Topic.CART_REMINDERS,
}
# Mails that nobody can refuse, although the same news in other ways can be.
ALWAYS_MAILED = {
    "order_placed",
    "order_confirmed",
    "payment_received",
    "payment_failed",
    "payment_refunded",
}
# Where somebody has said nothing.
DEFAULTS: dict[str, dict[str, bool]] = {
    Topic.ORDER_UPDATES: {"email": True, "in_app": True, "sms": False},
    Topic.PROMOTIONS: {"email": False, "in_app": False, "sms": False},
    Topic.CART_REMINDERS: {"email": False, "in_app": False, "sms": False},
    Topic.STOCK_ALERTS: {"email": True, "in_app": True, "sms": False},
}


def refusable_topic(kind: str) -> Topic | None:
    """Return the topic whose mails of this kind can be refused; None where they cannot."""
    return None if kind in ALWAYS_MAILED else TOPIC_OF.get(kind)


class Preference(models.Model):
    """How somebody wants to be told of a topic; without a row the defaults hold."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="notification_preferences"
    )
    topic = models.CharField(max_length=20, choices=Topic.choices)
    email = models.BooleanField()
    in_app = models.BooleanField()
    sms = models.BooleanField()

    class Meta:
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["user", "topic"], name="preference_once_a_topic")
        ]

    def __str__(self) -> str:
        return f"{self.topic} of {self.user_id}"

    @classmethod
    def unsaid(cls, topic: str, **fields: Any) -> Preference:  # noqa: ANN401
        """Return what holds where nothing is said, as a row that is not stored."""
        return cls(topic=topic, **DEFAULTS[topic], **fields)


class Suppression(models.Model):
    """An address without an account that wants no more mails of a topic.

    Only a hash is kept: who unsubscribed stays unsubscribed, also when all else is erased.
    """

    key_hash = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return self.key_hash[:12]

    @staticmethod
    def key_of(topic: str, email: str) -> str:
        """Return what stands for an address and a topic, however the address is spelt."""
        return hashlib.sha256(f"{topic}\x1f{email.strip().lower()}".encode()).hexdigest()
