"""The tables of this app: idempotency keys with their answers, and signs of life."""

from django.db import models


class IdempotencyKey(models.Model):
    """A caller's key: claimed before the work, answered with it, kept for 24 hours."""

    # SHA-256 of scope and key, because collations take `abc-e` and `Abc-é` for equal.
    key_hash = models.CharField(max_length=64, unique=True)
    # SHA-256 of the scope alone: whose key it is.
    scope_hash = models.CharField(max_length=64, blank=True, db_index=True)
    body_hash = models.CharField(max_length=64)
    claim = models.UUIDField()
    leased_until = models.DateTimeField()
    response_status = models.PositiveSmallIntegerField(null=True)
    response_body = models.JSONField(null=True)
    response_location = models.CharField(max_length=255, blank=True)
    created_at = models.DateTimeField(auto_now_add=True, db_index=True)

    def __str__(self) -> str:
        return self.key_hash[:12]


class Heartbeat(models.Model):
    """When beat, or a worker of a queue, last gave a sign of life."""

    name = models.CharField(max_length=40, primary_key=True)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.name} at {self.at}"
