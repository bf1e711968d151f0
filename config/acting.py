"""In whose name the running call acts, for those who write down what staff change."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

API, ADMIN, COMMAND = "api", "admin", "command"


@dataclass(frozen=True)
class Acting:
    """Where a call came in, and how to learn who made it: asked only when somebody must know."""

    source: str
    user: Callable[[], Any]


current: ContextVar[Acting | None] = ContextVar("acting", default=None)


@contextmanager
def acting(source: str, user: Callable[[], Any] = lambda: None) -> Iterator[None]:
    """Act in somebody's name until the block ends; other threads and later calls do not."""
    token = current.set(Acting(source, user))
    try:
        yield
    finally:
        current.reset(token)
