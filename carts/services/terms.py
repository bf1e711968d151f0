"""What staff set: tax rates, shipping zones and methods."""

from typing import Any, TypeVar

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db import IntegrityError, models, transaction

from config.errors import InvalidInput

from ..errors import Duplicate

Row = TypeVar("Row", bound=models.Model)


def save_row(row: Row, fields: dict[str, Any]) -> Row:
    """Write `fields` into a row, or raise InvalidInput and write nothing.

    The row is judged as it will be: a change of one field cannot slip past the others.
    """
    for name, value in fields.items():
        setattr(row, name, value)
    try:
        row.full_clean()
    except ValidationError as error:
        found = error.message_dict
        if NON_FIELD_ERRORS in found:
            found["non_field_errors"] = found.pop(NON_FIELD_ERRORS)
        raise InvalidInput(**found)
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError:  # another row took its place since we looked
        raise Duplicate()
    return row
