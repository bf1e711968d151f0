"""Wishlists: each product once, until it goes into the cart or is taken off."""

from uuid import UUID

from django.db import transaction

from accounts.models import User
from accounts.services.tokens import lock_user
from catalog.models import Product, Variant
from config.errors import InvalidInput, NotFound
from config.transactions import retried

from ..models import Cart, WishlistItem
from .access import Caller, Versions, open_cart
from .choices import Wanted
from .lines import add_item

MAX_WISHES = 500


@retried
@transaction.atomic
def add_wish(
    *, user: User, product_id: int | None = None, variant_id: int | None = None
) -> tuple[WishlistItem, bool]:
    """Return the wish for a product and whether it is new; one that was there stays as it is."""
    product_id = _product_of(product_id, variant_id)
    lock_user(user.pk)
    wishes = WishlistItem.objects.filter(user=user)
    if existing := wishes.filter(product=product_id).first():
        return existing, False
    if wishes.count() >= MAX_WISHES:
        raise InvalidInput(non_field_errors=f"A wishlist takes at most {MAX_WISHES} products.")
    return wishes.get_or_create(
        user=user, product_id=product_id, defaults={"variant_id": variant_id}
    )


@retried
@transaction.atomic
def move_to_cart(
    *,
    user: User,
    product_id: int,
    quantity: int,
    variant_id: int | None = None,
    versions: Versions = None,
) -> Cart:
    """Put a wish into the user's cart and take it off the wishlist, or do neither."""
    caller = Caller(user=user)
    open_cart(caller)  # its lock first: of two moves at once, the second finds no wish
    wish = WishlistItem.objects.filter(user=user, product=product_id).first()
    if wish is None:
        raise NotFound()
    variant_id = variant_id if variant_id is not None else wish.variant_id
    wanted = Wanted(quantity, variant_id=variant_id, product_id=product_id)
    added = add_item(caller=caller, wanted=wanted, versions=versions)
    wish.delete()
    return added.cart


@retried
@transaction.atomic
def remove_wish(*, user: User, product_id: int) -> None:
    """Take a product off a wishlist."""
    WishlistItem.objects.filter(user=user, product=product_id).delete()


@transaction.atomic
def erase_wishlist(*, user_id: UUID) -> None:
    """Forget what an erased person wished for."""
    WishlistItem.objects.filter(user=user_id).delete()


def _product_of(product_id: int | None, variant_id: int | None) -> int:
    """Return the product that is meant, if it is sold; raise InvalidInput on what is not."""
    if variant_id is None:
        product = Product.objects.listed().filter(pk=product_id or 0).first()
        if product is None:
            raise InvalidInput(product=f"Product {product_id} is not sold.")
        return product.pk
    variant = Variant.objects.sellable().filter(pk=variant_id).first()
    if variant is None:
        raise InvalidInput(variant=f"Variant {variant_id} is not sold.")
    if product_id not in (None, variant.product_id):
        raise InvalidInput(variant="This variant is of another product.")
    return variant.product_id
