"""Putting what somebody bought before into the cart again."""

from collections.abc import Mapping

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from catalog.models import Variant
from config.transactions import retried

from ..models import Cart, CartItem
from .access import Caller, open_cart, touch
from .availability import available_pieces
from .lines import MAX_LINES


@retried
@transaction.atomic
def refill_cart(*, caller: Caller, pieces: Mapping[int, int]) -> Cart:
    """Add pieces by variant id, as many as can be had and a cart takes; leave out the rest."""
    cart, _ = open_cart(caller)
    items = {item.variant_id: item for item in cart.items.all()}
    now = timezone.now()
    variants = Variant.objects.sellable().with_stock().filter(pk__in=list(pieces))
    for variant in variants.order_by("pk"):
        item = items.get(variant.pk) or CartItem(cart=cart, variant=variant, quantity=0)
        limit = min(available_pieces(variant), settings.CART_MAX_QUANTITY)
        quantity = min(item.quantity + pieces[variant.pk], limit)
        has_room = variant.pk in items or len(items) < MAX_LINES
        if quantity > item.quantity and has_room:
            item.quantity, item.seen_price = quantity, variant.price_at(now)
            item.save()
            items[variant.pk] = item
    touch(cart)
    return cart
