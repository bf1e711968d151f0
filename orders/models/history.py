from django.conf import settings
from django.db import models

MAX_NOTE = 500


class ActorKind(models.TextChoices):
    CUSTOMER = "customer"
    STORE = "store"  # a member of staff
    SYSTEM = "system"


class OrderHistory(models.Model):
    """One change of an order: from what to what, by whom, and why."""

    order = models.ForeignKey("orders.Order", models.CASCADE, related_name="history")
    from_status = models.CharField(max_length=12, blank=True)
    to_status = models.CharField(max_length=12)
    actor_kind = models.CharField(max_length=10, choices=ActorKind.choices)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    note = models.CharField(max_length=MAX_NOTE, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["created_at", "id"]
        verbose_name_plural = "order history"

    def __str__(self) -> str:
        return f"{self.from_status} → {self.to_status}"
