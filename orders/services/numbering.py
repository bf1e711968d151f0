"""Numbers without a gap or a repeat, in one series for each kind and financial year."""

from datetime import datetime, timedelta
from functools import partial
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils import timezone

from config.transactions import TryAgain

from ..models import NumberSeries

KINDS = ("INV", "CRN")
# A year's series are there before it begins.
AHEAD = timedelta(days=30)


def take_number(kind: str, at: datetime) -> str:
    """Take the next number of a kind, such as INV-2026-27-000123.

    It is taken with the transaction or not at all. The series stays locked until then, so this
    must be the last lock of its transaction, which repeats where the series was not open yet.
    """
    name = _name_of(kind, at)
    series = NumberSeries.objects.select_for_update().filter(name=name).first()
    if series is None:
        raise TryAgain(partial(open_series, at))
    series.last += 1
    series.save(update_fields=["last"])
    return f"{name}-{series.last:06d}"


def open_series(at: datetime) -> None:
    """Make the series of a moment's financial year that are missing, in a transaction of its own.

    A transaction that met its own new row would lock it as others do: each would wait for all.
    """
    NumberSeries.objects.bulk_create(
        [NumberSeries(name=_name_of(kind, at)) for kind in KINDS], ignore_conflicts=True
    )


def open_coming_series() -> None:
    """Have the series of this financial year open, and near its end those of the next one."""
    now = timezone.now()
    for at in (now, now + AHEAD):
        open_series(at)


def financial_year(at: datetime) -> str:
    """Name the financial year of a moment: 2026-27, or 2026 where it is the calendar's."""
    day = timezone.localdate(at, ZoneInfo(settings.STORE_TIME_ZONE))
    first_month = settings.FINANCIAL_YEAR_START_MONTH
    if first_month == 1:
        return str(day.year)
    first = day.year if day.month >= first_month else day.year - 1
    return f"{first}-{(first + 1) % 100:02d}"


def _name_of(kind: str, at: datetime) -> str:
    return f"{kind}-{financial_year(at)}"
