"""A guest's cart joins the cart of the user that the guest turned out to be."""

from uuid import UUID

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.services.tokens import lock_user
from config.errors import NotFound
from config.transactions import retried

from ..models import Cart, CartItem
from .access import Versions, check_version, touch
from .availability import available_pieces
from .lines import MAX_LINES


@retried
@transaction.atomic
def merge_carts(*, user_id: UUID, guest_cart_id: UUID, versions: Versions = None) -> Cart:
    """Join a guest's cart to the user's and end it; raise NotFound where it is no live guest's.

    Without a cart of the user's own the guest's becomes theirs, under the same id.
    """
    own, guest = _lock_both(user_id, guest_cart_id)
    lock_user(user_id)
    check_version(own or Cart(), versions)
    if own is None and _adopt(guest, user_id):
        return guest
    own = own or Cart.objects.select_for_update().get(user_id=user_id)
    _join(own, guest)
    guest.delete()
    own.coupon_code = own.coupon_code or guest.coupon_code
    touch(own)
    return own


def _lock_both(user_id: UUID, guest_cart_id: UUID) -> tuple[Cart | None, Cart]:
    """Lock the user's cart, if there is one, and the guest's, in key order."""
    own_id = Cart.objects.filter(user_id=user_id).values_list("pk", flat=True).first()
    locked = {
        cart.pk: cart
        for cart in Cart.objects.select_for_update()
        .filter(pk__in=[guest_cart_id, own_id or guest_cart_id])
        .order_by("pk")
    }
    guest = locked.get(guest_cart_id)
    if guest is None or not guest.is_live_guest(timezone.now()):
        raise NotFound("There is no such guest cart. It may have been merged already.")
    return locked.get(own_id) if own_id else None, guest


def _adopt(guest: Cart, user_id: UUID) -> bool:
    """Make a guest's cart the user's; tell whether it worked out."""
    guest.user_id = user_id
    try:
        with transaction.atomic():
            guest.save(update_fields=["user", "updated_at"])
    except IntegrityError:  # a twin of this call gave the user a cart since we looked
        guest.user_id = None
        return False
    return True


def _join(own: Cart, guest: Cart) -> None:
    """Add the guest's pieces to the user's lines; move the lines that are only the guest's."""
    lines = {item.variant_id: item for item in own.items.all()}
    room = MAX_LINES - len(lines)
    joined: list[CartItem] = []
    moved: list[CartItem] = []
    for item in guest.items.with_variants():
        mine = lines.get(item.variant_id)
        if mine:
            mine.quantity = _sum_of(mine.quantity, item)
            joined.append(mine)
        elif len(moved) < room:
            item.cart, item.quantity = own, _sum_of(0, item)
            moved.append(item)
    CartItem.objects.bulk_update(joined, ["quantity"])
    CartItem.objects.bulk_update(moved, ["cart", "quantity"])


def _sum_of(mine: int, item: CartItem) -> int:
    """Add up to what is in stock and a cart takes, but take nothing away that was there.

    What is sold out stays in the cart as the guest had it: the cart says so to the customer.
    """
    limit = min(available_pieces(item.variant), settings.CART_MAX_QUANTITY)
    return max(mine, min(mine + item.quantity, limit)) or item.quantity
