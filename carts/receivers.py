"""What carts do when something happened in another app."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.dispatch import receiver

from accounts.signals import cart_claimed, user_erased
from config.errors import NotFound

from .services.lines import erase_cart
from .services.merging import merge_carts
from .services.wishlist import erase_wishlist


@receiver(cart_claimed)
def merge_claimed_cart(user_id: UUID, cart_ids: Sequence[UUID], **kwargs: Any) -> None:  # noqa: ANN401
    """Give a guest's cart to who logs in; a cart that is gone is as if it were not named."""
    for cart_id in cart_ids:
        try:
            merge_carts(user_id=user_id, guest_cart_id=cart_id)
            return
        except NotFound:
            continue


@receiver(user_erased)
def erase_cart_of_user(user_id: UUID, **kwargs: Any) -> None:  # noqa: ANN401
    """Keep nothing of what an erased person wanted to buy."""
    erase_cart(user_id=user_id)
    erase_wishlist(user_id=user_id)
