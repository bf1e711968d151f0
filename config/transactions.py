"""Retries of a transaction that the database gave up because of another one."""

import random
import time
from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

from django.db import DatabaseError, IntegrityError, OperationalError, connection

from .errors import ServiceUnavailable

P = ParamSpec("P")
T = TypeVar("T")

ATTEMPTS = 4  # the first one and three retries
# MySQL: deadlock, lock wait time-out; a row that another one needs, or that is needed, is
# gone. PostgreSQL: deadlock, serialization failure; the same of rows.
_MYSQL_CODES = {1213, 1205, 1451, 1452}
_POSTGRESQL_CODES = {"40P01", "40001", "23503"}


class TryAgain(Exception):
    """Raised in a transaction that would go better a second time: `retried` repeats the call.

    What the transaction lacks, such as a row that must be committed before it begins, `prepare`
    makes in between.
    """

    def __init__(self, prepare: Callable[[], object] = lambda: None) -> None:
        super().__init__()
        self.prepare = prepare


def is_conflict(error: DatabaseError) -> bool:
    """Tell whether the database gave up a transaction that may succeed when repeated.

    A broken foreign key is one, too: what was read a moment ago was deleted, or what is being
    deleted was used, and the repeated call sees that.
    """
    cause = error.__cause__
    if getattr(cause, "sqlstate", None) in _POSTGRESQL_CODES:
        return True
    return bool(error.args) and error.args[0] in _MYSQL_CODES


def retried(service: Callable[P, T]) -> Callable[P, T]:
    """Repeat an outermost service call that lost to another one, or lacked a row; give up at last.

    Then it raises ServiceUnavailable.
    """

    @wraps(service)
    def wrapper(*args: P.args, **kwargs: P.kwargs) -> T:
        if connection.in_atomic_block:  # only the outermost transaction can be repeated
            return service(*args, **kwargs)
        for attempt in range(1, ATTEMPTS + 1):
            try:
                return service(*args, **kwargs)
            except TryAgain as wish:
                wish.prepare()
            except (OperationalError, IntegrityError) as error:
                is_last = attempt == ATTEMPTS and isinstance(error, IntegrityError)
                if is_last or not is_conflict(error):
                    raise
                if attempt < ATTEMPTS:
                    time.sleep(random.uniform(0, 0.05 * attempt))  # noqa: S311
        raise ServiceUnavailable()

    return wrapper
