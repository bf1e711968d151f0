"""The attributes that products can be narrowed by follow those of their active variants.

They are kept twice: filters find products by rows, facets count the text of many products.
"""

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from django.db import transaction

from config.bulk import insert_rows, write_column
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
        texts = {pk: Product.attribute_text(pairs[pk]) for pk in ids}
        written = Product.objects.filter(pk__in=ids).values_list("pk", "attribute_values")
        changed = sorted(pk for pk, text in written if text != texts[pk])
        if changed:
            write_column(Product, "attribute_values", [(texts[pk], pk) for pk in changed])
            ProductAttribute.objects.filter(product__in=changed).delete()
            add_attributes({pk: pairs[pk] for pk in changed})


def add_attributes(pairs: Mapping[int, Collection[Pair]]) -> None:
    """Write the rows of products that have none."""
    rows = [(pk, name, value) for pk in sorted(pairs) for name, value in sorted(pairs[pk])]
    insert_rows(ProductAttribute, ["product", "name", "value"], rows)


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
