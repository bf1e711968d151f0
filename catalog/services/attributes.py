"""The attributes that products can be narrowed by follow those of their active variants.

They are kept twice: filters find products by rows, facets count the text of many products.
"""

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from django.db import transaction

from config.importing import batched
from config.transactions import retried

from ..models import Product, ProductAttribute, Variant

_BATCH = 500

Pair = tuple[str, str]  # name and value


@retried
@transaction.atomic
def refresh_attributes(*, product_ids: Iterable[int]) -> None:
    """Write what the active variants of products have, where it is not written yet."""
    for ids in batched(sorted(set(product_ids)), _BATCH):
        pairs = _of_variants(ids)
        changed = []
        for product in Product.objects.filter(pk__in=ids).only("attribute_values"):
            text = Product.attribute_text(pairs[product.pk])
            if product.attribute_values != text:
                product.attribute_values = text
                changed.append(product)
        if changed:
            Product.objects.bulk_update(changed, ["attribute_values"])
            ProductAttribute.objects.filter(product__in=changed).delete()
            add_attributes({product.pk: pairs[product.pk] for product in changed})


def add_attributes(pairs: Mapping[int, Collection[Pair]]) -> None:
    """Write the rows of products that have none."""
    ProductAttribute.objects.bulk_create(
        ProductAttribute(product_id=product_id, name=name, value=value)
        for product_id in sorted(pairs)
        for name, value in sorted(pairs[product_id])
    )


def kept_pairs(attributes: Iterable[Mapping[str, Any]]) -> set[Pair]:
    """Return the names and values that a product of variants with such attributes has."""
    pairs = (
        (_plain(name), _plain(str(value))) for named in attributes for name, value in named.items()
    )
    return {pair for pair in pairs if _is_kept(*pair)}


def _of_variants(product_ids: list[int]) -> dict[int, set[Pair]]:
    found: dict[int, set[Pair]] = {pk: set() for pk in product_ids}
    rows = Variant.objects.filter(product__in=product_ids, is_active=True)
    for product_id, attributes in rows.values_list("product_id", "attributes"):
        found[product_id] |= kept_pairs([attributes])
    return found


def _plain(text: str) -> str:
    return " ".join(text.split())


def _is_kept(name: str, value: str) -> bool:
    return (
        0 < len(name) <= ProductAttribute.NAME_LENGTH
        and 0 < len(value) <= ProductAttribute.VALUE_LENGTH
    )
