"""What the commands for CSV files share."""

import csv
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from tqdm import tqdm

from config.acting import COMMAND, acting
from config.importing import Skip, Skips, open_lines, summary, told_plainly

from ..importing.statistics import refresh_after
from .cells import Row, read_rows
from .outcome import Outcome, tally

Importer = Callable[..., Iterator[Outcome]]


class ImportCSVCommand(BaseCommand):
    """Reads a CSV file row by row and lets `importer` write it."""

    importer: Importer
    is_known: Callable[[str], bool]
    required: Sequence[str] = ("sku",)
    noun = ""

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", help="A UTF-8 file, gzipped or plain, with , or ; in between.")
        parser.add_argument(
            "--dry-run", action="store_true", help="Do everything, and undo it row by row."
        )
        parser.add_argument("--report", help="A CSV file to write each refused row into, with why.")

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ANN401
        is_dry_run = options["dry_run"]
        with told_plainly(), Skips(options["report"]) as skips, acting(COMMAND):
            with open_lines(options["file"], "Importing") as lines:
                rows: Iterable[Row | Skip] = read_rows(lines, self.is_known, self.required)
                outcomes = self.importer(rows, actor=None, is_dry_run=is_dry_run)
                counts = tally(outcomes, skips, self.noun)
            if not is_dry_run:
                refresh_after(counts[f"{self.noun} new"] + counts[f"{self.noun} changed"])
            self.stdout.write(summary(counts, skips, is_dry_run=is_dry_run))
            if skips.counts:
                raise CommandError(f"{skips.counts.total():,} rows were left out.")


def write_csv(path: str, rows: Iterator[list[str]], total: int) -> int:
    """Write rows into a file that spreadsheets open as UTF-8; return how many follow the header."""
    written = -1
    with told_plainly(), Path(path).open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        for row in tqdm(rows, total=total + 1, desc="Exporting", unit=" rows", file=sys.stderr):
            writer.writerow(row)
            written += 1
    return written
