"""Values of parameters: what does not parse is refused, and its field is named by the caller."""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any, TypeVar

from django.db import connection, models
from django.db.models import F, Func, Q, QuerySet
from django.http import QueryDict
from django.utils import timezone
from django.utils.dateparse import parse_date, parse_datetime
from rest_framework.serializers import ValidationError

from ..models import OldSlug

_MAX_ID = 2**63 - 1

Row = TypeVar("Row", bound=models.Model)


def read_boolean(value: str) -> bool:
    words = {"true": True, "1": True, "false": False, "0": False}
    if value.lower() not in words:
        raise ValidationError("Give true or false.")
    return words[value.lower()]


def read_number(value: str) -> Decimal:
    try:
        number = Decimal(value)
    except InvalidOperation:
        raise ValidationError("Give a number.")
    if not number.is_finite() or abs(number) >= 10**11:
        raise ValidationError("Give a number below 100,000,000,000.")
    return number.quantize(Decimal("0.001"))


def read_moment(value: str) -> datetime:
    """Read a time, or a day as its beginning in the store's time zone."""
    try:
        moment = parse_datetime(value)
        day = None if moment else parse_date(value)
    except ValueError:
        moment = day = None
    if moment is None and day is None:
        raise ValidationError("Give a time such as 2026-01-31T12:00:00Z, or a date.")
    moment = moment or datetime.combine(day, datetime.min.time())  # type: ignore[arg-type]
    if not 1000 <= moment.year < 9999:  # in UTC it could be in no year that there is
        raise ValidationError("Give a time from the year 1000 to 9998.")
    return moment if timezone.is_aware(moment) else timezone.make_aware(moment)


def is_id(value: str) -> bool:
    # Few digits first: Python refuses to read thousands of them.
    is_number = value.isascii() and value.isdigit() and len(value) <= len(str(_MAX_ID))
    return is_number and int(value) <= _MAX_ID


def by_id_or_slug(value: str) -> Q:
    """Return the condition that a path or a parameter means: an id is all digits.

    Slugs are kept in small ASCII letters, so that every database compares them alike.
    """
    if is_id(value):
        return Q(pk=int(value))
    return Q(slug=value.lower()) if value.isascii() else Q(pk__in=[])


def spelt(rows: QuerySet[Row], column: str, values: Iterable[str]) -> QuerySet[Row]:
    """Keep rows whose text is one of the values to the letter, as PostgreSQL compares."""
    values = list(values)
    rows = rows.filter(**{f"{column}__in": values})
    if connection.vendor != "mysql":
        return rows
    # The collation takes "acme" and "Acmé" for "Acme": of what the index finds, compare bytes.
    as_bytes = Func(
        F(column), template="CAST(%(expressions)s AS BINARY)", output_field=models.BinaryField()
    )
    return rows.alias(spelt=as_bytes).filter(spelt__in=[value.encode() for value in values])


def find_all(known: QuerySet, values: Iterable[str]) -> list[Any]:
    """Return those of the known rows that ids or slugs name, or raise for the first without."""
    values = list(values)
    condition = Q()
    for value in values:
        condition |= by_id_or_slug(value)
    rows = list(known.filter(condition))
    named = {str(row.pk) for row in rows} | {row.slug.lower() for row in rows}
    for value in values:
        if (str(int(value)) if is_id(value) else value.lower()) not in named:
            rows.append(_once_called(known, value))
    return rows


def _once_called(known: QuerySet, slug: str) -> Any:  # noqa: ANN401
    """Return the row that had this slug in the past, or raise."""
    meta = known.model._meta
    owners = OldSlug.objects.filter(kind=meta.model_name, slug=slug.lower()[:255])
    row = known.filter(pk__in=owners.values("owner_id")).first()
    if row is None:
        raise ValidationError(f"There is no {meta.verbose_name} '{slug[:60]}'.")
    return row


def narrow(
    rows: QuerySet[Row], query: QueryDict, filters: Mapping[str, Callable[[str], Q]]
) -> QuerySet[Row]:
    """Apply the filters that a query string names, or raise for the first with a bad value."""
    for name, condition in filters.items():
        if not (value := query.get(name, "").replace("\0", "")):
            continue
        try:
            rows = rows.filter(condition(value))
        except ValidationError as problem:
            raise ValidationError({name: problem.detail})
    return rows
