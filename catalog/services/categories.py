"""The tree of categories; `path` follows every move."""

from typing import Any

from django.db import transaction
from django.db.models import ProtectedError, Value
from django.db.models.functions import Concat, Substr

from config.errors import InvalidInput, NotFound
from config.events import emit
from config.transactions import retried

from ..errors import CategoryInUse
from ..models import Category
from ..signals import group_renamed
from .pictures import discard_file, replace_picture
from .slugs import insert_with_slug, save_slug

Fields = dict[str, Any]
_COLUMNS = ("name", "slug", "description", "is_active", "position")


@retried
@transaction.atomic
def create_category(*, fields: Fields) -> Category:
    """Create a category below its parent, or at the root."""
    parent = lock_category(fields.get("parent"), field="parent")
    category = Category(parent=parent)
    for name in _COLUMNS:
        if name in fields:
            setattr(category, name, fields[name])
    category.image = fields.get("image") or ""
    insert_with_slug(category, source=category.name, slug=fields.get("slug", ""))
    category.path = _path_below(parent, category)
    category.save(update_fields=["path"])
    return category


@retried
@transaction.atomic
def update_category(*, category_id: int, fields: Fields) -> Category:
    """Change a category; a move below itself raises InvalidInput."""
    # All rows in key order: two moves at once could otherwise close a cycle together.
    tree = {row.pk: row for row in Category.objects.select_for_update().order_by("pk")}
    category = tree.get(category_id)
    if category is None:
        raise NotFound()
    was = (category.name, category.parent_id)
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


@retried
@transaction.atomic
def delete_category(*, category_id: int) -> None:
    """Delete a category, or raise CategoryInUse where something belongs to it."""
    category = Category.objects.select_for_update().filter(pk=category_id).first()
    if category is None:
        raise NotFound()
    try:
        with transaction.atomic():
            category.delete()
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


def _move(category: Category, parent_id: int | None, tree: dict[int, Category]) -> None:
    parent = tree.get(parent_id) if parent_id is not None else None
    if parent_id is not None and parent is None:
        raise InvalidInput(parent="There is no such category.")
    if parent and parent.path.startswith(category.path):
        raise InvalidInput(parent="A category cannot be below itself.")
    old = category.path
    longest = max(len(row.path) for row in tree.values() if row.path.startswith(old))
    category.parent = parent
    category.path = _path_below(parent, category)
    if longest - len(old) + len(category.path) > Category._meta.get_field("path").max_length:
        raise InvalidInput(parent="The tree would become too deep.")
    Category.objects.filter(path__startswith=old).exclude(pk=category.pk).update(
        path=Concat(Value(category.path), Substr("path", len(old) + 1))
    )


def _path_below(parent: Category | None, category: Category) -> str:
    path = f"{parent.path if parent else '/'}{category.pk}/"
    if len(path) > Category._meta.get_field("path").max_length:
        raise InvalidInput(parent="The tree would become too deep.")
    return path
