"""Puts the rows of the Online Retail file together to orders and cancellations."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from catalog.importing.online_retail import Kind, ProductTally, Row
from config.importing import Skip, Skips


@dataclass(frozen=True, slots=True)
class Document:
    """An order or a cancellation: all rows that are kept of one invoice number."""

    invoice: str
    rows: list[Row]

    @property
    def kind(self) -> Kind:
        return self.rows[0].kind

    @property
    def time(self) -> datetime:
        return min(row.time for row in self.rows)

    @property
    def total(self) -> Decimal:
        return sum((row.price * row.quantity for row in self.rows), Decimal(0))

    @property
    def country(self) -> str:
        return self.rows[0].country

    @property
    def customer(self) -> str:
        return next((row.customer for row in self.rows if row.customer), "")


class FileTally:
    """What must be known of the whole file before its first order can be written."""

    def __init__(self) -> None:
        self.products = ProductTally()
        self.customers: dict[str, datetime] = {}  # with the time of their first sale
        self.rows_of: Counter[str] = Counter()  # kept rows by invoice

    def read(self, rows: Iterable[Row | Skip], skips: Skips) -> None:
        for row in rows:
            if isinstance(row, Skip):
                skips.add(row)
                continue
            self.rows_of[row.invoice] += 1
            self.products.add(row)
            if row.customer and row.kind is Kind.SALE:
                first = self.customers.get(row.customer)
                self.customers[row.customer] = min(first, row.time) if first else row.time


def gather(rows: Iterable[Row | Skip], rows_of: Counter[str]) -> Iterator[Document]:
    """Give each document as soon as its last row is read: the rows of one may lie apart."""
    open_rows: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        if isinstance(row, Skip):
            continue
        held = open_rows[row.invoice]
        held.append(row)
        if len(held) == rows_of[row.invoice]:
            yield Document(row.invoice, open_rows.pop(row.invoice))


def batches_by_rows(documents: Iterable[Document], size: int) -> Iterator[list[Document]]:
    """Collect documents until they have `size` rows together."""
    batch: list[Document] = []
    rows = 0
    for document in documents:
        batch.append(document)
        rows += len(document.rows)
        if rows >= size:
            yield batch
            batch, rows = [], 0
    if batch:
        yield batch
