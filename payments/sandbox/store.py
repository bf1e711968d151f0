"""The gateways' own records, in one SQLite file, so that they survive a restart."""

import json
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from payments.sandbox.outbox import Outbox

SCHEMA = """
CREATE TABLE IF NOT EXISTS records (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, kind TEXT NOT NULL, id TEXT NOT NULL UNIQUE,
    parent TEXT NOT NULL, lookup TEXT NOT NULL, created_at INTEGER NOT NULL, body TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS records_parent ON records (kind, parent);
CREATE INDEX IF NOT EXISTS records_lookup ON records (kind, lookup);
CREATE TABLE IF NOT EXISTS events (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, gateway TEXT NOT NULL,
    type TEXT NOT NULL, body BLOB NOT NULL, secret TEXT NOT NULL, created_at REAL NOT NULL,
    attempts INTEGER NOT NULL DEFAULT 0, next_attempt_at REAL, delivered_at REAL, outcome TEXT);
CREATE INDEX IF NOT EXISTS events_due ON events (next_attempt_at);
CREATE TABLE IF NOT EXISTS timers (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, gateway TEXT NOT NULL, action TEXT NOT NULL,
    subject TEXT NOT NULL, due_at REAL NOT NULL);
CREATE INDEX IF NOT EXISTS timers_due ON timers (due_at);
CREATE TABLE IF NOT EXISTS answers (
    key TEXT PRIMARY KEY, fingerprint TEXT NOT NULL, body BLOB NOT NULL);
"""
Record = dict[str, Any]


@dataclass(frozen=True)
class Page:
    """A stretch of a list, the newest first; by default the whole."""

    since: int = 0
    until: int = 2**62
    count: int = -1
    skip: int = 0


WHOLE = Page()


class Store:
    """Every write happens inside `transaction()`, one at a time, whole or not at all."""

    def __init__(self, path: str | Path) -> None:
        Path(path).parent.mkdir(parents=True, exist_ok=True)
        self._lock = threading.RLock()
        self._depth = 0
        self._db = sqlite3.connect(path, timeout=30, isolation_level=None, check_same_thread=False)
        self._db.row_factory = sqlite3.Row
        self._db.execute("PRAGMA journal_mode=WAL")
        self._db.execute("PRAGMA synchronous=NORMAL")
        self._db.executescript(SCHEMA)
        self.on_commit: list[Callable[[], None]] = []
        self.events = Outbox(self)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Hold the store alone until the block ends; an exception undoes the block."""
        with self._lock:
            if self._depth:
                yield
                return
            self._db.execute("BEGIN IMMEDIATE")
            self._depth = 1
            try:
                yield
            except BaseException:
                self._db.execute("ROLLBACK")
                raise
            else:
                self._db.execute("COMMIT")
            finally:
                self._depth = 0
        for notify in self.on_commit:
            notify()

    def execute(
        self, sql: str, values: Sequence[object] | dict[str, object] = ()
    ) -> list[sqlite3.Row]:
        with self._lock:
            return self._db.execute(sql, values).fetchall()

    def close(self) -> None:
        with self._lock:
            self._db.close()

    def add(self, kind: str, body: Record, *, parent: str = "", lookup: str = "") -> None:
        self.execute(
            "INSERT INTO records (kind, id, parent, lookup, created_at, body)"
            " VALUES (?, ?, ?, ?, ?, ?)",
            (kind, body["id"], parent, lookup, body["created_at"], json.dumps(body)),
        )

    def save(self, body: Record) -> None:
        self.execute("UPDATE records SET body = ? WHERE id = ?", (json.dumps(body), body["id"]))

    def remove(self, record_id: str) -> None:
        self.execute("DELETE FROM records WHERE id = ?", (record_id,))

    def get(self, kind: str, record_id: str) -> Record | None:
        rows = self.execute("SELECT body FROM records WHERE kind = ? AND id = ?", (kind, record_id))
        return json.loads(rows[0]["body"]) if rows else None

    def select(
        self,
        kind: str,
        *,
        parent: str | None = None,
        lookup: str | None = None,
        page: Page = WHOLE,
    ) -> list[Record]:
        """Records of a kind, the newest first."""
        rows = self.execute(
            "SELECT body FROM records WHERE kind = :kind AND created_at BETWEEN :since AND :until"
            " AND (:parent IS NULL OR parent = :parent) AND (:lookup IS NULL OR lookup = :lookup)"
            " ORDER BY seq DESC LIMIT :count OFFSET :skip",
            {"kind": kind, "parent": parent, "lookup": lookup, **vars(page)},
        )
        return [json.loads(row["body"]) for row in rows]

    def remember(self, key: str, fingerprint: str, body: bytes) -> None:
        self.execute("INSERT INTO answers VALUES (?, ?, ?)", (key, fingerprint, body))

    def recall(self, key: str) -> tuple[str, bytes] | None:
        rows = self.execute("SELECT fingerprint, body FROM answers WHERE key = ?", (key,))
        return (rows[0]["fingerprint"], rows[0]["body"]) if rows else None

    def set_timer(self, gateway: str, action: str, subject: str, after: float) -> None:
        self.execute(
            "INSERT INTO timers (gateway, action, subject, due_at) VALUES (?, ?, ?, ?)",
            (gateway, action, subject, time.time() + after),
        )

    def next_timer(self) -> sqlite3.Row | None:
        rows = self.execute("SELECT * FROM timers ORDER BY due_at, seq LIMIT 1")
        return rows[0] if rows else None

    def drop_timer(self, seq: int) -> None:
        self.execute("DELETE FROM timers WHERE seq = ?", (seq,))

    def reset(self) -> None:
        """Forget everything."""
        with self.transaction():
            for table in ("records", "events", "timers", "answers"):
                self.execute(f"DELETE FROM {table}")  # noqa: S608 (four names of our own)
