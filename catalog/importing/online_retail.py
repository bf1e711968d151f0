"""Reads the order lines of the Online Retail file, by its published rules R1 to R9."""

import csv
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from decimal import Decimal
from enum import Enum
from functools import lru_cache
from operator import itemgetter
from typing import NamedTuple, TypeVar

from config.importing import ImportRefused, Skip

from .source import SourceProduct

SOURCE = "online-retail"
CATEGORY_PATH = ("Online Retail", "Gift ware")
COLUMNS = (
    "InvoiceNo",
    "StockCode",
    "Description",
    "Quantity",
    "InvoiceDate",
    "UnitPrice",
    "CustomerID",
    "Country",
)

_PRODUCT_CODE = re.compile(r"[0-9]{5}[A-Z]{0,2}")
_SALE = re.compile(r"[0-9]{6}")
_CANCELLATION = re.compile(r"C[0-9]{6}")
_QUANTITY = re.compile(r"-?[0-9]{1,9}")
_PRICE = re.compile(r"-?[0-9]{1,8}(\.[0-9]{1,3})?")
_NAME_LENGTH = 255
_LARGEST_AMOUNT = Decimal("99999999999")


class Kind(Enum):
    SALE = "sale"
    CANCELLATION = "cancellation"


class Row(NamedTuple):
    """A line of a sale or of a cancellation; the quantity is positive in both."""

    kind: Kind
    invoice: str
    position: int  # among all rows of the invoice in the file, the left-out ones too
    code: str
    name: str
    quantity: int
    time: datetime  # as the clock on the wall showed it
    price: Decimal
    customer: str
    country: str


def has_header(line: str) -> bool:
    """Tell whether a file that begins with this line is of the form read here."""
    return set(COLUMNS) <= {cell.strip() for cell in next(csv.reader([line]), [])}


def read_rows(lines: Iterable[str], until: datetime | None = None) -> Iterator[Row | Skip]:
    """Give each row of the file as what it is by the rules, in the order of the file."""
    table = csv.reader(lines)
    header = [cell.strip() for cell in next(table, [])]
    if not set(COLUMNS) <= set(header):
        raise ImportRefused(f"The file must begin with the columns {', '.join(COLUMNS)}.")
    pick = itemgetter(*(header.index(name) for name in COLUMNS))
    positions: dict[str, int] = defaultdict(int)
    for number, cells in enumerate(table, 2):
        if not cells:
            continue
        if len(cells) != len(header):
            yield Skip(number, cells[0], "malformed: another number of columns than the header")
            continue
        values = pick(cells)
        invoice = values[0].strip()
        positions[invoice] += 1
        row = _judge(invoice, positions[invoice], values, until)
        yield Skip(number, invoice, row) if isinstance(row, str) else row


def _judge(
    invoice: str,
    position: int,
    values: tuple[str, ...],
    until: datetime | None,
) -> Row | str:
    """Return the row, or why it is left out."""
    _, code, name, quantity, time, price, customer, country = values
    code = code.strip().upper()
    if not _PRODUCT_CODE.fullmatch(code):
        return "R2: no product code"
    moment, amount, pieces = _read_time(time), _read_price(price), _read_quantity(quantity)
    if moment is None or amount is None or pieces is None:
        return "malformed: quantity, date or price"
    if abs(pieces) * amount > _LARGEST_AMOUNT:
        return "malformed: an amount over 99,999,999,999"
    kind = _kind_of(invoice, pieces, amount)
    if isinstance(kind, str):
        return kind
    if until and moment >= until:
        return "not before --until"
    return Row(
        kind,
        invoice,
        position,
        code,
        clean(name)[:_NAME_LENGTH],
        abs(pieces),
        moment,
        amount,
        customer.strip(),
        country.strip(),
    )


def _kind_of(invoice: str, quantity: int, price: Decimal) -> Kind | str:
    if price <= 0:
        return "R5: no price"
    if _SALE.fullmatch(invoice):
        return Kind.SALE if quantity > 0 else "R5: stock adjustment"
    if _CANCELLATION.fullmatch(invoice):
        return Kind.CANCELLATION if quantity < 0 else "R5: cancellation of no pieces"
    return "R5: no invoice number"


def clean(text: str) -> str:
    """Trim, and make one space of each run of white space; PostgreSQL stores no NUL."""
    return " ".join(text.replace("\0", " ").split())


@lru_cache(maxsize=4096)
def _read_time(text: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError:
        return None
    return None if moment.tzinfo else moment


@lru_cache(maxsize=4096)
def _read_price(text: str) -> Decimal | None:
    text = text.strip()
    return Decimal(text) if _PRICE.fullmatch(text) else None


@lru_cache(maxsize=4096)
def _read_quantity(text: str) -> int | None:
    text = text.strip()
    return int(text) if _QUANTITY.fullmatch(text) else None


class ProductTally:
    """Counts by product what its sale lines call it and what they charge (R9)."""

    def __init__(self) -> None:
        self._names: dict[str, Counter[str]] = defaultdict(Counter)
        self._prices: dict[str, Counter[Decimal]] = defaultdict(Counter)

    def add(self, row: Row) -> None:
        if row.kind is Kind.SALE:
            self._names[row.code][row.name] += 1
            self._prices[row.code][row.price] += 1

    def products(self) -> Iterator[SourceProduct]:
        """Give the products in the order of their codes."""
        for code in sorted(self._names):
            name = _most_frequent({n: c for n, c in self._names[code].items() if n} or {code: 1})
            price = _most_frequent(self._prices[code])
            yield SourceProduct(
                source=SOURCE,
                external_id=code,
                name=name,
                price=price,
                sku=code,
                category_path=CATEGORY_PATH,
            )


_Counted = TypeVar("_Counted", str, Decimal)


def _most_frequent(counts: Mapping[_Counted, int]) -> _Counted:
    """Return what occurs most often; of equals the first in code-point order, or the lowest."""
    return min(counts, key=lambda value: (-counts[value], value))
