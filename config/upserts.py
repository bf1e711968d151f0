"""Rows that are inserted, or changed where they are there already."""

from collections.abc import Iterable
from typing import Any

from django.db import connection
from django.db.models import Model


def upsert(model: type[Model], rows: Iterable[Any], columns: list[str], key: str = "pk") -> None:
    """Insert rows in one statement; of those whose key is there, change these columns."""
    # MySQL takes any unique key, and wants none to be named.
    keys = {"unique_fields": [key]} if connection.vendor != "mysql" else {}
    model._default_manager.bulk_create(rows, update_conflicts=True, update_fields=columns, **keys)
