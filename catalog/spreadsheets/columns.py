"""The columns of a file of products, one row a variant, and what they hold now."""

import json
from typing import Any

from ..models import Category, Product, Variant

# The column, and the field of the services that it is.
OF_PRODUCT = {
    "name": "name",
    "description": "description",
    "brand": "brand",
    "category": "category",
    "tags": "tags",
    "tax_class": "tax_class",
    "hsn_code": "hsn_code",
    "weight_grams": "weight_grams",
    "is_active": "is_active",
    "featured": "featured",
    "meta_title": "meta_title",
    "meta_description": "meta_description",
}
OF_VARIANT = {
    "variant_name": "name",
    "barcode": "barcode",
    "price": "price",
    "compare_at_price": "compare_at_price",
    "cost_price": "cost_price",
    "low_stock_threshold": "low_stock_threshold",
    "variant_is_active": "is_active",
}
# What an empty cell means; other fields stay as they are where their cell is empty.
EMPTIED: dict[str, Any] = {
    "description": "",
    "brand": "",
    "hsn_code": "",
    "meta_title": "",
    "meta_description": "",
    "variant_name": "",
    "barcode": "",
    "compare_at_price": None,
    "cost_price": None,
    "tags": [],
}
ATTRIBUTE = "attr:"
# Each name of an attribute gets its column, unless there are more: then one column has them all.
MAX_ATTRIBUTE_COLUMNS = 40
PATH_SEPARATOR = ">"

Names = tuple[str, ...]


def is_known(column: str) -> bool:
    """Tell whether a file of products may have a column."""
    others = {"slug", "sku", "stock", "attributes"}
    is_attribute = column.startswith(ATTRIBUTE) and len(column) > len(ATTRIBUTE)
    return is_attribute or column in OF_PRODUCT or column in OF_VARIANT or column in others


def category_names() -> dict[int, Names]:
    """Return the names from the root to each category."""
    rows = {pk: (name, path) for pk, name, path in _categories()}
    return {
        pk: tuple(rows[int(key)][0] for key in path.strip("/").split("/") if int(key) in rows)
        for pk, (_, path) in rows.items()
    }


def _categories() -> Any:  # noqa: ANN401
    return Category.objects.order_by().values_list("pk", "name", "path")


def split_path(text: str) -> Names:
    """Read a path of categories, such as "Lighting > Desk lamps"."""
    return tuple(name.strip() for name in text.split(PATH_SEPARATOR))


def product_values(product: Product, categories: dict[int, Names]) -> dict[str, Any]:
    """Return what a product has in its columns, by field."""
    values = {field: getattr(product, field) for field in OF_PRODUCT.values() if field != "tags"}
    names = categories.get(product.category_id, ())
    values["category"] = f" {PATH_SEPARATOR} ".join(names)
    values["tags"] = sorted(tag.name for tag in product.tags.all())
    return values


def variant_values(variant: Variant) -> dict[str, Any]:
    """Return what a variant has in its columns, by field."""
    return {field: getattr(variant, field) for field in OF_VARIANT.values()}


def attribute_texts(variant: Variant) -> dict[str, str]:
    """Return a variant's attributes as texts; an import may have brought numbers."""
    attributes = variant.attributes or {}
    return {name: as_attribute(value) for name, value in attributes.items()}


def as_attribute(value: Any) -> str:  # noqa: ANN401
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
