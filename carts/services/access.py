"""Which cart a caller means, and its lock, which every change of a cart begins with."""

from dataclasses import dataclass
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.models import User
from accounts.services.tokens import lock_user
from config.errors import NotFound, PreconditionFailed

from ..models import Cart, CartQuerySet

# The versions that an If-Match header allows; None where any will do.
Versions = frozenset[int] | None


@dataclass(frozen=True)
class Caller:
    """Who asks for a cart, and by which ids.

    A cart that is named comes first where the caller may use it; then a user's own; for a guest
    the ids that the request offers, best first, of which those that name nothing do not count.
    """

    user: User | None = None
    offered_ids: tuple[UUID, ...] = ()
    named_id: UUID | None = None
    only_named: bool = False  # the named cart or NotFound


def find_cart(caller: Caller) -> Cart | None:
    """Return the caller's cart; raise NotFound where only one would do and it is not theirs."""
    return _find(caller, Cart.objects.all())


def lock_cart(caller: Caller) -> Cart | None:
    """Return the caller's cart under its lock; otherwise the same as find_cart."""
    return _find(caller, Cart.objects.select_for_update())


def open_cart(caller: Caller) -> tuple[Cart, bool]:
    """Return the caller's cart under its lock, made where there is none, and whether it was."""
    cart = lock_cart(caller)
    if cart:
        return cart, False
    if caller.user is None:
        return Cart.objects.create(), True
    lock_user(caller.user.pk)  # an erasure that comes first leaves nobody to make a cart for
    try:
        with transaction.atomic():
            return Cart.objects.create(user=caller.user), True
    except IntegrityError:  # a twin of this call made it since we looked
        return Cart.objects.select_for_update().get(user=caller.user), False


def check_version(cart: Cart, versions: Versions) -> None:
    """Raise PreconditionFailed where somebody else changed a locked cart meanwhile."""
    if versions is not None and cart.version not in versions:
        raise PreconditionFailed()


def touch(cart: Cart) -> None:
    """Count one change of a locked cart's lines."""
    cart.version += 1
    cart.save(update_fields=["version", "updated_at", "coupon_code"])


def _find(caller: Caller, carts: CartQuerySet) -> Cart | None:
    now = timezone.now()
    if caller.named_id:
        named = carts.usable_by(caller.user, now).filter(pk=caller.named_id).first()
        if named or not caller.only_named:
            return named or _find_unnamed(caller, carts)
        raise NotFound()
    return _find_unnamed(caller, carts)


def _find_unnamed(caller: Caller, carts: CartQuerySet) -> Cart | None:
    if caller.user:
        return carts.owned_by(caller.user).first()
    for cart_id in caller.offered_ids:
        if cart := carts.live_guests(timezone.now()).filter(pk=cart_id).first():
            return cart
    return None
