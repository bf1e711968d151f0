"""Makers of carts and of orders that were really placed."""

from itertools import count

from django.db import transaction

from carts.models import Cart, CartItem, ShippingMethod, ShippingZone
from orders.models import OrderStatus
from orders.services.lifecycle import SYSTEM, Actor, advance_order, lock_order, record_payment
from orders.services.placing import place_order
from tests.accounts.factories import make_staff, make_user
from tests.catalog.factories import make_variant

_numbers = count(1)

ADDRESS = {
    "full_name": "Asha Rao",
    "phone_number": "+919876543210",
    "address_line1": "12 MG Road",
    "address_line2": "",
    "city": "Bengaluru",
    "state": "KA",
    "postal_code": "560001",
    "country": "IN",
    "tax_number": "",
}


def make_shipping_method(*, price="50.00", countries=("IN",), **fields):
    zone = ShippingZone.objects.create(
        name=f"Zone {next(_numbers)}", countries=list(countries), postal_codes=[]
    )
    return ShippingMethod.objects.create(
        **{"zone": zone, "name": "Standard", "price": price} | fields
    )


def make_cart(*variants, user=None, quantity=1):
    """A cart with `quantity` of each variant; a user's own one, where a user is given."""
    cart = Cart.objects.filter(user=user).first() if user else None
    cart = cart or Cart.objects.create(user=user)
    for variant in variants:
        CartItem.objects.create(
            cart=cart, variant=variant, quantity=quantity, seen_price=variant.price
        )
    return cart


def make_placed_order(
    *, user=None, email="", variants=None, quantity=1, method=None, address=None, **fields
):
    """A pending order that went through checkout: of a new user where nobody is named."""
    user = user or (None if email else make_user())
    variants = variants or [make_variant()]
    method = method or ShippingMethod.objects.first() or make_shipping_method()
    cart = make_cart(*variants, user=user, quantity=quantity)
    return place_order(
        cart_id=cart.pk,
        user=user,
        email=email or user.email or "",
        shipping_address=address or ADDRESS,
        shipping_method_id=method.pk,
        **fields,
    )


def make_paid_order(**fields):
    """An order that was placed and paid in full, and so is confirmed."""
    order = make_placed_order(**fields)
    with transaction.atomic():
        order = lock_order(order.pk)
        record_payment(order, order.total_amount, gateway="razorpay")
    return order


def make_shipped_order(**fields):
    """An order of which everything was sent."""
    order = make_paid_order(**fields)
    return advance_order(order_id=order.pk, to_status=OrderStatus.SHIPPED, actor=SYSTEM)


def make_delivered_order(**fields):
    order = make_shipped_order(**fields)
    return advance_order(order_id=order.pk, to_status=OrderStatus.DELIVERED, actor=SYSTEM)


def store_actor(user=None):
    return Actor.of(user or make_staff())
