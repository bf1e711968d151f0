"""What imports share: reading files, following their progress, and telling what was left out."""

import csv
import gzip
import sys
import zlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from datetime import datetime
from io import TextIOWrapper
from itertools import islice
from pathlib import Path
from typing import IO, Any, NamedTuple, TypeVar
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.management.base import CommandError, CommandParser
from django.db import IntegrityError
from tqdm import tqdm

T = TypeVar("T")
OnBatch = Callable[[], object]  # called after each batch that is committed

_LINES_A_STEP = 1000


class ImportRefused(Exception):
    """Raised with what is wrong with the file or the options, and what to do about it."""


class Skip(NamedTuple):
    """A row of a file that is left out, and why."""

    row: int  # counted from 1, a header included
    key: str
    reason: str


class Skips:
    """Count what was left out; with a path also write it down, row by row."""

    def __init__(self, path: str | None = None) -> None:
        self.path = path
        self.counts: Counter[str] = Counter()
        self._file: IO[str] | None = None

    def __enter__(self) -> "Skips":
        if self.path:
            self._file = Path(self.path).open("w", encoding="utf-8", newline="")
            self._writer = csv.writer(self._file)
            self._writer.writerow(Skip._fields)
        return self

    def __exit__(self, *error: object) -> None:
        if self._file:
            self._file.close()

    def add(self, skip: Skip) -> None:
        self.counts[skip.reason] += 1
        if self._file:
            self._writer.writerow(skip)


@contextmanager
def open_lines(path: str, label: str) -> Iterator[Iterator[str]]:
    """Give the lines of a UTF-8 file, gzipped or plain, while a bar on stderr follows."""
    with ExitStack() as stack:
        raw = stack.enter_context(Path(path).open("rb"))
        is_gzip = raw.read(2) == b"\x1f\x8b"
        raw.seek(0)
        plain: Any = gzip.GzipFile(fileobj=raw) if is_gzip else raw
        text = stack.enter_context(TextIOWrapper(plain, encoding="utf-8-sig", newline=""))
        size = Path(path).stat().st_size
        bar = tqdm(total=size, desc=label, unit="B", unit_scale=True, file=sys.stderr)
        stack.enter_context(bar)
        yield _followed(text, raw, bar)


def _followed(text: Iterable[str], raw: IO[bytes], bar: Any) -> Iterator[str]:  # noqa: ANN401
    for number, line in enumerate(text):
        yield line
        if number % _LINES_A_STEP == 0:
            bar.update(raw.tell() - bar.n)
    bar.update(raw.tell() - bar.n)


@contextmanager
def told_plainly() -> Iterator[None]:
    """Turn what a file or its options can be wrong in into a CommandError."""
    try:
        yield
    except ImportRefused as error:
        raise CommandError(str(error))
    except UnicodeDecodeError:
        raise CommandError("The file is not UTF-8 text. Convert it first: iconv -t UTF-8.")
    except (EOFError, zlib.error, gzip.BadGzipFile):
        raise CommandError("The gzip file is damaged or cut off. Fetch it again.")
    except csv.Error as error:
        raise CommandError(f"The file is no proper CSV: {error}.")
    except IntegrityError as error:
        raise CommandError(
            f"The database refused a row ({error}). Does the same import run twice at once? "
            "What was committed stays: run it again when the other one has ended."
        )
    except OSError as error:
        raise CommandError(f"{error.strerror}: {error.filename}")


def add_import_arguments(parser: CommandParser) -> None:
    """Declare the options that all imports have."""
    parser.add_argument("file", help="The file, gzipped or plain; its form is seen by its content.")
    parser.add_argument("--dry-run", action="store_true", help="Report, but write nothing.")
    parser.add_argument("--until", help="Only rows from before this local date or time.")
    parser.add_argument(
        "--currency", help="What the amounts are in; must be the currency of the shop."
    )
    parser.add_argument("--report", help="A CSV file to write each left-out row into, with why.")


def check_currency(currency: str | None) -> None:
    """Refuse another currency than the shop's: nothing here converts money."""
    if currency and currency.upper() != settings.STORE_CURRENCY:
        raise ImportRefused(
            f"The amounts are in {currency.upper()}, but this shop sells in "
            f"{settings.STORE_CURRENCY} and converts nothing. "
            f"Set STORE_CURRENCY={currency.upper()} to import them."
        )


def parse_until(text: str | None) -> datetime | None:
    """Read a date or time as the clock on the shop's wall shows it."""
    if not text:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise ImportRefused("Give --until as 2011-06-30 or 2011-06-30T12:00.")
    if moment.tzinfo:
        moment = moment.astimezone(ZoneInfo(settings.STORE_TIME_ZONE))
    return moment.replace(tzinfo=None)


def in_store_time(moment: datetime) -> datetime:
    """Take a wall-clock time for one in the shop's time zone."""
    return moment.replace(tzinfo=ZoneInfo(settings.STORE_TIME_ZONE))


def batched(rows: Iterable[T], size: int) -> Iterator[list[T]]:
    """Cut rows into lists of `size`, the last one shorter."""
    rows = iter(rows)
    while batch := list(islice(rows, size)):
        yield batch


def summary(counts: Mapping[str, int], skips: Skips, *, is_dry_run: bool) -> str:
    """Lay out what an import did and what it left out."""
    lines = ["Dry run: nothing was written." if is_dry_run else "Imported."]
    lines += [f"  {number:>9,}  {what}" for what, number in counts.items()]
    if skips.counts:
        lines.append("Left out:")
        lines += [f"  {number:>9,}  {reason}" for reason, number in skips.counts.most_common()]
    if skips.path:
        lines.append(f"Each left-out row is in {skips.path}.")
    return "\n".join(lines)
