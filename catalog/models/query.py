from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from config.audit import Audit


class SearchedQuery(models.Model):
    """How often a text was searched on a day, by anybody: who searched is not kept."""

    TEXT_LENGTH = 100

    day = models.DateField()
    # A digest of the text: collations make texts equal that are not.
    key = models.CharField(max_length=32)
    text = models.CharField(max_length=TEXT_LENGTH)
    taken_as = models.CharField(max_length=TEXT_LENGTH, blank=True)
    times = models.PositiveIntegerField(default=0)
    times_empty = models.PositiveIntegerField(default=0)
    clicks = models.PositiveIntegerField(default=0)

    class Meta:
        verbose_name_plural = "searched queries"
        constraints = [
            models.UniqueConstraint(fields=["day", "key"], name="searched_query_unique"),
            models.CheckConstraint(
                condition=Q(times_empty__lte=F("times")), name="searched_query_empty_within_times"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.text} on {self.day}"


class SuggestedQuery(models.Model):
    """A text that many searched and that found something; a worker lists them anew.

    A blocked one stays, and keeps its text from being suggested.
    """

    key = models.CharField(max_length=32, unique=True)
    text = models.CharField(max_length=SearchedQuery.TEXT_LENGTH)
    times = models.PositiveIntegerField()
    is_blocked = models.BooleanField(default=False)

    audit = Audit(masked=("text",), skipped=("key", "times"))

    class Meta:
        verbose_name_plural = "suggested queries"

    def __str__(self) -> str:
        return self.text
