from collections.abc import Collection
from typing import Any

from django.dispatch import receiver

from config.events import enqueue

from .search.documents import index_products
from .signals import image_added, product_changed
from .tasks import count_search_words, make_thumbnail


@receiver(image_added)
def start_thumbnail(image_id: int, **kwargs: Any) -> None:  # noqa: ANN401
    enqueue(make_thumbnail, image_id)


@receiver(product_changed)
def follow_products(product_ids: Collection[int], **kwargs: Any) -> None:  # noqa: ANN401
    if index_products(product_ids):
        enqueue(count_search_words)
