"""What the catalogue does when something happened to it, or to people."""

from collections import Counter
from collections.abc import Collection, Sequence
from typing import Any
from uuid import UUID

from django.dispatch import receiver

from accounts.signals import guest_erased, user_erased
from config.events import enqueue

from .search.documents import index_products
from .search.renames import note_rename
from .services.attributes import refresh_attributes
from .services.erasing import erase_requests, erase_traces
from .services.sellers import close_seller
from .services.stock_requests import is_awaited
from .signals import group_renamed, image_added, product_changed, seller_suspended, stock_changed
from .tasks import (
    answer_stock_requests,
    count_search_words,
    follow_renames,
    hide_suspended_products,
    make_thumbnail,
)


@receiver(image_added)
def start_thumbnail(image_id: int, **kwargs: Any) -> None:  # noqa: ANN401
    enqueue(make_thumbnail, image_id)


@receiver(stock_changed)
def tell_who_waits(variant_ids: Sequence[int], **kwargs: Any) -> None:  # noqa: ANN401
    """Leave it to a worker: however many wait, the movement of stock does not."""
    if is_awaited(variant_ids=variant_ids):
        enqueue(answer_stock_requests)


@receiver(user_erased)
def erase_traces_of(user_id: UUID, email: str = "", **kwargs: Any) -> None:  # noqa: ANN401
    erase_traces(user_id=user_id, email=email)
    close_seller(user_id=user_id)


@receiver(seller_suspended)
def take_off_sale(seller_id: int, **kwargs: Any) -> None:  # noqa: ANN401
    enqueue(hide_suspended_products)


@receiver(guest_erased)
def erase_traces_of_guest(email: str, done: Counter[str], **kwargs: Any) -> None:  # noqa: ANN401
    done["stock requests"] += erase_requests(email=email)


@receiver(product_changed)
def follow_products(product_ids: Collection[int], **kwargs: Any) -> None:  # noqa: ANN401
    refresh_attributes(product_ids=product_ids)
    if index_products(product_ids):
        enqueue(count_search_words)


@receiver(group_renamed)
def follow_name(name: str, **kwargs: Any) -> None:  # noqa: ANN401
    note_rename(name)
    enqueue(follow_renames)
