"""What messages do when people are erased."""

from collections import Counter
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.dispatch import receiver

from accounts.signals import guest_erased, user_erased
from orders.signals import orders_erased

from ..services.erasing import erase_messages, erase_messages_about, erase_messages_to
from ..services.notices import erase_notices
from ..services.preferences import erase_preferences


@receiver(user_erased)
def erase_messages_of(user_id: UUID, email: str = "", **kwargs: Any) -> None:  # noqa: ANN401
    erase_messages(user_id=user_id, email=email)
    erase_notices(user_id=user_id)
    erase_preferences(user_id=user_id)


@receiver(guest_erased)
def erase_messages_of_guest(email: str, done: Counter[str], **kwargs: Any) -> None:  # noqa: ANN401
    done["messages"] += erase_messages_to(email=email)


@receiver(orders_erased)
def erase_messages_about_orders(order_ids: Sequence[UUID], **kwargs: Any) -> None:  # noqa: ANN401
    erase_messages_about(order_ids=order_ids)
