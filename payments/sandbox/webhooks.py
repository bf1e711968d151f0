"""Delivery of the webhook events, in the background, until one is accepted or a day old."""

import http.client
import random
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from urllib.parse import urlsplit

from payments.sandbox.background import Loop
from payments.sandbox.outbox import Event
from payments.sandbox.store import Store

PATIENCE = 5
WORKERS = 4
LONGEST_PAUSE = 3600.0


@dataclass
class Habits:
    """How deliveries misbehave, as a test or a demonstration has asked."""

    enabled: bool = True
    duplicate: int = 0
    shuffle: bool = False

    def __post_init__(self) -> None:
        self.duplicate = int(self.duplicate)


@dataclass
class Endpoint:
    url: str | None
    headers: Callable[[Event], dict[str, str]]


class Deliverer(Loop):
    def __init__(
        self, store: Store, endpoints: dict[str, Endpoint], *, first_pause: float = 1.0
    ) -> None:
        super().__init__("sandbox-webhooks")
        self._store = store
        self._endpoints = endpoints
        self._first_pause = first_pause
        self._in_flight: set[int] = set()
        self._guard = threading.Lock()
        self._pool = ThreadPoolExecutor(WORKERS, thread_name_prefix="sandbox-webhook")
        self.habits = Habits()

    def work(self) -> float | None:
        if not self.habits.enabled:
            return None
        now = time.time()
        for event in self._free(now):
            with self._guard:
                self._in_flight.add(event.seq)
            self._pool.submit(self._deliver, event)
        return self._store.events.next_due(now)

    def stop(self) -> None:
        super().stop()
        self._pool.shutdown(wait=True, cancel_futures=True)

    def _free(self, now: float) -> list[Event]:
        with self._guard:
            busy = set(self._in_flight)
        due = [event for event in self._store.events.due(now, 64) if event.seq not in busy]
        due = [event for event in due if self._endpoints[event.gateway].url]
        if self.habits.shuffle:
            random.shuffle(due)
        return due[: WORKERS - len(busy)]

    def _deliver(self, event: Event) -> None:
        try:
            endpoint = self._endpoints[event.gateway]
            outcome = post(endpoint, event)
            if outcome.startswith("2"):
                self._store.events.delivered(event, outcome)
                for _ in range(self.habits.duplicate):
                    post(endpoint, event)
            else:
                pause = min(self._first_pause * 2**event.attempts, LONGEST_PAUSE)
                self._store.events.refused(event, outcome, pause)
        finally:
            with self._guard:
                self._in_flight.discard(event.seq)
            self.wake()


def post(endpoint: Endpoint, event: Event) -> str:
    """The status that the receiver answered, or what kept it from answering."""
    address = urlsplit(endpoint.url or "")
    secure = address.scheme == "https"
    kind = http.client.HTTPSConnection if secure else http.client.HTTPConnection
    connection = kind(address.hostname or "", address.port, timeout=PATIENCE)
    target = address.path or "/"
    if address.query:
        target += f"?{address.query}"
    try:
        connection.request("POST", target, event.body, endpoint.headers(event))
        return str(connection.getresponse().status)
    except (OSError, http.client.HTTPException) as problem:
        return f"{type(problem).__name__}: {problem}"
    finally:
        connection.close()
