"""Retries of a transaction that the database gave up because of another one."""

import random
import time
from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

from django.db import OperationalError, connection

from .errors import ServiceUnavailable

P = ParamSpec("P")
T = TypeVar("T")

ATTEMPTS = 4  # the first one and three retries
# MySQL: deadlock, lock wait time-out. PostgreSQL: deadlock, serialization failure.
_MYSQL_CODES = {1213, 1205}
_POSTGRESQL_CODES = {"40P01", "40001"}


def is_conflict(error: OperationalError) -> bool:
    """Tell whether the database gave up a transaction that may succeed when repeated."""
    cause = error.__cause__
    if getattr(cause, "sqlstate", None) in _POSTGRESQL_CODES:
        return True
    return bool(error.args) and error.args[0] in _MYSQL_CODES


def retried(service: Callable[P, T]) -> Callable[P, T]:
    """Repeat an outermost service call that lost a deadlock; then raise ServiceUnavailable."""

    @wraps(service)
    def wrapper(*args: P.args, **kwargs: P.kwargs) -> T:
        if connection.in_atomic_block:  # only the outermost transaction can be repeated
            return service(*args, **kwargs)
        for attempt in range(1, ATTEMPTS + 1):
            try:
                return service(*args, **kwargs)
            except OperationalError as error:
                if not is_conflict(error):
                    raise
                if attempt < ATTEMPTS:
                    time.sleep(random.uniform(0, 0.05 * attempt))  # noqa: S311
        raise ServiceUnavailable()

    return wrapper
