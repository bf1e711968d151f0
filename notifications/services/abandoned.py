"""Which carts were left behind, and whether one of them still waits."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet

from carts.models import Cart
from carts.services.overview import CartOverview, ShownLine, describe_cart
from orders.models import Order

from ..models import Message, Preference, Topic

_BATCH = 100


def waiting_cart(message: Message, at: datetime) -> CartOverview | None:
    """Return the cart that a reminder is about; None if it was changed, bought or cannot be."""
    user, data = message.user, message.data
    if user is None or not user.is_active:
        return None
    cart = Cart.objects.owned_by(user).filter(pk=data["cart_id"], version=data["version"]).first()
    if cart is None:
        return None
    if any(rows.exists() for rows in _purchases(user.pk, user.email_key, cart.updated_at)):
        return None
    overview = describe_cart(cart, at=at)
    return overview if any(line.available for line in overview.items) else None


def sold_lines(overview: CartOverview) -> list[ShownLine]:
    """Return the lines of a cart that are still sold."""
    return [line for line in overview.items if line.variant.is_sellable]


def left_behind(at: datetime) -> Iterator[Cart]:
    """Go through the carts to be reminded of, the oldest first, a batch at a time."""
    wishes = Preference.objects.filter(topic=Topic.CART_REMINDERS, user=OuterRef("user"))
    bought = _purchases(OuterRef("user"), OuterRef("user__email_key"), OuterRef("updated_at"))
    carts = (
        Cart.objects.to_remind_of(at)
        .filter(Exists(wishes.filter(Q(email=True) | Q(in_app=True) | Q(sms=True))))
        .filter(*(~Exists(rows) for rows in bought))
        .select_related("user")
        .order_by("updated_at", "pk")
    )
    batch = list(carts[:_BATCH])
    while batch:
        yield from batch
        last = batch[-1]
        beyond = Q(updated_at__gt=last.updated_at) | Q(pk__gt=last.pk)
        batch = list(carts.filter(beyond, updated_at__gte=last.updated_at)[:_BATCH])


def _purchases(user: Any, email_key: Any, since: Any) -> list[QuerySet[Order]]:  # noqa: ANN401
    """Keep what somebody ordered since a moment, as a user or a guest; values or columns."""
    orders = Order.objects.filter(created_at__gte=since)
    return [orders.filter(user=user), orders.filter(user=None, email_key=email_key)]
