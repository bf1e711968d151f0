"""Tables that go with a mail as a file."""

import csv
from collections.abc import Iterable, Sequence
from io import StringIO
from typing import Any

from catalog.spreadsheets.cells import write_cell


def write_table(header: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    """Write rows as CSV that spreadsheets open with its signs and without running any of it."""
    text = StringIO()
    writer = csv.writer(text)
    writer.writerow(header)
    writer.writerows([write_cell(value) for value in row] for row in rows)
    return f"\ufeff{text.getvalue()}"
