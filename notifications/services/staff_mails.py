"""Mails that staff get of themselves: the report of a day's sales, and the digest of low stock.

One of each for a person and a day, however often they are asked for.
"""

from datetime import date, datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Max
from django.db.models.fields.json import KT
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.formats import date_format

from accounts.models import User
from catalog.models import StockAlert
from config.errors import InvalidInput
from config.transactions import retried
from orders.services.day_figures import figures_of

from ..models import Message
from .contents.writing import show_amount
from .mails import OF_STAFF, readers_of
from .notices import tell_staff
from .outbox import queue_all

# In the store's time zone, before people come to work.
REPORT_HOUR = 6
DIGEST_HOUR = 7
# An alert has its time before it is committed: what is younger is for the next digest.
SETTLED = timedelta(minutes=5)


def queue_due() -> None:
    """Queue yesterday's report and today's digest once their hour has come."""
    now = timezone.localtime()
    if now.hour >= REPORT_HOUR:
        queue_report(day=now.date() - timedelta(days=1))
    if now.hour >= DIGEST_HOUR:
        queue_digest()


@retried
@transaction.atomic
def queue_report(*, day: date) -> list[Message]:
    """Queue the report of a day that is over for everybody who lacks it, and return these.

    Who has no e-mail address reads in the shop itself that it is there.
    """
    if day >= timezone.localdate():
        raise InvalidInput(date="This day is not over yet.")
    _tell_of_report(day)
    readers = readers_of("daily_report")
    data = {"report_day": str(day)}
    return queue_all(_message("daily_report", day, person, data) for person in readers)


def _tell_of_report(day: date) -> None:
    figures = figures_of(day)
    revenue = show_amount(figures.net, settings.STORE_CURRENCY)
    tell_staff(
        permission=OF_STAFF["daily_report"],
        kind="daily_report",
        cause=str(day),
        ids={},
        words={
            "day": date_format(day, "j F Y"),
            "summary": f"Revenue: {revenue}. Orders: {figures.orders}.",
        },
    )


@retried
@transaction.atomic
def queue_digest() -> list[Message]:
    """Queue today's digest for everybody for whom an open alert is new, and return these."""
    until = timezone.now() - SETTLED
    settled = StockAlert.objects.waiting().filter(created_at__lte=until)
    newest = settled.aggregate(at=Max("created_at"))["at"]
    if newest is None:
        return []
    readers = readers_of("low_stock_digest")
    told = _told_until(readers)
    return queue_all(
        _digest(person, told.get(person.pk), until)
        for person in readers
        if person.pk not in told or newest > told[person.pk]
    )


def _told_until(readers: list[User]) -> dict[Any, datetime]:
    """Return up to when each reader was told of alerts."""
    told = Message.objects.filter(kind="low_stock_digest", user__in=readers).order_by()
    rows = told.values_list("user").annotate(until=Max(KT("data__alerts_until")))
    return {user: moment for user, text in rows if (moment := parse_datetime(text or ""))}


def _digest(person: User, since: datetime | None, until: datetime) -> Message:
    data = {"alerts_since": _written(since) if since else "", "alerts_until": _written(until)}
    return _message("low_stock_digest", timezone.localdate(), person, data)


def _message(kind: str, day: date, person: User, data: dict[str, str]) -> Message:
    return Message(
        kind=kind,
        cause=f"{kind}:{day}:{person.pk}",
        recipient=person.email or "",
        user=person,
        data=data,
    )


def _written(moment: datetime) -> str:
    """Write a moment in UTC so that a later one is a greater text."""
    return moment.strftime("%Y-%m-%dT%H:%M:%S.%f+00:00")
