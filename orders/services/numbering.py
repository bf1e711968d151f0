"""Numbers without a gap or a repeat, in one series for each kind and financial year."""

from datetime import datetime
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import connection
from django.utils import timezone

from ..models import NumberSeries


def take_number(kind: str, at: datetime) -> str:
    """Take the next number of a kind, such as INV-2026-27-000123.

    It is taken with the transaction or not at all. The series stays locked until then, so this
    must be the last lock of its transaction.
    """
    name = f"{kind}-{financial_year(at)}"
    rows = NumberSeries.objects.select_for_update()
    series = rows.filter(name=name).first() or _open_series(name)
    series.last += 1
    series.save(update_fields=["last"])
    return f"{name}-{series.last:06d}"


def financial_year(at: datetime) -> str:
    """Name the financial year of a moment: 2026-27, or 2026 where it is the calendar's."""
    day = timezone.localdate(at, ZoneInfo(settings.STORE_TIME_ZONE))
    first_month = settings.FINANCIAL_YEAR_START_MONTH
    if first_month == 1:
        return str(day.year)
    first = day.year if day.month >= first_month else day.year - 1
    return f"{first}-{(first + 1) % 100:02d}"


def _open_series(name: str) -> NumberSeries:
    """Return a new year's series under its lock, also when many open it at once.

    An upsert waits for the row and then owns it. An insert that met a twin would only share it
    on MySQL, and all who share it would wait for each other.
    """
    by_name = connection.features.supports_update_conflicts_with_target
    NumberSeries.objects.bulk_create(
        [NumberSeries(name=name)],
        update_conflicts=True,
        update_fields=["name"],
        unique_fields=["name"] if by_name else None,
    )
    return NumberSeries.objects.select_for_update().get(name=name)
