"""The tree of categories; `path` follows every move."""

from typing import Any

from django.db import transaction
from django.db.models import ProtectedError, Value
from django.db.models.functions import Concat, Substr

from accounts.services.auditing import audited, track
from config.errors import InvalidInput, NotFound
from config.events import emit
from config.transactions import retried

from ..errors import CategoryInUse
from ..models import Category
from ..signals import group_renamed
from .pictures import discard_file, picture_stored, replace_picture
from .slugs import insert_with_slug, save_slug

Fields = dict[str, Any]
_COLUMNS = ("name", "slug", "description", "is_active", "position")


def create_category(*, fields: Fields) -> Category:
    """Create a category below its parent, or at the root."""
    with picture_stored(Category, fields) as stored:
        return _create(stored)


def update_category(*, category_id: int, fields: Fields) -> Category:
    """Change a category; a move below itself raises InvalidInput."""
    with picture_stored(Category, fields) as stored:
        return _update(category_id, stored)


@retried
@transaction.atomic
@audited()
def delete_category(*, category_id: int) -> None:
    """Delete a category, or raise CategoryInUse where something belongs to it."""
    category = Category.objects.select_for_update().filter(pk=category_id).first()
    if category is None:
        raise NotFound()
    try:
        with transaction.atomic():
            track(category).delete()
        if category.image:
            discard_file(category.image.name)
    except ProtectedError:
        raise CategoryInUse()


def lock_category(category_id: int | None, *, field: str = "category") -> Category | None:
    """Lock the category that a new row will belong to, so that it cannot be deleted meanwhile."""
    if category_id is None:
        return None
    category = Category.objects.select_for_update().filter(pk=category_id).first()
    if category is None:
        raise InvalidInput(**{field: "There is no such category."})
    return category


@retried
@transaction.atomic
@audited()
def _create(fields: Fields) -> Category:
    parent = lock_category(fields.get("parent"), field="parent")
    category = track(Category(parent=parent))
    for name in _COLUMNS:
        if name in fields:
            setattr(category, name, fields[name])
    category.image = fields.get("image") or ""
    above = parent.path if parent else "/"
    _check_depth(_depth(above) + 1)
    insert_with_slug(category, source=category.name, slug=fields.get("slug", ""))
    category.path = f"{above}{category.pk}/"
    category.save(update_fields=["path"])
    return category


@retried
@transaction.atomic
@audited()
def _update(category_id: int, fields: Fields) -> Category:
    tree = _lock_tree() if "parent" in fields else {}
    category = Category.objects.select_for_update().filter(pk=category_id).first()
    if category is None:
        raise NotFound()
    was = (track(category).name, category.parent_id)
    for name in _COLUMNS:
        if name in fields and not (name == "slug" and not fields[name]):
            setattr(category, name, fields[name])
    if "image" in fields:
        replace_picture(category, fields["image"])
    if "parent" in fields and fields["parent"] != category.parent_id:
        _move(category, fields["parent"], tree)
    save_slug(category)
    if was != (category.name, category.parent_id):
        emit(group_renamed, name=was[0])
    return category


def _lock_tree() -> dict[int, str]:
    """Lock all categories in key order and return their paths.

    Two moves at once could otherwise close a cycle together.
    """
    rows = Category.objects.select_for_update().order_by("pk")
    return dict(rows.values_list("pk", "path"))


def _move(category: Category, parent_id: int | None, tree: dict[int, str]) -> None:
    if parent_id is not None and parent_id not in tree:
        raise InvalidInput(parent="There is no such category.")
    above = "/" if parent_id is None else tree[parent_id]
    old, new = category.path, f"{above}{category.pk}/"
    if above.startswith(old):
        raise InvalidInput(parent="A category cannot be below itself.")
    deepest = max(_depth(path) for path in tree.values() if path.startswith(old))
    _check_depth(deepest - _depth(old) + _depth(new))
    category.parent_id, category.path = parent_id, new
    Category.objects.filter(path__startswith=old).exclude(pk=category.pk).update(
        path=Concat(Value(new), Substr("path", len(old) + 1))
    )


def _depth(path: str) -> int:
    return path.count("/") - 1


def _check_depth(depth: int) -> None:
    if depth > Category.MAX_DEPTH:
        raise InvalidInput(parent=f"The tree may be {Category.MAX_DEPTH} levels deep at most.")
