from collections.abc import Iterable
from typing import Any

from django.dispatch import receiver

from config.events import enqueue

from .services.attributes import refresh_attributes
from .signals import image_added, product_changed
from .tasks import make_thumbnail


@receiver(image_added)
def start_thumbnail(image_id: int, **kwargs: Any) -> None:  # noqa: ANN401
    enqueue(make_thumbnail, image_id)


@receiver(product_changed)
def follow_attributes(product_ids: Iterable[int], **kwargs: Any) -> None:  # noqa: ANN401
    refresh_attributes(product_ids=product_ids)
