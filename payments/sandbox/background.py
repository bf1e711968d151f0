"""Work that happens by itself: a loop that sleeps until its next due row, and the timers."""

import logging
import threading
import time
from collections.abc import Callable

from payments.sandbox.store import Store

logger = logging.getLogger(__name__)


class Loop(threading.Thread):
    """Calls `work` again when woken, or when the moment that `work` answered has come."""

    def __init__(self, name: str) -> None:
        super().__init__(name=name, daemon=True)
        self._news = threading.Event()
        self._stopping = False

    def work(self) -> float | None:
        raise NotImplementedError

    def run(self) -> None:
        while not self._stopping:
            self._news.clear()
            if self._stopping:  # the wake that came with it may just have been cleared
                return
            try:
                due = self.work()
            except Exception:
                logger.exception("%s stumbled", self.name)
                due = time.time() + 1
            self._news.wait(None if due is None else max(0.0, due - time.time()))

    def wake(self) -> None:
        self._news.set()

    def stop(self) -> None:
        self._stopping = True
        self.wake()
        if self.is_alive():
            self.join(timeout=10)


class Timers(Loop):
    """Runs what a gateway has put off: a time-out, a late authorisation, a refund's end."""

    def __init__(self, store: Store, actions: dict[str, Callable[[str, str], None]]) -> None:
        super().__init__("sandbox-timers")
        self._store = store
        self._actions = actions

    def work(self) -> float | None:
        while not self._stopping:
            timer = self._store.next_timer()
            if timer is None or timer["due_at"] > time.time():
                return timer["due_at"] if timer else None
            with self._store.transaction():
                self._store.drop_timer(timer["seq"])
                self._actions[timer["gateway"]](timer["action"], timer["subject"])
        return None
