"""Rows about people: what was erased stays so, whatever an older copy of the row says."""

from typing import Any

from django.db import models


class Erasable(models.Model):
    """A row that can be erased once and for all.

    A constraint of the table keeps its personal columns empty while `erased_at` is set, and no
    save writes that column: a copy that was loaded before the erasure is refused.
    """

    erased_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401
        is_new = self._state.adding or kwargs.get("force_insert")
        if not is_new and kwargs.get("update_fields") is None:
            kwargs["update_fields"] = self._loaded_columns() - {"erased_at"}
        super().save(*args, **kwargs)

    def _loaded_columns(self) -> set[str]:
        deferred = self.get_deferred_fields()
        return {
            field.name
            for field in self._meta.concrete_fields
            if not (field.primary_key or field.generated or field.attname in deferred)
        }
