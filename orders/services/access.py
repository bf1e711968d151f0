"""Who may see an order: its owner, staff, and whoever holds the token of it."""

from django.contrib.auth.models import AnonymousUser
from django.utils.crypto import constant_time_compare, salted_hmac

from accounts.models import User
from accounts.rights import staff_may
from config.errors import NotFound

from ..models import Order


def token_of(order: Order) -> str:
    """Return what stands for the owner of an order: derived, never stored."""
    return salted_hmac("orders.access", str(order.pk), algorithm="sha256").hexdigest()


def find_order(user: User | AnonymousUser | None, token: str, id_or_number: str) -> Order:
    """Return an order by its UUID or number, or raise NotFound where it is not the caller's."""
    order = Order.objects.named(id_or_number).first()
    if order is None or not (is_owner(user, token, order) or _may_view_all(user)):
        raise NotFound()
    return order


def is_owner(user: User | AnonymousUser | None, token: str, order: Order) -> bool:
    """Tell whether the caller bought the order, or holds its token."""
    if user is not None and user.is_authenticated and order.user_id == user.pk:
        return True
    return bool(token) and constant_time_compare(token, token_of(order))


def _may_view_all(user: User | AnonymousUser | None) -> bool:
    return staff_may(user, "orders.view_order")
