"""Counting without a write at each request: sums wait in memory and are written together."""

import logging
from collections import Counter
from collections.abc import Callable, Hashable, Mapping
from threading import Lock, Timer
from typing import Any

from django.conf import settings
from django.db import connections

logger = logging.getLogger(__name__)

MAX_KEYS = 2_000  # more different ones in a few seconds are not people

Sums = Mapping[Any, Counter[str]]


class Tally:
    """Sums of a process by key, written every TALLY_SECONDS; one that dies loses its last ones."""

    def __init__(self, write: Callable[[Sums], None]) -> None:
        self._write = write
        self._sums: dict[Hashable, Counter[str]] = {}
        self._lock = Lock()
        self._is_waiting = False

    def add(self, key: Hashable, **amounts: int) -> None:
        """Add to the sums of a key."""
        with self._lock:
            if key not in self._sums and len(self._sums) >= MAX_KEYS:
                return
            self._sums.setdefault(key, Counter()).update(amounts)
            if self._is_waiting or not settings.TALLY_SECONDS:
                return
            self._is_waiting = True
        timer = Timer(settings.TALLY_SECONDS, self._write_apart)
        timer.daemon = True
        timer.start()

    def write(self) -> None:
        """Write the sums that are waiting in this process."""
        with self._lock:
            sums, self._sums = self._sums, {}
            self._is_waiting = False
        if sums:
            self._write(sums)

    def _write_apart(self) -> None:
        try:
            self.write()
        except Exception:
            logger.warning("Counts of the last seconds are lost.", exc_info=True)
        finally:
            connections.close_all()  # this thread's own ones
