"""Every change of a cart's lines: the cart is locked first and its version grows by one."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from catalog.models import Variant
from config.errors import InvalidInput, NotFound
from config.transactions import retried

from ..models import Cart, CartItem
from .access import Caller, Versions, check_version, lock_cart, open_cart, touch
from .availability import refuse_shortage
from .choices import Wanted, choose_variants, refuse_excess

MAX_LINES = 100


@dataclass(frozen=True)
class Added:
    """A cart after pieces were added, the line that has them, and whether it is new."""

    cart: Cart
    item: CartItem
    is_new: bool


@retried
@transaction.atomic
def make_cart(*, caller: Caller) -> tuple[Cart, bool]:
    """Return a new cart for a guest, for a user the own one, and whether it was made."""
    return open_cart(Caller(user=caller.user))


@retried
@transaction.atomic
def add_item(*, caller: Caller, wanted: Wanted, versions: Versions = None) -> Added:
    """Add pieces to the caller's cart, which is made where there is none."""
    cart, _ = open_cart(caller)
    check_version(cart, versions)
    ((variant, quantity),) = choose_variants([wanted]).items()
    item = cart.items.filter(variant=variant).first()
    is_new = item is None
    if item is None:
        _refuse_lines(cart.items.count() + 1)
        item = CartItem(cart=cart, variant=variant, quantity=0)
    _set_quantity(item, variant, item.quantity + quantity, timezone.now())
    item.save()
    touch(cart)
    return Added(cart, item, is_new)


@retried
@transaction.atomic
def change_quantity(
    *, caller: Caller, item_id: UUID, quantity: int, versions: Versions = None
) -> Cart:
    """Set the pieces of a line; none of them removes it."""
    if quantity == 0:
        return remove_item(caller=caller, item_id=item_id, versions=versions)
    cart, item = _lock_item(caller, item_id, versions)
    _set_quantity(item, item.variant, quantity, timezone.now())
    item.save()
    touch(cart)
    return cart


@retried
@transaction.atomic
def remove_item(*, caller: Caller, item_id: UUID, versions: Versions = None) -> Cart:
    """Take a line out of the caller's cart."""
    cart, item = _lock_item(caller, item_id, versions)
    item.delete()
    touch(cart)
    return cart


@retried
@transaction.atomic
def replace_items(*, caller: Caller, wanted: Sequence[Wanted], versions: Versions = None) -> Cart:
    """Make the lines of the caller's cart those that are wanted, all of them or none."""
    cart, _ = open_cart(caller)
    check_version(cart, versions)
    demand = choose_variants(wanted)
    _refuse_lines(len(demand))
    refuse_shortage(demand)
    cart.items.exclude(variant__in=list(demand)).delete()
    kept = {item.variant_id: item for item in cart.items.all()}
    now = timezone.now()
    changed: list[CartItem] = []
    added: list[CartItem] = []
    for variant, quantity in demand.items():
        item = kept.get(variant.pk) or CartItem(cart=cart, variant=variant)
        item.quantity, item.seen_price = quantity, variant.price_at(now)
        (changed if variant.pk in kept else added).append(item)
    CartItem.objects.bulk_update(changed, ["quantity", "seen_price"])
    CartItem.objects.bulk_create(added)
    touch(cart)
    return cart


def empty_cart(cart: Cart) -> None:
    """Take everything out of a locked cart."""
    cart.items.all().delete()
    cart.coupon_code = ""
    touch(cart)


@retried
@transaction.atomic
def delete_cart(*, caller: Caller, versions: Versions = None) -> None:
    """Empty the caller's cart; a guest's is gone."""
    cart = lock_cart(caller)
    if cart is None:
        return
    check_version(cart, versions)
    if cart.user_id:
        empty_cart(cart)
    else:
        cart.delete()


@transaction.atomic
def erase_cart(*, user_id: UUID) -> None:
    """Delete the cart of a person who is erased."""
    cart = Cart.objects.select_for_update().filter(user_id=user_id).first()
    if cart:
        cart.delete()


def _lock_item(caller: Caller, item_id: UUID, versions: Versions) -> tuple[Cart, CartItem]:
    cart = lock_cart(caller)
    if cart is None:
        raise NotFound()
    check_version(cart, versions)
    item = cart.items.with_variants().filter(pk=item_id).first()
    if item is None:
        raise NotFound()
    return cart, item


def _set_quantity(item: CartItem, variant: Variant, quantity: int, at: datetime) -> None:
    """Set what a line wants and what it costs now, or refuse more than can be had."""
    refuse_excess([quantity])
    refuse_shortage({variant: quantity})
    item.quantity, item.seen_price = quantity, variant.price_at(at)


def _refuse_lines(count: int) -> None:
    if count > MAX_LINES:
        raise InvalidInput(non_field_errors=f"A cart takes at most {MAX_LINES} lines.")
