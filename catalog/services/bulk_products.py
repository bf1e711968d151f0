"""Many new products at once, for imports: some ten times as fast as one by one."""

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from accounts.models import User
from accounts.services.auditing import audited, note_members, track
from config.errors import InvalidInput
from config.events import emit
from config.transactions import retried

from ..models import Category, Product, Variant
from ..signals import product_changed, stock_changed
from .attributes import add_attributes, kept_pairs
from .opening_stock import open_stock
from .prices import set_prices
from .products import assign_columns
from .slugs import check_slug, free_slugs
from .tags import tags_by_name
from .variants import COLUMNS

Fields = dict[str, Any]


@retried
@transaction.atomic
@audited()
def create_products(*, actor: User | None, many: Sequence[Fields]) -> list[Product]:
    """Create products as `create_product` does each, all of them or none.

    Each has `variants` with their SKUs. What is wrong with which of them is not told: whoever
    has to know creates them one by one.
    """
    _lock_categories({fields["category"] for fields in many})
    made = iter(free_slugs(Product, [row["name"] for row in many if not row.get("slug")]))
    products = [_new_product({**row, "slug": row.get("slug") or next(made)}) for row in many]
    variants = [
        [_new_variant(row, place) for place, row in enumerate(fields["variants"])]
        for fields in many
    ]
    _refuse_taken(products, [variant for rows in variants for variant in rows])
    pairs = [kept_pairs(row.attributes for row in rows if row.is_active) for rows in variants]
    for product, rows, fields, found in zip(products, variants, many, pairs, strict=True):
        _derive(product, rows, fields)
        product.attribute_values = Product.attribute_text(found)
    _insert(products, variants)
    _open_stock(variants, many, actor)
    _link_tags(products, many)
    add_attributes({row.pk: found for row, found in zip(products, pairs, strict=True)})
    emit(product_changed, product_ids=[product.pk for product in products])
    return products


def _lock_categories(keys: set[int]) -> None:
    locked = Category.objects.select_for_update().filter(pk__in=keys).order_by("pk")
    if len(locked) < len(keys):
        raise InvalidInput(category="There is no such category.")


def _new_product(fields: Fields) -> Product:
    product = track(Product(category_id=fields["category"], currency=settings.STORE_CURRENCY))
    assign_columns(product, fields)
    check_slug(product)
    return product


def _new_variant(row: Fields, position: int) -> Variant:
    values = {name: row[name] for name in COLUMNS if name in row}
    return track(Variant(sku=row["sku"].upper(), **{"position": position, **values}))


def _refuse_taken(products: list[Product], variants: list[Variant]) -> None:
    slugs, skus = [row.slug for row in products], [row.sku for row in variants]
    if len(set(slugs)) < len(slugs) or Product.objects.filter(slug__in=slugs).exists():
        raise InvalidInput(slug="This slug is taken.")
    if len(set(skus)) < len(skus) or Variant.objects.filter(sku__in=skus).exists():
        raise InvalidInput(sku="This SKU is taken.")


def _derive(product: Product, variants: list[Variant], fields: Fields) -> None:
    """Set what follows from the variants, as `refresh_derived` does for a product that is there."""
    pairs = list(zip(variants, fields["variants"], strict=True))
    active = [(variant, row) for variant, row in pairs if variant.is_active]
    if active:
        cheapest = min((variant for variant, _ in active), key=lambda variant: variant.price)
        set_prices(product, cheapest.price, cheapest.compare_at_price, timezone.now())
    product.in_stock = any(row.get("stock") for _, row in active)


def _insert(products: list[Product], variants: list[list[Variant]]) -> None:
    """Insert rows and read their keys, which MySQL does not give back."""
    Product.objects.bulk_create(products)
    by_slug = Product.objects.filter(slug__in=[row.slug for row in products])
    keys = dict(by_slug.values_list("slug", "pk"))
    for product, rows in zip(products, variants, strict=True):
        product.pk = keys[product.slug]
        for variant in rows:
            variant.product_id = product.pk
    flat = [variant for rows in variants for variant in rows]
    Variant.objects.bulk_create(flat)
    by_sku = dict(
        Variant.objects.filter(sku__in=[row.sku for row in flat]).values_list("sku", "pk")
    )
    for variant in flat:
        variant.pk = by_sku[variant.sku]


def _open_stock(variants: list[list[Variant]], many: Sequence[Fields], actor: User | None) -> None:
    on_hand = {
        variant.pk: row.get("stock") or 0
        for rows, fields in zip(variants, many, strict=True)
        for variant, row in zip(rows, fields["variants"], strict=True)
    }
    open_stock(on_hand=on_hand, reference="Initial stock", recorded_by=actor)
    if filled := [pk for pk, pieces in on_hand.items() if pieces]:
        emit(stock_changed, variant_ids=filled)


def _link_tags(products: list[Product], many: Sequence[Fields]) -> None:
    link = Product.tags.through
    tags = tags_by_name(name for fields in many for name in fields.get("tags", []))
    links = []
    for product, fields in zip(products, many, strict=True):
        own = {tags[name] for name in fields.get("tags", [])}
        links += [(product.pk, tag.pk) for tag in own]
        note_members(product, "tags", new=own)
    link.objects.bulk_create(
        link(product_id=product_id, tag_id=tag_id) for product_id, tag_id in dict.fromkeys(links)
    )
