"""The audit trail: what staff changed, when, and from what to what."""

from __future__ import annotations

from typing import Any, NoReturn

from django.conf import settings
from django.db import models
from django.utils import timezone

from config import acting


class TrailFixed(Exception):
    """Somebody tried to change or delete a row of the trail."""

    def __init__(self) -> None:
        super().__init__("The audit trail is only added to.")


class AuditEntryQuerySet(models.QuerySet["AuditEntry"]):
    def update(self, **kwargs: Any) -> NoReturn:  # noqa: ANN401
        raise TrailFixed()

    def delete(self) -> NoReturn:
        raise TrailFixed()


class Source(models.TextChoices):
    API = acting.API, "API"
    ADMIN = acting.ADMIN
    COMMAND = acting.COMMAND


class AuditEntry(models.Model):
    """A write of a member of staff to one row; never changed or deleted, by database triggers."""

    # Erased people keep their row, so that nobody's name has to be copied here. NULL: a command.
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="audit_entries"
    )
    source = models.CharField(max_length=10, choices=Source.choices)
    action = models.CharField(max_length=32)
    model = models.CharField(max_length=64)
    object_id = models.CharField(max_length=64)
    # A SKU, number or slug; never a person's name.
    object_name = models.CharField(max_length=255, blank=True)
    # {field: [before, after]}; of lists, what left and what came.
    changes = models.JSONField(default=dict)
    request_id = models.CharField(max_length=128, blank=True, db_index=True)
    created_at = models.DateTimeField(default=timezone.now, db_index=True)

    objects = AuditEntryQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-id"]
        verbose_name_plural = "audit entries"
        default_permissions = ("view",)
        indexes = [
            models.Index(fields=["object_id", "model", "created_at"], name="audit_of_object"),
            models.Index(fields=["actor", "created_at"], name="audit_of_actor"),
        ]

    def __str__(self) -> str:
        kind = self.model.partition(".")[2]
        return f"{kind} {self.object_name or self.object_id}: {self.action.replace('_', ' ')}"

    def save(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401
        if not self._state.adding:
            raise TrailFixed()
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> NoReturn:  # noqa: ANN401
        raise TrailFixed()
