"""Writes products and stock as rows of CSV files that can be brought in again."""

import json
from collections.abc import Iterator
from typing import Any

from django.db.models import Model, Prefetch, QuerySet

from ..models import Product, Stock, Variant
from .cells import write_cell
from .columns import (
    ATTRIBUTE,
    MAX_ATTRIBUTE_COLUMNS,
    OF_PRODUCT,
    OF_VARIANT,
    Names,
    attribute_texts,
    category_names,
    product_values,
    variant_values,
)

BATCH = 500


def product_rows(products: QuerySet[Product]) -> Iterator[list[str]]:
    """Give the header and then a row for each variant, the rows of a product together."""
    names = _attribute_names(products)
    of_attributes = ["attributes"] if names is None else [f"{ATTRIBUTE}{name}" for name in names]
    yield ["slug", *OF_PRODUCT, "sku", *OF_VARIANT, "stock", *map(write_cell, of_attributes)]
    categories = category_names()
    variants = Variant.objects.filter(archived_at=None).select_related("stock")
    unarchived = products.filter(archived_at=None)
    for product in by_key(
        unarchived.prefetch_related("tags", Prefetch("variants", queryset=variants))
    ):
        for variant in product.variants.all():
            yield list(map(write_cell, _values(product, variant, categories, names)))


def stock_rows(stocks: QuerySet[Stock]) -> Iterator[list[str]]:
    """Give the header and then a row for each variant, with cells to fill in what was counted."""
    yield [
        "sku",
        "product",
        "variant",
        "on_hand",
        "reserved",
        "available",
        "low_stock_threshold",
        "counted",
        "change",
        "reference",
        "notes",
    ]
    unarchived = stocks.filter(variant__archived_at=None, variant__product__archived_at=None)
    for stock in by_key(unarchived.select_related("variant__product")):
        variant = stock.variant
        figures = [stock.on_hand, stock.reserved, stock.available, variant.low_stock_threshold]
        values = [variant.sku, variant.product.name, variant.name, *figures, "", "", "", ""]
        yield list(map(write_cell, values))


def by_key(rows: QuerySet) -> Iterator[Any]:
    """Give rows in the order of their keys, and hold few of them at a time on any database."""
    rows = rows.order_by("pk")
    last: Any = None
    while batch := list((rows if last is None else rows.filter(pk__gt=last))[:BATCH]):
        yield from batch
        last = batch[-1].pk if isinstance(batch[-1], Model) else batch[-1][0]


def _attribute_names(products: QuerySet[Product]) -> list[str] | None:
    """Return the names that get a column each; None where they are too many for that."""
    names: set[str] = set()
    variants = Variant.objects.filter(archived_at=None, product__in=products.order_by())
    for _, attributes in by_key(variants.values_list("pk", "attributes")):
        names.update(attributes or {})
        if len(names) > MAX_ATTRIBUTE_COLUMNS or any(name != name.strip() for name in names):
            return None
    return sorted(names)


def _values(
    product: Product, variant: Variant, categories: dict[int, Names], names: list[str] | None
) -> list[Any]:
    attributes = attribute_texts(variant)
    if names is None:
        of_attributes = [json.dumps(attributes, ensure_ascii=False) if attributes else ""]
    else:
        of_attributes = [attributes.get(name, "") for name in names]
    of_product, of_variant = product_values(product, categories), variant_values(variant)
    return [
        product.slug,
        *(of_product[field] for field in OF_PRODUCT.values()),
        variant.sku,
        *(of_variant[field] for field in OF_VARIANT.values()),
        variant.stock.on_hand,
        *of_attributes,
    ]
