"""The categories that a source's products are put into."""

from django.db import transaction
from django.utils.text import slugify

from accounts.services.auditing import audited, track
from config.transactions import retried

from ..models import Category
from ..services.slugs import RESERVED

Path = tuple[str, ...]


@retried
@transaction.atomic
@audited()
def ensure_category(path: Path) -> int:
    """Return the key of the category at the end of a path of names, made where it is missing."""
    parent: Category | None = None
    for depth, name in enumerate(path, 1):
        # Compared here, because databases differ in what they take for equal.
        siblings = Category.objects.filter(parent=parent, name=name).order_by("pk")
        found = next((row for row in siblings if row.name == name), None)
        parent = found or _create(parent, name, path[:depth])
    if parent is None:
        raise ValueError("A path has at least one name.")
    return parent.pk


def _create(parent: Category | None, name: str, path: Path) -> Category:
    category = track(Category(parent=parent, name=name, slug=_free_slug(path)))
    category.save(force_insert=True)
    category.path = f"{parent.path if parent else '/'}{category.pk}/"
    category.save(update_fields=["path"])
    return category


def _free_slug(path: Path) -> str:
    """Take the own name where it is free, else the whole path, else the path and a number."""
    own, whole = slugify(path[-1])[:150], slugify(" ".join(path))[:150]
    candidates = [own, whole, *(f"{whole or 'category'}-{number}" for number in range(2, 1000))]
    taken = set(Category.objects.filter(slug__in=candidates).values_list("slug", flat=True))
    unusable = taken | RESERVED
    return next(c for c in candidates if c and not c.isdigit() and c not in unusable)
