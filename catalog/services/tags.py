"""Words on products; two spellings with one slug are one tag."""

from collections.abc import Iterable
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils.text import slugify

from accounts.services.auditing import audited, track
from config.errors import InvalidInput, NotFound
from config.events import emit
from config.transactions import retried

from ..models import Tag
from ..signals import group_renamed
from .slugs import insert_with_slug, save_slug

Fields = dict[str, Any]


@retried
@transaction.atomic
@audited()
def create_tag(*, fields: Fields) -> Tag:
    """Create a tag, or raise InvalidInput where there is one of this name."""
    name = fields["name"]
    if _find(name):
        raise InvalidInput(name="There is a tag of this name.")
    tag = track(Tag(name=name))
    return insert_with_slug(tag, source=name, slug=fields.get("slug", ""))


@retried
@transaction.atomic
@audited()
def update_tag(*, tag_id: int, fields: Fields) -> Tag:
    """Change the name or slug of a tag."""
    tag = _lock(tag_id)
    old_name, tag.name = tag.name, fields.get("name", tag.name)
    tag.slug = fields.get("slug") or tag.slug
    save_slug(tag)
    if tag.name != old_name:
        emit(group_renamed, name=old_name)
    return tag


@retried
@transaction.atomic
@audited()
def delete_tag(*, tag_id: int) -> None:
    """Delete a tag; products lose it."""
    tag = _lock(tag_id)
    tag.delete()
    emit(group_renamed, name=tag.name)


def tags_named(names: Iterable[str]) -> list[Tag]:
    """Return the tags of these names, made where there was none."""
    return list({tag.pk: tag for tag in tags_by_name(names).values()}.values())


def tags_by_name(names: Iterable[str]) -> dict[str, Tag]:
    """Return the tag of each name, made where there was none; those there cost one query."""
    slugs = {name: slugify(name) for name in names}
    same = Q(name__in=slugs) | Q(slug__in=filter(None, slugs.values()))
    first: dict[tuple[str, str], Tag] = {}
    for tag in Tag.objects.filter(same).order_by("pk"):
        first.setdefault(("name", tag.name), tag)
        first.setdefault(("slug", tag.slug), tag)
    found = {}
    for name, slug in slugs.items():
        known = [first[key] for key in (("name", name), ("slug", slug)) if key in first]
        found[name] = min(known, key=lambda tag: tag.pk) if known else _tag_named(name)
    return found


def _lock(tag_id: int) -> Tag:
    tag = Tag.objects.select_for_update().filter(pk=tag_id).first()
    if tag is None:
        raise NotFound()
    return track(tag)


def _tag_named(name: str) -> Tag:
    if tag := _find(name):
        return tag
    try:
        return insert_with_slug(track(Tag(name=name)), source=name, slug=slugify(name))
    except InvalidInput:  # made by somebody else meanwhile, or its slug is no slug
        return _find(name) or insert_with_slug(track(Tag(name=name)), source=name)


def _find(name: str) -> Tag | None:
    same = Q(name=name)
    if slug := slugify(name):
        same |= Q(slug=slug)
    return Tag.objects.filter(same).order_by("pk").first()
