"""The whole published files, found through SHOP_DATA_DIR; nothing of them is kept here."""

import csv
import gzip
import json
import os
import re
from collections import Counter, defaultdict
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from django.core.management import call_command

from accounts.models import User
from catalog.models import Product, Variant
from orders.models import CancellationDocument, CancellationLine, Order, OrderLine

pytestmark = [pytest.mark.shop_data, pytest.mark.django_db, pytest.mark.timeout(1800)]


def real_file(name):
    path = Path(os.environ.get("SHOP_DATA_DIR", "")) / name
    if os.environ.get("SHOP_DATA_DIR") and path.exists():
        return path
    reason = f"SHOP_DATA_DIR must name the folder that holds {name}: it was NOT tested."
    if os.environ.get("CI") == "true":
        pytest.fail(reason)
    pytest.skip(reason)


class Facts:
    """What the file says by its rules, worked out without the code that imports it."""

    def __init__(self, path):
        self.rows = 0
        self.sum = Decimal(0)
        self.orders, self.cancelled = defaultdict(Decimal), defaultdict(Decimal)
        self.lines = self.cancelled_lines = 0
        self.customers, self.times, self.countries = set(), {}, {}
        self.names, self.prices = defaultdict(Counter), defaultdict(Counter)
        with gzip.open(path, "rt", encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file):
                self.add({key: value.strip() for key, value in row.items()})

    def add(self, row):
        self.rows += 1
        quantity, price = int(row["Quantity"]), Decimal(row["UnitPrice"])
        self.sum += quantity * price
        code, invoice = row["StockCode"].upper(), row["InvoiceNo"]
        if not re.fullmatch("[0-9]{5}[A-Z]{0,2}", code) or price <= 0:
            return
        if re.fullmatch("[0-9]{6}", invoice) and quantity > 0:
            self.lines += 1
            self.orders[invoice] += quantity * price
            self.customers |= {row["CustomerID"]} - {""}
            self.countries[invoice] = row["Country"]
            time = row["InvoiceDate"]
            self.times[invoice] = min(time, self.times.get(invoice, time))
            self.names[code][re.sub(r"\s+", " ", row["Description"])] += 1
            self.prices[code][price] += 1
        elif re.fullmatch("C[0-9]{6}", invoice) and quantity < 0:
            self.cancelled_lines += 1
            self.cancelled[invoice] -= quantity * price


def first_of(counter):
    most = max(counter.values())
    return min(value for value, count in counter.items() if count == most)


def test_the_order_history_comes_in_exactly_and_only_once(settings):
    settings.STORE_CURRENCY, settings.STORE_TIME_ZONE = "GBP", "Europe/London"
    settings.TIME_ZONE = "Europe/London"
    path = real_file("online_retail.csv.gz")
    facts = Facts(path)
    assert (facts.rows, facts.sum) == (541_909, Decimal("9747747.934"))  # as published
    call_command("import_orders", str(path), until="2011-04-01")
    assert 0 < Order.objects.count() < len(facts.orders)
    call_command("import_orders", str(path))

    orders = Order.objects.values_list("external_id", "total_amount", "ship_country", "created_at")
    found = {number: (total, country, at) for number, total, country, at in orders.iterator()}
    assert {number: total for number, (total, _, _) in found.items()} == facts.orders
    assert {number: country for number, (_, country, _) in found.items()} == facts.countries
    london = ZoneInfo("Europe/London")
    times = {n: f"{at.astimezone(london):%Y-%m-%d %H:%M:%S}" for n, (_, _, at) in found.items()}
    assert times == facts.times
    assert OrderLine.objects.count() == facts.lines
    assert set(User.objects.values_list("external_id", flat=True)) == facts.customers

    documents = CancellationDocument.objects.values_list("external_id", "total_amount")
    assert dict(documents) == facts.cancelled
    assert CancellationLine.objects.count() == facts.cancelled_lines
    products = {
        code: (name, price)
        for code, name, price in Product.objects.values_list("external_id", "name", "price")
    }
    assert products == {
        code: (first_of(facts.names[code]), first_of(facts.prices[code])) for code in facts.names
    }

    newest = OrderLine.objects.order_by("pk").values_list("pk", flat=True)
    before = set(newest)
    call_command("import_orders", str(path))
    assert set(newest.all()) == before
    assert Order.objects.count() == len(facts.orders)


def test_every_icecat_product_comes_in_once_with_an_sku_of_its_own(settings):
    settings.STORE_CURRENCY = "USD"
    path = real_file("icecat_products.jsonl.gz")
    with gzip.open(path, "rt", encoding="utf-8") as file:
        records = {record["id"]: record for record in map(json.loads, file)}
    assert len(records) == 19_406  # as published
    call_command("import_products", str(path))
    call_command("import_products", str(path))
    variants = Variant.objects.select_related("product").order_by("pk")
    assert variants.count() == len(records)
    for variant in variants.iterator():
        product = variant.product
        record = records[product.external_id]
        assert variant.price == Decimal(99 + int(record["id"]) * 7919 % 50000) / 100
        assert variant.attributes.items() >= record["attributes"].items()
        assert variant.sku in {record["mpn"].strip().upper(), f"ICECAT-{record['id']}"}
        assert product.brand == record["brand"]
        assert "<br" not in product.description


def test_the_seed_file_comes_in_whole_with_its_categories(settings):
    settings.STORE_CURRENCY = "USD"
    path = real_file("seed_products_1000.jsonl")
    records = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    call_command("import_products", str(path))
    found = Product.objects.select_related("category__parent")
    assert found.count() == len(records) == 1000
    products = {(row.external_source, row.external_id): row for row in found}
    for record in records:
        product = products[record["source"], record["source_id"]]
        category = product.category
        path = [category.parent.name, category.name] if category.parent else [category.name]
        assert path == record["category_path"]
        assert (product.name, product.price) == (record["name"], Decimal(record["price"]))
        assert product.in_stock == (record["stock"] > 0)
