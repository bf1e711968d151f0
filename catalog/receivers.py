from typing import Any

from django.dispatch import receiver

from config.events import enqueue

from .signals import image_added
from .tasks import make_thumbnail


@receiver(image_added)
def start_thumbnail(image_id: int, **kwargs: Any) -> None:  # noqa: ANN401
    enqueue(make_thumbnail, image_id)
