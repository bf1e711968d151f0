"""Slugs: unique, never all digits (that is an id) and never a word of the paths."""

import secrets
from collections.abc import Iterator, Sequence
from typing import TypeVar

from django.db import IntegrityError, transaction
from django.db.models import Model, Q
from django.utils.text import slugify

from accounts.models import Seller
from config.errors import InvalidInput

from ..models import Category, Collection, OldSlug, Product, Tag

RESERVED = {"featured", "best-sellers", "flash-sale", "new", "low-stock", "ids"}
_SUFFIX_ROOM = 8

Sluggable = TypeVar("Sluggable", Product, Category, Collection, Tag, Seller)


def insert_with_slug(row: Sluggable, *, source: str, slug: str = "") -> Sluggable:
    """Insert a row under the given slug, or under a free one made from `source`.

    A given slug that is taken raises InvalidInput; a made one gives way to whoever was first.
    """
    if slug:
        row.slug = slug
        save_slug(row, force_insert=True)
        return row
    for candidate in _candidates(type(row), source):
        row.slug = candidate
        try:
            save_slug(row, force_insert=True)
        except InvalidInput:
            row.pk = None
            continue
        return row
    raise InvalidInput(slug="Give another slug.")


def save_slug(row: Sluggable, *, force_insert: bool = False) -> None:
    """Save a row, or raise InvalidInput where its slug is reserved or taken."""
    check_slug(row)
    # One question for both: who has the slug now, and which slug this row had until now.
    known = type(row).objects.filter(Q(slug=row.slug) | Q(pk=row.pk)).values_list("pk", "slug")
    slugs = dict(known)
    former = slugs.pop(row.pk, row.slug)
    if slugs:
        raise InvalidInput(slug="This slug is taken.")
    try:
        with transaction.atomic():
            row.save(force_insert=force_insert)
            if former != row.slug:
                _remember(row, former)
    except IntegrityError:
        if not type(row).objects.filter(slug=row.slug).exclude(pk=row.pk).exists():
            raise
        raise InvalidInput(slug="This slug is taken.")


def free_slugs(model: type[Model], sources: Sequence[str]) -> list[str]:
    """Return a slug made from each source, which neither a row nor another one of them has."""
    candidates = [_candidates(model, source) for source in sources]
    slugs = [next(some) for some in candidates]
    rows = model._default_manager.filter(slug__in=set(slugs))
    taken = set(rows.values_list("slug", flat=True))
    for place, slug in enumerate(slugs):
        if slug in taken:
            slugs[place] = next(candidates[place])
        taken.add(slug)
    return slugs


def _remember(row: Sluggable, former: str) -> None:
    """Let the slug that a row had until now lead to it."""
    OldSlug.objects.update_or_create(
        kind=row._meta.model_name, slug=former, defaults={"owner_id": row.pk}
    )


def check_slug(row: Sluggable) -> None:
    """Raise InvalidInput where a slug is reserved, or has neither letter nor digit.

    Slugs are kept in small letters: databases differ in whether case tells two apart.
    """
    row.slug = row.slug.lower()
    if not row.slug.strip("-_") or row.slug.isdigit() or row.slug in RESERVED:
        raise InvalidInput(slug="Take a slug with a letter that is no word of the addresses.")


def _candidates(model: type[Model], source: str) -> Iterator[str]:
    noun = model._meta.model_name
    limit = model._meta.get_field("slug").max_length - len(noun) - _SUFFIX_ROOM
    base = slugify(source)[:limit].strip("-_")
    if not base or base.isdigit() or base in RESERVED:
        base = f"{noun}-{base}".strip("-")
    yield base
    for _ in range(5):
        yield f"{base}-{secrets.token_hex(3)}"
