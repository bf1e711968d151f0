"""Follows renamed and moved categories and tags: what had the old name is found by it."""

from collections.abc import Iterator
from datetime import timedelta

from django.utils import timezone

from ..models import SearchDocument, SearchRename
from .documents import index_products
from .words import words_of

_BATCH = 500
# A product that was being saved at the moment of the change may show the old name later.
_KEPT_FOR = timedelta(minutes=2)


def note_rename(name: str) -> None:
    """Have all products with this name among their categories and tags indexed anew.

    A name without words is in no document, so that all are looked at.
    """
    SearchRename.objects.create(words=" ".join(["", *words_of(name), ""]))


def follow_renames() -> int:
    """Index anew what noted changes of names ask for; return how many products changed."""
    started, changed = timezone.now(), 0
    for words in SearchRename.objects.order_by("pk").values_list("words", flat=True):
        for ids in _having(words):
            changed += index_products(ids)
    SearchRename.objects.filter(created_at__lt=started - _KEPT_FOR).delete()
    return changed


def _having(words: str) -> Iterator[list[int]]:
    documents = SearchDocument.objects.filter(labels__contains=words).order_by("pk")
    last = 0
    while ids := list(documents.filter(pk__gt=last).values_list("pk", flat=True)[:_BATCH]):
        yield ids
        last = ids[-1]
