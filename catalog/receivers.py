from collections.abc import Collection
from typing import Any

from django.dispatch import receiver

from config.events import enqueue

from .search.documents import index_products
from .search.renames import note_rename
from .signals import group_renamed, image_added, product_changed
from .tasks import count_search_words, follow_renames, make_thumbnail


@receiver(image_added)
def start_thumbnail(image_id: int, **kwargs: Any) -> None:  # noqa: ANN401
    enqueue(make_thumbnail, image_id)


@receiver(product_changed)
def follow_products(product_ids: Collection[int], **kwargs: Any) -> None:  # noqa: ANN401
    if index_products(product_ids):
        enqueue(count_search_words)


@receiver(group_renamed)
def follow_name(name: str, **kwargs: Any) -> None:  # noqa: ANN401
    note_rename(name)
    enqueue(follow_renames)
