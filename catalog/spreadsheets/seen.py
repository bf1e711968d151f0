"""Which keys a file has had so far, kept on disk: files may have any number of rows."""

import sqlite3


class Seen:
    """A growing set of texts, in a temporary file that goes with it."""

    def __init__(self) -> None:
        self._file = sqlite3.connect("", isolation_level=None, check_same_thread=False)
        self._file.execute("PRAGMA journal_mode = OFF")
        self._file.execute("CREATE TABLE seen (key TEXT PRIMARY KEY) WITHOUT ROWID")
        self._file.execute("BEGIN")

    def add(self, key: str) -> bool:
        """Add a key; return whether it is new."""
        return self._file.execute("INSERT OR IGNORE INTO seen VALUES (?)", [key]).rowcount > 0
