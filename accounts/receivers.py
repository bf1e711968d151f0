"""What accounts do when something happened to them."""

from typing import Any

from django.dispatch import receiver

from config.events import enqueue

from .signals import reset_asked
from .tasks import address_reset


@receiver(reset_asked)
def look_up_whose_it_is(code_id: int, **kwargs: Any) -> None:  # noqa: ANN401
    enqueue(address_reset, code_id)
