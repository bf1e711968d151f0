"""What staff set: tax rates, shipping zones and methods."""

from typing import Any, TypeVar

from django.db import IntegrityError, models, transaction

from ..errors import Duplicate

Row = TypeVar("Row", bound=models.Model)


def save_row(row: Row, fields: dict[str, Any]) -> Row:
    """Write `fields` into a row; raise Duplicate where another row has its place."""
    for name, value in fields.items():
        setattr(row, name, value)
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError:
        raise Duplicate()
    return row
