"""Products: created, changed, and taken away, each with its variants in one transaction."""

from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import ProtectedError
from django.utils import timezone

from accounts.models import User
from accounts.services.auditing import audited, set_members, track
from config.errors import InvalidInput, NotFound
from config.events import emit
from config.transactions import retried

from ..models import Product, Variant
from ..signals import product_changed
from .alerts import is_watched, lock_stocks, watch_stocks, watch_variants
from .categories import lock_category
from .collections import find_collections
from .flash_sales import set_flash_sale
from .images import delete_files
from .slugs import insert_with_slug, save_slug
from .tags import tags_named
from .variants import add_variant, archive_variant, change_variant, finish_change, lock_product

Fields = dict[str, Any]

COLUMNS = (
    "name",
    "slug",
    "description",
    "brand",
    "tax_class",
    "hsn_code",
    "weight_grams",
    "meta_title",
    "meta_description",
    "is_active",
    "featured",
    "seller_id",
)
# What may stand at the top of a product that has one variant.
VARIANT_FIELDS = (
    "sku",
    "price",
    "compare_at_price",
    "cost_price",
    "barcode",
    "low_stock_threshold",
    "attributes",
)


@retried
@transaction.atomic
@audited()
def create_product(*, actor: User | None, fields: Fields) -> Product:
    """Create a product with its variants, stock and prices, or raise InvalidInput."""
    category = lock_category(fields["category"])
    product = track(Product(category=category, currency=settings.STORE_CURRENCY))
    assign_columns(product, fields)
    insert_with_slug(product, source=product.name, slug=fields.get("slug", ""))
    single = _single(fields)
    if "variants" in fields:
        rows, sku_field = fields["variants"], "variants"
        defaults = {"price": single["price"]} if "price" in single else {}
    else:
        rows, sku_field, defaults = [{}], "sku", single | _only(fields, "stock")
    if not rows:
        raise InvalidInput(variants="A product has at least one variant.")
    for position, row in enumerate(rows):
        add_variant(product, {"position": position} | defaults | row, actor, sku_field=sku_field)
    _finish(product, fields)
    return product


@retried
@transaction.atomic
@audited()
def update_product(
    *, product_id: int, actor: User | None, fields: Fields, replace: bool = False
) -> Product:
    """Change what `fields` names; with `replace`, variants that are not named are archived."""
    category = lock_category(fields.get("category"))
    if is_watched(fields):
        lock_stocks(Variant.objects.filter(product=product_id))
    product = lock_product(product_id)
    product.category = category or product.category
    assign_columns(product, fields)
    save_slug(product)
    if "variants" in fields:
        _change_variants(product, fields["variants"], actor, replace)
    else:
        _change_only_variant(product, _single(fields), replace)
    _finish(product, fields)
    return product


@retried
@transaction.atomic
@audited()
def delete_product(*, product_id: int) -> None:
    """Delete a product, or archive one that was ordered or is in a cart."""
    # An order that is being placed holds the stock: it is seen below.
    lock_stocks(Variant.objects.filter(product=product_id))
    product = lock_product(product_id)
    images = list(product.images.all())
    try:
        with transaction.atomic():
            product.delete()
        delete_files(*images)
    except ProtectedError:
        track(product, "archived").is_active = False
        product.archived_at = timezone.now()
        product.save(update_fields=["is_active", "archived_at", "updated_at"])
        watch_variants(product)
    emit(product_changed, product_ids=[product_id])


@retried
@transaction.atomic
@audited()
def restore_product(*, product_id: int) -> Product:
    """Bring an archived product back, inactive: somebody looks at it before it is sold."""
    archived = Product.objects.select_for_update().exclude(archived_at=None)
    product = archived.filter(pk=product_id).first()
    if product is None:
        raise NotFound()
    track(product, "restored").archived_at = None
    finish_change(product)
    return product


@retried
@transaction.atomic
@audited()
def flag_products(*, product_ids: list[int], flag: str, value: bool) -> int:
    """Set `is_active` or `featured` of products at once; return how many that changes."""
    is_sale = flag == "is_active"
    stocks = lock_stocks(Variant.objects.filter(product__in=product_ids)) if is_sale else []
    found = Product.objects.select_for_update().filter(pk__in=product_ids, archived_at=None)
    products = list(found.exclude(**{flag: value}).order_by("pk").only("slug", flag))
    changed = [product.pk for product in products]
    for product in products:
        setattr(track(product), flag, value)
    Product.objects.filter(pk__in=changed).update(**{flag: value}, updated_at=timezone.now())
    watch_stocks(stocks)
    if changed:
        emit(product_changed, product_ids=changed)
    return len(changed)


def assign_columns(product: Product, fields: Fields) -> None:
    """Set what `fields` names of a product's own columns; nothing is saved."""
    for name in COLUMNS:
        if name in fields and not (name == "slug" and not fields[name]):
            setattr(product, name, fields[name])
    product.tax_class = product.tax_class.lower()  # as tax rates keep theirs
    if "flash_sale" in fields:
        set_flash_sale(product, fields["flash_sale"])


def _finish(product: Product, fields: Fields) -> None:
    if "tags" in fields:
        set_members(product, "tags", tags_named(fields["tags"]))
    if "collections" in fields:
        set_members(product, "collections", find_collections(fields["collections"]))
    finish_change(product)


def _single(fields: Fields) -> Fields:
    return _only(fields, *VARIANT_FIELDS)


def _only(fields: Fields, *names: str) -> Fields:
    return {name: fields[name] for name in names if name in fields}


def _change_only_variant(product: Product, changes: Fields, replace: bool) -> None:
    variants = list(product.variants.filter(archived_at=None)[:2])
    if len(variants) > 1:
        if replace:
            raise InvalidInput(variants="Name the variants that stay.")
        if changes:
            several = "The product has several variants. Change them under `variants`."
            raise InvalidInput(**dict.fromkeys(changes, several))
        return
    if replace and "price" not in changes:
        raise InvalidInput(price="Give a price.")
    if changes:
        variants[0].product = product
        change_variant(variants[0], changes, sku_field="sku")


def _change_variants(
    product: Product, rows: list[Fields], actor: User | None, replace: bool
) -> None:
    present = {variant.pk: variant for variant in product.variants.filter(archived_at=None)}
    named = {row["id"] for row in rows if row.get("id") is not None}
    if unknown := sorted(named - present.keys()):
        raise InvalidInput(variants=[f"The product has no variant {pk}." for pk in unknown])
    if replace and not rows:
        raise InvalidInput(variants="A product has at least one variant.")
    for variant_id in sorted(present.keys() - named) if replace else ():
        archive_variant(present[variant_id])
    position = max((variant.position for variant in present.values()), default=0)
    for offset, row in enumerate(rows, start=1):
        if row.get("id") is None:
            add_variant(product, {"position": position + offset} | row, actor, sku_field="variants")
        else:
            variant = present[row["id"]]
            variant.product = product
            change_variant(variant, row, sku_field="variants")
