"""Finds out which form a file of products has, and reads it."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import datetime
from itertools import chain

from config.importing import ImportRefused, Skip, Skips, open_lines

from . import icecat, online_retail, seed_file
from .source import SourceProduct

READABLE = "Icecat JSON lines, Online Retail CSV, or seed products as JSON lines"


def read_file(
    path: str,
    *,
    skips: Skips,
    until: datetime | None = None,
    currency: str | None = None,
    stock: int | None = None,
) -> Iterator[SourceProduct]:
    """Give the products of a file, each once; with `stock` that many pieces of each."""
    with open_lines(path, "Reading") as lines:
        first = next(lines, "")
        for product in _read(first, chain([first], lines), skips, until, currency):
            yield product if stock is None else replace(product, stock=stock)


def _read(
    first: str,
    lines: Iterator[str],
    skips: Skips,
    until: datetime | None,
    currency: str | None,
) -> Iterator[SourceProduct]:
    if online_retail.has_header(first):
        return _tally(online_retail.read_rows(lines, until), skips)
    if until:
        raise ImportRefused("--until is for order lines; the rows of this file have no time.")
    record = _first_record(first)
    if icecat.is_record(record):
        return _kept(icecat.read_products(lines), skips)
    if seed_file.is_record(record):
        return _kept(seed_file.read_products(lines, currency), skips)
    raise ImportRefused(f"The file has none of the forms that can be read: {READABLE}.")


def _first_record(line: str) -> dict:
    try:
        record = json.loads(line)
    except ValueError:
        return {}
    return record if isinstance(record, dict) else {}


def _tally(rows: Iterable[online_retail.Row | Skip], skips: Skips) -> Iterator[SourceProduct]:
    tally = online_retail.ProductTally()
    for row in rows:
        if isinstance(row, Skip):
            skips.add(row)
        else:
            tally.add(row)
    return tally.products()


def _kept(
    read: Iterable[tuple[int, SourceProduct | Skip]], skips: Skips
) -> Iterator[SourceProduct]:
    """Drop what is left out, and a product that the file has had before."""
    seen: set[tuple[str, str]] = set()
    for number, item in read:
        if isinstance(item, Skip):
            skips.add(item)
        elif (item.source, item.external_id) in seen:
            skips.add(Skip(number, item.external_id, "the same id was in an earlier row"))
        else:
            seen.add((item.source, item.external_id))
            yield item
