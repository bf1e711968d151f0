"""The attributes that products can be narrowed by follow those of their active variants.

They are kept twice: filters find products by rows, facets count the text of many products.
"""

import json
from collections.abc import Iterable

from django.db import transaction

from config.importing import batched
from config.transactions import retried

from ..models import Product, ProductAttribute, Variant

_BATCH = 500

Values = dict[str, list[str]]


@retried
@transaction.atomic
def refresh_attributes(*, product_ids: Iterable[int]) -> None:
    """Write what the active variants of products have, where it is not written yet."""
    for ids in batched(sorted(set(product_ids)), _BATCH):
        products = Product.objects.filter(pk__in=ids).only("attribute_values")
        wanted = _of_variants(ids)
        changed = [row for row in products if row.attribute_values != _text(wanted, row.pk)]
        for product in changed:
            product.attribute_values = _text(wanted, product.pk)
        if changed:
            Product.objects.bulk_update(changed, ["attribute_values"])
            _replace_rows({product.pk: wanted.get(product.pk, {}) for product in changed})


def _of_variants(product_ids: list[int]) -> dict[int, Values]:
    found: dict[int, dict[str, set[str]]] = {}
    rows = Variant.objects.filter(product__in=product_ids, is_active=True)
    for product_id, attributes in rows.values_list("product_id", "attributes"):
        for name, value in attributes.items():
            text = str(value).strip()[: ProductAttribute.VALUE_LENGTH]
            if text and 0 < len(name) <= ProductAttribute.NAME_LENGTH:
                found.setdefault(product_id, {}).setdefault(name, set()).add(text)
    return {
        product_id: {name: sorted(values) for name, values in sorted(by_name.items())}
        for product_id, by_name in found.items()
    }


def _text(wanted: dict[int, Values], product_id: int) -> str:
    return json.dumps(wanted.get(product_id, {}), ensure_ascii=False)


def _replace_rows(by_product: dict[int, Values]) -> None:
    ProductAttribute.objects.filter(product__in=by_product).delete()
    ProductAttribute.objects.bulk_create(
        ProductAttribute(product_id=product_id, name=name, value=value)
        for product_id, by_name in sorted(by_product.items())
        for name, values in by_name.items()
        for value in values
    )
