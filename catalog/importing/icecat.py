"""Reads the Icecat catalogue: one JSON object a line, without prices."""

import html
import json
import re
from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.utils.html import strip_tags

from config.importing import Skip
from config.money import round_money

from .online_retail import clean
from .source import SourceProduct

SOURCE = "icecat"
CATEGORY_PATH = ("Icecat", "Electronics and office")

# A part number that can stand as an SKU; the others are free text.
_PART_NUMBER = re.compile(r"[A-Z0-9][A-Z0-9._/+#=-]{0,63}")
_LINE_BREAK = re.compile(r"<\s*(br|/p|/li)\s*/?>", re.IGNORECASE)
_ID = re.compile(r"[0-9]{1,18}")


def is_record(record: dict[str, Any]) -> bool:
    """Tell whether a JSON object is of the form read here."""
    return {"id", "mpn", "title"} <= record.keys()


def read_products(lines: Iterable[str]) -> Iterator[tuple[int, SourceProduct | Skip]]:
    """Give each line's number and product, or why it is left out."""
    for number, line in enumerate(lines, 1):
        if line.strip():
            yield number, _read(number, line)


def _read(number: int, line: str) -> SourceProduct | Skip:
    try:
        record = json.loads(line.replace("\\u0000", " "), parse_constant=lambda _: None)
    except ValueError:
        return Skip(number, "", "malformed: no JSON")
    if not isinstance(record, dict) or not is_record(record):
        return Skip(number, "", "malformed: no id, mpn or title")
    external_id = str(record["id"])
    if not _ID.fullmatch(external_id):
        return Skip(number, external_id[:64], "malformed: the id is no number")
    name = clean(str(record["title"] or ""))[:255]
    if not name:
        return Skip(number, external_id, "no title")
    return _product(record, external_id, name)


def _product(record: dict[str, Any], external_id: str, name: str) -> SourceProduct:
    part_number = clean(str(record["mpn"] or ""))
    sku = part_number.upper()
    attributes = record.get("attributes") or {}
    codes = record.get("ean") or []
    return SourceProduct(
        source=SOURCE,
        external_id=external_id,
        name=name,
        brand=clean(str(record.get("brand") or ""))[:100],
        sku=sku if _PART_NUMBER.fullmatch(sku) else "",
        description=plain_text(str(record.get("short_description") or "")),
        barcode=str(codes[0])[:64] if codes else "",
        attributes={"mpn": part_number, **attributes} if part_number else attributes,
        price=synthetic_price(int(external_id)),
        category_path=CATEGORY_PATH,
    )


def synthetic_price(number: int) -> Decimal:
    """Make up a price from an id, always the same: the file has none."""
    cents = 99 + (number * 7919) % 50000
    return round_money(Decimal(cents) / 100, settings.STORE_CURRENCY)


def plain_text(text: str) -> str:
    """Take the HTML out of a text and keep its lines."""
    text = html.unescape(strip_tags(_LINE_BREAK.sub("\n", text)))
    lines = (clean(line) for line in text.splitlines())
    return "\n".join(line for line in lines if line)
