"""What staff set: tax rates, shipping zones and methods, coupons."""

from copy import copy
from typing import Any, TypeVar

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db import IntegrityError, models, transaction

from accounts.services.auditing import audited, set_members, track
from config.errors import InvalidInput, NotFound
from config.transactions import retried

from ..errors import Duplicate

Row = TypeVar("Row", bound=models.Model)


@retried
@transaction.atomic
@audited()
def save_row(row: Row, fields: dict[str, Any]) -> Row:
    """Write `fields` into a row and return it, or raise InvalidInput and write nothing.

    The row is judged as it will be: a change of one field cannot slip past the others.
    """
    row = track(_lock(row))
    lists = {field.name for field in row._meta.many_to_many} & fields.keys()
    for name in fields.keys() - lists:
        setattr(row, name, fields[name])
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
            for name in lists:
                set_members(row, name, fields[name])
    except IntegrityError:  # another row took its place since we looked
        raise Duplicate()
    return row


@retried
@transaction.atomic
@audited()
def delete_row(row: models.Model) -> None:
    """Delete a row, or raise NotFound where somebody else did."""
    # A copy, because a deleted instance has no key by which the call could be repeated.
    _, deleted = track(copy(row)).delete()
    if not deleted.get(row._meta.label):
        raise NotFound()


def _lock(row: Row) -> Row:
    """Return a stored row as it is now, so that a change at the same moment is not undone."""
    if row.pk is None:
        return row
    found = type(row)._default_manager.select_for_update().filter(pk=row.pk).first()
    if found is None:
        raise NotFound()
    return found
