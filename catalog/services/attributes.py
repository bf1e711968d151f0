"""The attributes that products can be narrowed by follow those of their active variants."""

from collections.abc import Iterable

from django.db import transaction

from config.importing import batched
from config.transactions import retried

from ..models import ProductAttribute, Variant

_BATCH = 500

Attribute = tuple[int, str, str]  # product, name, value


@retried
@transaction.atomic
def refresh_attributes(*, product_ids: Iterable[int]) -> None:
    """Write what the active variants of products have, and delete what none of them has."""
    for ids in batched(sorted(set(product_ids)), _BATCH):
        wanted, kept = _of_variants(ids), _stored(ids)
        gone = [pk for attribute, pk in kept.items() if attribute not in wanted]
        if gone:
            ProductAttribute.objects.filter(pk__in=gone).delete()
        ProductAttribute.objects.bulk_create(
            (
                ProductAttribute(product_id=product_id, name=name, value=value)
                for product_id, name, value in sorted(wanted - kept.keys())
            ),
            ignore_conflicts=True,
        )


def _of_variants(product_ids: list[int]) -> set[Attribute]:
    rows = Variant.objects.filter(product__in=product_ids, is_active=True)
    return {
        (product_id, name, text)
        for product_id, attributes in rows.values_list("product_id", "attributes")
        for name, value in attributes.items()
        if 0 < len(name) <= ProductAttribute.NAME_LENGTH
        and (text := str(value).strip()[: ProductAttribute.VALUE_LENGTH])
    }


def _stored(product_ids: list[int]) -> dict[Attribute, int]:
    rows = ProductAttribute.objects.filter(product__in=product_ids)
    return {
        (product_id, name, value): pk
        for product_id, name, value, pk in rows.values_list("product_id", "name", "value", "pk")
    }
