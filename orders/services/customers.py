"""What orders know of a customer."""

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
