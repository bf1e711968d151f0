"""Files of any length: what an import or an export holds in memory does not grow with its rows."""

import gc
import tracemalloc
from collections import deque

import pytest

from catalog.models import Product, Stock
from catalog.spreadsheets import columns, exporting, products, stock
from catalog.spreadsheets.cells import read_rows

pytestmark = pytest.mark.django_db

FEW, MANY = 80, 320
HEADER = "slug,name,description,category,tags,sku,price,stock,attr:color"


def product_lines(first, count):
    yield HEADER
    for n in range(first, first + count):
        yield f"m-{n},Mug {n},{'round ' * 40},Cups,{n % 9}x,M-{n},10,{n % 7},red"


def count_lines(first, count):
    yield "sku,counted"
    for n in range(first, first + count):
        yield f"M-{n},{n % 11}"


def import_products(first, count):
    rows = read_rows(product_lines(first, count), columns.is_known, ["sku"])
    return products.import_products(rows, actor=None)


def import_stock(first, count):
    rows = read_rows(count_lines(first, count), stock.is_known, ["sku"])
    return stock.import_stock(rows, actor=None)


def held_by(results):
    """Return how many bytes were held at most while results came and went, garbage apart."""
    gc.collect()
    gc.freeze()  # what Django has loaded is not looked at again
    held = 0
    tracemalloc.start()
    try:
        for number, _ in enumerate(results):
            if number % 20 == 0:
                gc.collect()
                held = max(held, tracemalloc.get_traced_memory()[0])
        return held
    finally:
        tracemalloc.stop()
        gc.unfreeze()


def test_four_times_the_rows_take_no_more_memory_to_import(monkeypatch):
    monkeypatch.setattr(products, "BATCH", 50)
    held_by(import_products(10_000, 20))  # what is loaded once
    few, many = held_by(import_products(0, FEW)), held_by(import_products(FEW, MANY))
    assert Product.objects.count() == FEW + MANY + 20
    assert many < few * 1.25


def test_four_times_the_counts_take_no_more_memory_to_import(monkeypatch):
    monkeypatch.setattr(stock, "BATCH", 50)
    deque(import_products(0, MANY), maxlen=0)
    held_by(import_stock(0, 20))
    few, many = held_by(import_stock(0, FEW)), held_by(import_stock(0, MANY))
    assert Stock.objects.filter(on_hand=10).count() == MANY // 11
    assert many < few * 1.25


def test_four_times_the_rows_take_no_more_memory_to_export(monkeypatch):
    monkeypatch.setattr(exporting, "BATCH", 50)
    deque(import_products(0, MANY), maxlen=0)
    first = list(Product.objects.order_by("pk").values_list("pk", flat=True)[:FEW])
    few, many = Product.objects.filter(pk__lte=first[-1]), Product.objects.all()
    held_by(exporting.product_rows(few))
    held = held_by(exporting.product_rows(few))
    assert held_by(exporting.product_rows(many)) < held * 1.25
    few, many = Stock.objects.filter(variant__product__in=first), Stock.objects.all()
    held_by(exporting.stock_rows(few))
    held = held_by(exporting.stock_rows(few))
    assert held_by(exporting.stock_rows(many)) < held * 1.25
