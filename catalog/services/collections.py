"""Hand-picked sets of products."""

from collections.abc import Iterable
from typing import Any

from django.db import transaction

from accounts.services.auditing import audited, set_members, track
from config.errors import InvalidInput, NotFound
from config.transactions import retried

from ..models import Collection, Product
from .pictures import discard_file, picture_stored, replace_picture
from .slugs import insert_with_slug, save_slug

Fields = dict[str, Any]


def create_collection(*, fields: Fields) -> Collection:
    """Create a collection of existing products."""
    with picture_stored(Collection, fields) as stored:
        return _create(stored)


def update_collection(*, collection_id: int, fields: Fields) -> Collection:
    """Change a collection; `products` replaces its products."""
    with picture_stored(Collection, fields) as stored:
        return _update(collection_id, stored)


@retried
@transaction.atomic
@audited()
def delete_collection(*, collection_id: int) -> None:
    """Delete a collection; its products stay."""
    collection = _lock(collection_id)
    collection.delete()
    if collection.image:
        discard_file(collection.image.name)


def find_collections(ids: Iterable[int]) -> list[Collection]:
    """Return the collections with these ids, or raise InvalidInput."""
    wanted = set(ids)
    found = list(Collection.objects.filter(pk__in=wanted))
    if len(found) < len(wanted):
        missing = sorted(wanted - {collection.pk for collection in found})
        raise InvalidInput(collections=[f"There is no collection {pk}." for pk in missing])
    return found


@retried
@transaction.atomic
@audited()
def _create(fields: Fields) -> Collection:
    collection = Collection(
        title=fields["title"],
        description=fields.get("description", ""),
        image=fields.get("image") or "",
    )
    insert_with_slug(track(collection), source=collection.title, slug=fields.get("slug", ""))
    _set_products(collection, fields)
    return collection


@retried
@transaction.atomic
@audited()
def _update(collection_id: int, fields: Fields) -> Collection:
    collection = _lock(collection_id)
    for name in ("title", "description"):
        if name in fields:
            setattr(collection, name, fields[name])
    if "image" in fields:
        replace_picture(collection, fields["image"])
    collection.slug = fields.get("slug") or collection.slug
    save_slug(collection)
    _set_products(collection, fields)
    return collection


def _lock(collection_id: int) -> Collection:
    collection = Collection.objects.select_for_update().filter(pk=collection_id).first()
    if collection is None:
        raise NotFound()
    return track(collection)


def _set_products(collection: Collection, fields: Fields) -> None:
    if "products" not in fields:
        return
    wanted = set(fields["products"])
    found = list(Product.objects.filter(pk__in=wanted, archived_at=None))
    if len(found) < len(wanted):
        missing = sorted(wanted - {product.pk for product in found})
        raise InvalidInput(products=[f"There is no product {pk}." for pk in missing])
    set_members(collection, "products", found)
