"""Pictures of products: at most one is primary, and files go after the row is gone."""

import logging
from datetime import timedelta
from typing import Any

from django.core.files import File
from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from accounts.services.auditing import audited, track
from config.errors import InvalidInput, NotFound
from config.events import emit
from config.transactions import retried

from ..models import Product, ProductImage
from ..signals import image_added
from .pictures import clean_picture, discard_file, make_small, stored
from .variants import finish_change, lock_product

logger = logging.getLogger(__name__)
Fields = dict[str, Any]
_BATCH = 50
_FILE = ProductImage._meta.get_field("file")
THUMBNAIL_TRIES = 10  # the last one some eight hours after the first


def add_image(*, product_id: int, upload: File, fields: Fields) -> ProductImage:
    """Add a picture to a product; the first one is primary."""
    with stored(clean_picture(upload), _FILE) as name:
        return _add(product_id, name, fields)


def update_image(*, image_id: int, upload: File | None, fields: Fields) -> ProductImage:
    """Change a picture's texts, place or file."""
    with stored(clean_picture(upload) if upload else None, _FILE) as name:
        return _update(image_id, name, fields)


@retried
@transaction.atomic
@audited()
def delete_image(*, image_id: int) -> None:
    """Delete a picture; the next one becomes primary."""
    product, image = _lock_with_product(image_id)
    image.delete()
    delete_files(image)
    heir = product.images.order_by("position", "pk").first()
    if heir and not product.images.exclude(primary_of=None).exists():
        _make_primary(product, heir)
    finish_change(product)


def delete_files(*images: ProductImage) -> None:
    """Delete the files of rows that are gone, once that is committed."""
    names = [file.name for image in images for file in (image.file, image.thumbnail) if file]
    for name in names:
        discard_file(name)


def make_thumbnail(*, image_id: int) -> None:
    """Make the small copy of a picture, where one is due; a failure is tried again later."""
    image = _claim(image_id)
    if image is None:
        return
    try:
        with default_storage.open(image.file.name) as source:
            small = make_small(source)
        field = ProductImage._meta.get_field("thumbnail")
        name = default_storage.save(field.generate_filename(image, small.name), small)
    except Exception:  # noqa: BLE001  decoders and storages raise anything
        _note_failure(image)
        return
    if not _keep_thumbnail(image, name):
        default_storage.delete(name)


def make_pending_thumbnails() -> None:
    """Make the thumbnails that are due; pictures that failed wait behind the others."""
    due = _due_thumbnails().order_by("thumbnail_due_at", "pk")
    for image_id in due.values_list("pk", flat=True)[:_BATCH]:
        make_thumbnail(image_id=image_id)


def _due_thumbnails() -> QuerySet[ProductImage]:
    return ProductImage.objects.filter(thumbnail="", thumbnail_due_at__lte=timezone.now())


@retried
@transaction.atomic
def _claim(image_id: int) -> ProductImage | None:
    """Count a try before it is made: one that kills its worker is counted too."""
    image = _due_thumbnails().select_for_update().filter(pk=image_id).first()
    if image is None:
        return None
    image.thumbnail_attempts += 1
    is_last = image.thumbnail_attempts >= THUMBNAIL_TRIES
    pause = timedelta(minutes=2 ** (image.thumbnail_attempts - 1))
    image.thumbnail_due_at = None if is_last else timezone.now() + pause
    image.save(update_fields=["thumbnail_attempts", "thumbnail_due_at"])
    return image


def _note_failure(image: ProductImage) -> None:
    if image.thumbnail_due_at is not None:
        logger.warning("No thumbnail of picture %s yet", image.pk, exc_info=True)
        return
    logger.exception(
        "Picture %s of product %s gets no thumbnail: given up after %s tries. Upload it anew.",
        image.pk,
        image.product_id,
        THUMBNAIL_TRIES,
    )


@retried
@transaction.atomic
@audited()
def _add(product_id: int, name: str, fields: Fields) -> ProductImage:
    product = lock_product(product_id)
    others = list(product.images.values_list("position", flat=True))
    position = fields.get("position")
    image = ProductImage(
        product=product,
        file=name,
        alt_text=fields.get("alt_text", ""),
        position=max(others, default=-1) + 1 if position is None else position,
    )
    track(image).save(force_insert=True)
    if not others or fields.get("is_primary"):
        _make_primary(product, image)
    finish_change(product)
    emit(image_added, image_id=image.pk)
    return image


@retried
@transaction.atomic
@audited()
def _update(image_id: int, name: str, fields: Fields) -> ProductImage:
    product, image = _lock_with_product(image_id)
    if fields.get("is_primary") is False and image.is_primary:
        raise InvalidInput(is_primary="Make another picture the primary one instead.")
    image.alt_text = fields.get("alt_text", image.alt_text)
    image.position = fields.get("position", image.position)
    if name:
        delete_files(image)
        image.file, image.thumbnail = name, ""
        image.thumbnail_due_at, image.thumbnail_attempts = timezone.now(), 0
        emit(image_added, image_id=image.pk)
    image.save()
    if fields.get("is_primary"):
        _make_primary(product, image)
    finish_change(product)
    return image


@retried
@transaction.atomic
def _keep_thumbnail(image: ProductImage, name: str) -> bool:
    product = Product.objects.select_for_update().filter(pk=image.product_id).first()
    kept = ProductImage.objects.filter(pk=image.pk, file=image.file.name, thumbnail="").update(
        thumbnail=name, thumbnail_due_at=None
    )
    if product and kept and product.archived_at is None:
        finish_change(product)
    return bool(kept)


def _make_primary(product: Product, image: ProductImage) -> None:
    product.images.exclude(primary_of=None).update(primary_of=None)
    track(image).primary_of = product
    image.save(update_fields=["primary_of"])


def _lock_with_product(image_id: int) -> tuple[Product, ProductImage]:
    product_id = (
        ProductImage.objects.filter(pk=image_id).values_list("product_id", flat=True).first()
    )
    product = lock_product(product_id or 0)
    image = product.images.filter(pk=image_id).first()
    if image is None:
        raise NotFound()
    return product, track(image)
