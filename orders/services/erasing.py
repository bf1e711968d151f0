"""Orders of people who were erased: kept for the books, without what names a person."""

from uuid import UUID

from django.db import transaction

from accounts.models import User
from config.transactions import retried

from ..models import ActorKind, Invoice, Order, OrderHistory, OrderStatus, ReturnLine

# Nothing is sent any more: until then the address is needed, and later it is not.
OVER = (OrderStatus.DELIVERED, OrderStatus.CANCELLED, OrderStatus.RETURNED)
KEPT_OF_ADDRESS = ("country", "state")


@retried
@transaction.atomic
def erase_customer(*, user_id: UUID) -> None:
    """Take what names a person off the orders of a user that are over."""
    orders = Order.objects.filter(user_id=user_id, status__in=OVER)
    for order in orders.select_for_update().order_by("pk"):
        _erase(order)


@retried
@transaction.atomic
def erase_ended_order(*, order_id: UUID) -> None:
    """Take what names a person off an order that is over now and whose user was erased."""
    order = Order.objects.select_for_update().filter(pk=order_id, status__in=OVER).first()
    if order and order.user and _is_erased(order.user):
        _erase(order)


def _is_erased(user: User) -> bool:
    return not (user.email or user.username or user.phone or user.external_id)


def _erase(order: Order) -> None:
    order.email = order.notes = ""
    order.shipping_address = _place_of(order.shipping_address)
    order.billing_address = _place_of(order.billing_address)
    order.save(
        update_fields=["email", "notes", "shipping_address", "billing_address", "updated_at"]
    )
    for invoice in Invoice.objects.filter(order=order):
        invoice.billing_address = _place_of(invoice.billing_address)
        invoice.shipping_address = _place_of(invoice.shipping_address)
        invoice.save(update_fields=["billing_address", "shipping_address"])
    ReturnLine.objects.filter(request__order=order).update(reason="")
    OrderHistory.objects.filter(order=order, actor_kind=ActorKind.CUSTOMER).update(note="")


def _place_of(address: dict[str, str]) -> dict[str, str]:
    """Keep what taxes and reports go by; the other fields are there and empty."""
    return {field: text if field in KEPT_OF_ADDRESS else "" for field, text in address.items()}
