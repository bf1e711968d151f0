"""Cells of CSV files: read as people and their programs write them, and written harmlessly."""

import csv
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import chain
from typing import Any

from django.conf import settings

from config.importing import ImportRefused, Skip
from config.money import format_money

# A spreadsheet takes a text that begins so for a formula, and runs it. An apostrophe says that
# it is text; one that the text has itself gets another, so that reading gives the same back.
_RUNS = re.compile(r"'*[=+\-@\t\r\n]")
_DEFUSED = re.compile(r"''*[=+\-@\t\r\n]")
# As long as the longest description that the API takes: what is exported can be read again.
csv.field_size_limit(settings.DATA_UPLOAD_MAX_MEMORY_SIZE)


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a file: its cells by column, numbered from 1 with the header."""

    number: int
    cells: dict[str, str]

    @property
    def sku(self) -> str:
        return self.cells["sku"].strip().upper()


def write_cell(value: Any) -> str:  # noqa: ANN401
    """Write a value into a file; a text that a spreadsheet would run is defused."""
    text = text_of(value)
    return f"'{text}" if isinstance(value, str) and _RUNS.match(text) else text


def text_of(value: Any) -> str:  # noqa: ANN401
    """Return the text of a value; amounts have the decimals of the store's currency."""
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case Decimal():
            return format_money(value, settings.STORE_CURRENCY)
        case list():
            return ", ".join(value)
    return str(value)


def read_rows(
    lines: Iterable[str], is_known: Callable[[str], bool], required: Sequence[str]
) -> Iterator[Row | Skip]:
    """Give the rows of a file whose columns are named by its header, or why one cannot be read.

    Raises ImportRefused where the header names an unknown column or lacks a required one.
    """
    lines = iter(lines)
    first = next(lines, "")
    reader = csv.reader(chain([first], lines), delimiter=_delimiter(first))
    header = [_column(name) for name in next(reader, [])]
    while header and not header[-1]:  # as spreadsheets write an empty column
        header.pop()
    _check_header(header, is_known, required)
    number = 1
    while True:
        number += 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            yield Skip(number, "", f"no proper CSV: {error}")
            continue
        if any(cells):
            yield _row(number, header, cells)


def _row(number: int, header: list[str], cells: list[str]) -> Row | Skip:
    while len(cells) > len(header) and not cells[-1]:
        cells.pop()
    if len(cells) != len(header):
        return Skip(number, "", f"it has {len(cells)} cells, and the header has {len(header)}")
    return Row(number, dict(zip(header, map(_read_cell, cells), strict=True)))


def _column(name: str) -> str:
    """Columns are written in any case, but for the names of attributes after a colon."""
    kind, colon, attribute = name.strip().partition(":")
    return f"{kind.lower()}{colon}{attribute}"


def _read_cell(cell: str) -> str:
    return cell[1:] if _DEFUSED.match(cell) else cell


def _delimiter(header: str) -> str:
    return max(",;\t", key=header.count)


def _check_header(
    header: list[str], is_known: Callable[[str], bool], required: Sequence[str]
) -> None:
    if unknown := [name for name in header if not is_known(name)]:
        named = ", ".join(f"'{name[:50]}'" for name in unknown[:10])
        raise ImportRefused(f"Nobody knows the columns {named}. Rename or remove them.")
    if twice := sorted({name for name in header if header.count(name) > 1}):
        raise ImportRefused(f"The header names a column twice: {', '.join(twice)}.")
    if missing := [name for name in required if name not in header]:
        raise ImportRefused(f"The header lacks the column {', '.join(missing)}.")
