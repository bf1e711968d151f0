"""What orders know of a customer."""

from uuid import UUID

from carts.services.promotions import Customer

from ..models import Order, OrderStatus


def has_ordered(customer: Customer) -> bool:
    """Tell whether a user, or a guest by e-mail, has an order that is not cancelled."""
    orders = Order.objects.exclude(status=OrderStatus.CANCELLED)
    if customer.user_id:
        return orders.filter(user_id=customer.user_id).exists()
    if not customer.email:
        return False
    return orders.of_guest(customer.email).exists()


def guest_orders(email: str) -> list[UUID]:
    """Return the keys of the orders that were made with an address, in small letters, as a guest.

    MariaDB finds "zoë" for "zoe", too, who is somebody else.
    """
    found = Order.objects.of_guest(email).values_list("pk", "email")
    return [pk for pk, address in found if address.lower() == email]
