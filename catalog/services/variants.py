"""Variants: each has its stock row from its creation on, and its SKU is upper-cased."""

import secrets
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import ProtectedError
from django.utils import timezone

from accounts.models import User
from accounts.services.auditing import audited, track
from config.errors import InvalidInput, NotFound
from config.events import emit
from config.transactions import retried

from ..errors import LastVariant
from ..models import Product, Variant
from ..signals import product_changed, stock_changed
from .alerts import is_watched, lock_stocks, watch_variants
from .flash_sales import check_flash_sale
from .opening_stock import open_stock
from .prices import refresh_derived

Fields = dict[str, Any]

COLUMNS = (
    "name",
    "attributes",
    "price",
    "compare_at_price",
    "cost_price",
    "barcode",
    "low_stock_threshold",
    "is_active",
    "position",
)


@retried
@transaction.atomic
@audited()
def create_variant(*, product_id: int, actor: User | None, fields: Fields) -> Variant:
    """Add a variant to a product; a `stock` is received by an IN movement."""
    product = lock_product(product_id)
    variant = add_variant(product, fields, actor, sku_field="sku")
    finish_change(product)
    return variant


@retried
@transaction.atomic
@audited()
def update_variant(*, variant_id: int, fields: Fields) -> Variant:
    """Change a variant; its stock is changed by movements alone."""
    if is_watched(fields):
        lock_stocks(Variant.objects.filter(pk=variant_id))
    product, variant = _lock_with_product(variant_id)
    change_variant(variant, fields, sku_field="sku")
    finish_change(product)
    return variant


@retried
@transaction.atomic
@audited()
def delete_variant(*, variant_id: int) -> None:
    """Delete a variant, or archive one that is in an order or cart; LastVariant for the last."""
    lock_stocks(Variant.objects.filter(pk=variant_id))
    product, variant = _lock_with_product(variant_id)
    if not product.variants.filter(archived_at=None).exclude(pk=variant.pk).exists():
        raise LastVariant()
    try:
        with transaction.atomic():
            variant.delete()
    except ProtectedError:
        archive_variant(variant)
    finish_change(product)


def lock_product(product_id: int) -> Product:
    """Lock a product that is not archived, or raise NotFound."""
    locked = Product.objects.select_for_update().filter(pk=product_id, archived_at=None).first()
    if locked is None:
        raise NotFound()
    return track(locked)


def finish_change(product: Product) -> None:
    """Check and save what follows from a change of a locked product, and tell others."""
    check_flash_sale(product)
    refresh_derived(product)
    watch_variants(product)
    emit(product_changed, product_ids=[product.pk])


def add_variant(product: Product, fields: Fields, actor: User | None, *, sku_field: str) -> Variant:
    """Create a variant and its stock row below a locked product."""
    if fields.get("price") is None:
        raise InvalidInput(**{sku_field if sku_field == "variants" else "price": "Give a price."})
    variant = track(Variant(product=product))
    _assign(variant, fields)
    variant.sku = (fields.get("sku") or _new_sku(product)).upper()
    _save(variant, sku_field)
    quantity = fields.get("stock") or 0
    open_stock(on_hand={variant.pk: quantity}, reference="Initial stock", recorded_by=actor)
    if quantity:
        emit(stock_changed, variant_ids=[variant.pk])
    return variant


def change_variant(variant: Variant, fields: Fields, *, sku_field: str) -> None:
    """Change and save a variant of a locked product."""
    _assign(track(variant), fields)
    if fields.get("sku"):
        variant.sku = fields["sku"].upper()
    _save(variant, sku_field)


def archive_variant(variant: Variant) -> None:
    """Take a variant out of sale for good; orders keep showing it."""
    track(variant, "archived").is_active = False
    variant.archived_at = timezone.now()
    variant.save(update_fields=["is_active", "archived_at"])


def _lock_with_product(variant_id: int) -> tuple[Product, Variant]:
    product_id = Variant.objects.filter(pk=variant_id).values_list("product_id", flat=True).first()
    product = lock_product(product_id or 0)
    variant = product.variants.filter(pk=variant_id, archived_at=None).first()
    if variant is None:
        raise NotFound()
    track(variant).product = product
    return product, variant


def _assign(variant: Variant, fields: Fields) -> None:
    for name in COLUMNS:
        if name in fields:
            setattr(variant, name, fields[name])
    if "image" in fields:
        variant.image_id = fields["image"]
        of_product = variant.product.images.filter(pk=variant.image_id)
        if variant.image_id is not None and not of_product.exists():
            raise InvalidInput(image="The product has no such picture.")


def _save(variant: Variant, sku_field: str) -> None:
    taken = InvalidInput(**{sku_field: f"The SKU {variant.sku} is taken."})
    same = Variant.objects.filter(sku=variant.sku).exclude(pk=variant.pk)
    if same.exists():
        raise taken
    try:
        with transaction.atomic():
            variant.save()
    except IntegrityError:
        if not same.exists():
            raise
        raise taken


def _new_sku(product: Product) -> str:
    return f"{product.slug[:50]}-{secrets.token_hex(3)}"
