"""The rows of the webhook events: what is due, how often it was tried, how it ended."""

import sqlite3
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from payments.sandbox.store import Store

GIVE_UP_AFTER = 24 * 3600


@dataclass(frozen=True)
class Event:
    seq: int
    id: str
    gateway: str
    type: str
    body: bytes
    secret: str
    created_at: float
    attempts: int
    next_attempt_at: float | None
    delivered_at: float | None
    outcome: str | None

    def as_json(self) -> dict[str, Any]:
        shown = {name: value for name, value in vars(self).items() if name != "secret"}
        return {**shown, "body": self.body.decode()}


class Outbox:
    def __init__(self, store: "Store") -> None:
        self._store = store
        self.delay = 0.0

    def add(self, *, event_id: str, gateway: str, kind: str, body: bytes, secret: str) -> None:
        """Keep an event with the secret of its day: retries are signed with the same one."""
        now = time.time()
        self._store.execute(
            "INSERT INTO events (id, gateway, type, body, secret, created_at, next_attempt_at)"
            " VALUES (?, ?, ?, ?, ?, ?, ?)",
            (event_id, gateway, kind, body, secret, now, now + self.delay),
        )

    def due(self, before: float, limit: int) -> list[Event]:
        return self._events(
            "WHERE next_attempt_at <= ? ORDER BY next_attempt_at, seq LIMIT ?", (before, limit)
        )

    def get(self, event_id: str) -> Event | None:
        return next(iter(self._events("WHERE id = ?", (event_id,))), None)

    def all(self) -> list[Event]:
        return self._events("ORDER BY seq", ())

    def delivered(self, event: Event, outcome: str) -> None:
        self._store.execute(
            "UPDATE events SET attempts = attempts + 1, next_attempt_at = NULL,"
            " delivered_at = ?, outcome = ? WHERE seq = ?",
            (time.time(), outcome, event.seq),
        )

    def refused(self, event: Event, outcome: str, pause: float) -> None:
        """Try again after the pause, unless the event is then older than a day."""
        at = time.time() + pause
        given_up = at > event.created_at + GIVE_UP_AFTER
        self._store.execute(
            "UPDATE events SET attempts = attempts + 1, next_attempt_at = ?, outcome = ?"
            " WHERE seq = ?",
            (None if given_up else at, outcome, event.seq),
        )

    def replay(self, event: Event) -> None:
        self._store.execute(
            "UPDATE events SET next_attempt_at = ? WHERE seq = ?", (time.time(), event.seq)
        )

    def next_due(self, after: float) -> float | None:
        rows = self._store.execute(
            "SELECT min(next_attempt_at) AS due FROM events WHERE next_attempt_at > ?", (after,)
        )
        return rows[0]["due"]

    def _events(self, tail: str, values: tuple[object, ...]) -> list[Event]:
        rows: list[sqlite3.Row] = self._store.execute(f"SELECT * FROM events {tail}", values)  # noqa: S608
        return [Event(**dict(row)) for row in rows]
