"""The people of the access tests, what is theirs, and what is sent with each call."""

import re
from types import SimpleNamespace
from uuid import uuid4

from django.contrib.auth.models import Group
from django.utils import timezone

from accounts.services.roles import create_roles
from carts.services.wishlist import add_wish
from catalog.models import Collection, ProductImage, StockAlert, Tag
from catalog.services.stock import record_movement
from orders.services.moves import SYSTEM
from orders.services.numbering import open_series
from orders.services.returning import Wish, request_return
from payments.models import Payment, PaymentState, SavedMethod
from tests.accounts.factories import make_address, make_staff, make_user
from tests.carts.factories import make_cart, make_coupon, make_item, make_method, make_tax_rate
from tests.catalog.factories import (
    make_category,
    make_product,
    make_review,
    make_seller,
    make_variant,
)
from tests.notifications.factories import make_endpoint, make_notification
from tests.orders.factories import make_delivered_order, make_paid_order, make_placed_order

ROLES = [
    "guest",
    "owner",
    "other",
    "seller",
    "staff",
    "catalog",
    "orders",
    "support",
    "analyst",
    "admin",
]
GROUPS = {
    "catalog": "catalog manager",
    "orders": "order manager",
    "support": "support",
    "analyst": "analyst",
}


def make_world():
    """The people, what `owner` owns, and the product that `seller` sells."""
    create_roles()
    open_series(timezone.now())
    owner, shop = make_user(), make_seller()
    return SimpleNamespace(
        guest=None,
        owner=owner,
        other=make_user(),
        seller=shop.user,
        staff=make_user(is_staff=True),
        **{name: make_member(group) for name, group in GROUPS.items()},
        admin=make_staff(),
        shop=shop,
        cart_item=make_item(make_cart(user=owner)),
        product=make_variant(product=make_product(seller=shop)).product,
    )


def make_member(name):
    """A member of staff in one group."""
    person = make_user(is_staff=True)
    person.groups.add(Group.objects.get(name=name))
    return person


def a_payment(user):
    order = make_placed_order(user=user)
    return Payment.objects.create(
        order=order,
        gateway="razorpay",
        amount=order.total_amount,
        currency=order.currency,
        status=PaymentState.FAILED,
        receipt=str(order.pk)[:40],
    )


def a_card(user):
    return SavedMethod.objects.create(
        user=user,
        gateway="stripe",
        customer_id="cus_1",
        token=f"pm_{user.pk.hex}",
        brand="visa",
        last4="4242",
        exp_month=8,
        exp_year=2030,
    )


def a_return(user):
    line = make_delivered_order(user=user).lines.first()
    wish = Wish(line.pk, 1, "Too small")
    return request_return(order_id=line.order_id, actor=SYSTEM, wishes=[wish])


def a_return_body(user):
    line = make_delivered_order(user=user).lines.first()
    item = {"item": str(line.pk), "quantity": 1, "reason": "Too small"}
    return {"order": str(line.order_id), "items": [item]}


def a_wish(user):
    wish, _ = add_wish(user=user, product_id=make_variant().product_id)
    return wish


def a_movement(product):
    variant = product.variants.get()
    return record_movement(variant_id=variant.pk, kind="IN", quantity=1, recorded_by=None)


def an_alert():
    return StockAlert.objects.create(variant=make_variant(), stock_when_opened=2)


def an_image(product):
    return ProductImage.objects.create(product=product, file="products/none.png", position=1)


# What stands for a name in a route: a function of the world.
OBJECTS = {
    "addresses.pk": lambda world: make_address(world.owner).pk,
    "cart.item_id": lambda world: world.cart_item.pk,
    "cart_id": lambda world: world.cart_item.cart_id,
    "carts.item_id": lambda world: world.cart_item.pk,
    "category": lambda world: make_category().slug,
    "collection": lambda world: Collection.objects.create(title="Gifts", slug="gifts").slug,
    "inventory.alerts.pk": lambda world: an_alert().pk,
    "inventory.pk": lambda world: a_movement(world.product).pk,
    "coupons.pk": lambda world: make_coupon().pk,
    "notifications.id": lambda world: make_notification(world.owner).pk,
    "token": lambda world: "forged",
    "order_id": lambda world: make_placed_order(user=world.owner).pk,
    "orders.id": lambda world: make_paid_order(user=world.owner).pk,
    "payment-methods.id": lambda world: a_card(world.owner).pk,
    "payments.id": lambda world: a_payment(world.owner).pk,
    "gateway": lambda world: "razorpay",
    "number": lambda world: "CRN-2026-27-000001",
    "product": lambda world: world.product.slug,
    "provider": lambda world: "google",
    "products.images.pk": lambda world: an_image(world.product).pk,
    "products.variants.pk": lambda world: world.product.variants.get().pk,
    "returns.pk": lambda world: a_return(world.owner).pk,
    "reviews.pk": lambda world: make_review(product=world.product, user=world.owner).pk,
    "shipping-methods.pk": lambda world: make_method().pk,
    "shipping-zones.pk": lambda world: make_method().zone_id,
    "tag": lambda world: Tag.objects.create(name="New", slug="new-things").slug,
    "tax-rates.pk": lambda world: make_tax_rate().pk,
    "customers.pk": lambda world: world.owner.pk,
    "sellers.seller": lambda world: world.shop.slug,
    "delivery_id": lambda world: uuid4(),
    "webhook-endpoints.id": lambda world: make_endpoint().pk,
    "wishlist.product": lambda world: a_wish(world.owner).product.slug,
}

# What is sent with a call: a function of the world.
ONE = {"quantity": 1}
BODIES = {
    ("PATCH", "customers/{pk}/"): lambda world: {"membership": "gold"},
    ("PATCH", "cart/items/{item_id}/"): lambda world: ONE,
    ("PATCH", "carts/{cart_id}/items/{item_id}/"): lambda world: ONE,
    ("POST", "carts/{cart_id}/coupon/"): lambda world: {"code": "NONE"},
    ("POST", "carts/{cart_id}/items/"): lambda world: {**ONE, "product": world.product.pk},
    ("PUT", "carts/{cart_id}/items/"): lambda world: [{**ONE, "product": world.product.pk}],
    ("POST", "payments/initiate/"): lambda world: {
        "order_id": str(make_placed_order(user=world.owner).pk)
    },
    ("POST", "returns/"): lambda world: a_return_body(world.owner),
    ("POST", "payments/verify/"): lambda world: {"payment_id": str(a_payment(world.owner).pk)},
}


def address_of(route, world):
    """Fill the names of a route with what the world has for them."""

    def value(match):
        words = [word for word in route[: match.start()].split("/") if word and "{" not in word]
        keys = [".".join([*words, match[1]]), f"{words[0]}.{match[1]}", match[1]]
        return str(next(OBJECTS[key] for key in keys if key in OBJECTS)(world))

    return "/api/v1/" + re.sub(r"\{(\w+)\}", value, route)
