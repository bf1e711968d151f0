"""Reads products of a seed file: one JSON object a line, with price, currency and category."""

import json
import re
from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import Any

from django.conf import settings

from config.importing import ImportRefused, Skip

from .online_retail import clean
from .source import SourceProduct

_PRICE = re.compile(r"[0-9]{1,11}(\.[0-9]{1,3})?")
_SKU_LENGTH = 64


def is_record(record: dict[str, Any]) -> bool:
    """Tell whether a JSON object is of the form read here."""
    return {"source", "source_id", "name", "price"} <= record.keys()


def read_products(
    lines: Iterable[str], currency: str | None = None
) -> Iterator[tuple[int, SourceProduct | Skip]]:
    """Give each line's number and product, or why it is left out.

    Raises ImportRefused at a row in a currency that is not the shop's, but where `currency` says
    that the amounts are to be taken as the shop's.
    """
    for number, line in enumerate(lines, 1):
        if line.strip():
            yield number, _read(number, line, currency)


def _read(number: int, line: str, currency: str | None) -> SourceProduct | Skip:
    try:
        record = json.loads(line.replace("\\u0000", " "), parse_float=Decimal)
    except ValueError:
        return Skip(number, "", "malformed: no JSON")
    if not isinstance(record, dict) or not is_record(record):
        return Skip(number, "", "malformed: no source, source_id, name or price")
    external_id, price = str(record["source_id"])[:64], str(record["price"])
    path = tuple(clean(str(name))[:150] for name in record.get("category_path") or ())
    name = clean(str(record["name"] or ""))[:255]
    if not all((record["source"], external_id, name, path, *path)):
        return Skip(number, external_id, "no source, source_id, name or category")
    if not _PRICE.fullmatch(price):
        return Skip(number, external_id, "malformed: price")
    _check_currency(number, str(record.get("currency") or ""), currency)
    return _product(record, external_id, name, Decimal(price), path)


def _product(
    record: dict[str, Any], external_id: str, name: str, price: Decimal, path: tuple[str, ...]
) -> SourceProduct:
    sku = clean(str(record.get("sku") or "")).upper()
    stock = record.get("stock")
    return SourceProduct(
        source=clean(str(record["source"]))[:32],
        external_id=external_id,
        name=name,
        brand=clean(str(record.get("brand") or ""))[:100],
        sku=sku if len(sku) <= _SKU_LENGTH else "",
        description=str(record.get("description") or "").strip(),
        price=price,
        category_path=path,
        stock=stock if isinstance(stock, int) and stock > 0 else 0,
    )


def _check_currency(number: int, of_row: str, currency: str | None) -> None:
    if of_row in ("", settings.STORE_CURRENCY) or currency:
        return
    raise ImportRefused(
        f"Row {number} is in {of_row}, but this shop sells in {settings.STORE_CURRENCY} and "
        f"converts nothing. Set STORE_CURRENCY={of_row}, or give --currency "
        f"{settings.STORE_CURRENCY} to take the numbers as they stand."
    )
