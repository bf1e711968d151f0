"""Small files of the forms that the imports read; every row is written by hand."""

import csv
import gzip
import json
from io import StringIO

from catalog.importing.online_retail import COLUMNS

HEADER = list(COLUMNS)


def row(invoice="700001", code="10001", name="TIN MUG", **fields):
    """A line of a sale, where nothing else is said."""
    fields = {
        "quantity": 2,
        "time": "2011-03-01 09:30:00",
        "price": "1.25",
        "customer": "50001",
        "country": "France",
    } | fields
    return [invoice, code, name, *fields.values()]


def write_csv(path, *rows):
    text = StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(HEADER)
    writer.writerows(rows)
    return write_text(path / "lines.csv", text.getvalue())


def write_json_lines(path, *records):
    return write_text(path / "products.jsonl", "\n".join(map(json.dumps, records)) + "\n")


def write_text(path, text):
    path.write_text(text, encoding="utf-8")
    return str(path)


def gzipped(path):
    with open(path, "rb") as plain, gzip.open(f"{path}.gz", "wb") as packed:
        packed.write(plain.read())
    return f"{path}.gz"


def icecat(number="41", **fields):
    return {
        "id": str(number),
        "mpn": "QX-900",
        "title": "Acme QX-900 label printer",
        "brand": "Acme",
        "short_description": "Prints labels",
        "ean": ["4006381333931", "4006381333948"],
        "date_released": "2020-01-01T00:00:00Z",
        "image": "",
        "thumb": "",
        "attributes": {"t_colour": "Grey", "n_width": 118.5, "b_wireless": True},
    } | fields


def seed_product(number="7", **fields):
    return {
        "source": "testshop",
        "source_id": str(number),
        "sku": f"LMP-{number}",
        "name": f"Desk lamp {number}",
        "description": "A lamp for a desk.",
        "brand": None,
        "category_path": ["Lighting", "Desk lamps"],
        "price": "19.90",
        "currency": "USD",
        "stock": 4,
        "image": None,
        "rating": None,
        "rating_count": 0,
    } | fields
