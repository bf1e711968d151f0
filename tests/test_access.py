"""Who may call what: one line for each route and method, one column for each role.

A line holds the status of the call with the body that BODIES gives for it, or with an empty one
(so that 400 means "allowed, but the body is empty"). `owner` owns every object of the world;
`other` is a customer who owns nothing; `staff` has no permissions; `admin` has all. A "-" leaves
a role out. `{name}` in a route is looked up in OBJECTS by "<words of the route before
it>.{name}", by "<first word>.{name}", then by name alone.
"""

import re
from importlib import import_module
from types import SimpleNamespace
from uuid import uuid4

import pytest
from django.urls import URLResolver, get_resolver
from rest_framework.test import APIClient

from carts.services.wishlist import add_wish
from catalog.models import Collection, ProductImage, StockAlert, Tag
from catalog.services.stock import record_movement
from orders.services.moves import SYSTEM
from orders.services.returning import Wish, request_return
from payments.models import Payment, PaymentState, SavedMethod
from tests.accounts.factories import make_address, make_staff, make_user
from tests.carts.factories import make_cart, make_coupon, make_item, make_method, make_tax_rate
from tests.catalog.factories import make_category, make_review, make_variant
from tests.notifications.factories import make_endpoint
from tests.orders.factories import make_delivered_order, make_placed_order

ROLES = ["guest", "owner", "other", "staff", "admin"]

TABLE = """
# method route                                      guest owner other staff admin
GET    addresses/                                   401   200   200   200   200
POST   addresses/                                   401   400   400   400   400
DELETE addresses/{pk}/                              401   204   404   404   404
GET    addresses/{pk}/                              401   200   404   404   404
PATCH  addresses/{pk}/                              401   200   404   404   404
POST   addresses/{pk}/set-default/                  401   200   404   404   404
POST   analytics/events/                            400   400   400   400   400
GET    analytics/search/                            401   403   403   403   200
GET    auth/2fa/                                    401   200   200   200   200
POST   auth/2fa/recovery-codes/                     401   400   400   400   400
DELETE auth/2fa/totp/                               401   400   400   400   400
POST   auth/2fa/totp/                               401   200   200   200   200
POST   auth/2fa/totp/confirm/                       401   400   400   400   400
POST   auth/email/resend/                           401   202   202   202   202
POST   auth/email/verify/                           400   400   400   400   400
POST   auth/login/2fa/                              400   400   400   400   400
POST   auth/login/                                  400   400   400   400   400
POST   auth/logout-all/                             401   204   204   204   204
POST   auth/logout/                                 401   400   400   400   400
POST   auth/password/change/                        401   400   400   400   400
POST   auth/password/reset/                         400   400   400   400   400
POST   auth/password/reset/confirm/                 400   400   400   400   400
POST   auth/password/reset/verify/                  400   400   400   400   400
POST   auth/phone/resend/                           401   400   400   400   400
POST   auth/phone/verify/                           401   400   400   400   400
POST   auth/register/                               400   400   400   400   400
POST   auth/social/{provider}/                      404   404   404   404   404
POST   auth/token/refresh/                          400   400   400   400   400
POST   auth/token/verify/                           400   400   400   400   400
DELETE cart/                                        204   204   204   204   204
GET    cart/                                        200   200   200   200   200
POST   cart/add/                                    400   400   400   400   400
DELETE cart/clear/                                  204   204   204   204   204
POST   cart/items/                                  400   400   400   400   400
PUT    cart/items/                                  400   400   400   400   400
DELETE cart/coupon/                                 200   200   200   200   200
POST   cart/coupon/                                 400   400   400   400   400
DELETE cart/items/{item_id}/                        404   200   404   404   404
PATCH  cart/items/{item_id}/                        404   200   404   404   404
POST   cart/merge/                                  401   400   400   400   400
POST   carts/                                       201   200   201   201   201
DELETE carts/{cart_id}/                             404   204   404   404   404
GET    carts/{cart_id}/                             404   200   404   404   404
DELETE carts/{cart_id}/coupon/                      404   200   404   404   404
POST   carts/{cart_id}/coupon/                      404   409   404   404   404
POST   carts/{cart_id}/items/                       404   201   404   404   404
PUT    carts/{cart_id}/items/                       404   200   404   404   404
DELETE carts/{cart_id}/items/{item_id}/             404   200   404   404   404
PATCH  carts/{cart_id}/items/{item_id}/             404   200   404   404   404
GET    categories/                                  200   200   200   200   200
POST   categories/                                  401   403   403   403   400
DELETE categories/{category}/                       401   403   403   403   204
GET    categories/{category}/                       200   200   200   200   200
PATCH  categories/{category}/                       401   403   403   403   200
PUT    categories/{category}/                       401   403   403   403   400
GET    categories/{category}/products/              200   200   200   200   200
POST   checkout/preview/                            409   200   409   409   409
GET    collections/                                 200   200   200   200   200
POST   collections/                                 401   403   403   403   400
DELETE collections/{collection}/                    401   403   403   403   204
GET    collections/{collection}/                    200   200   200   200   200
PATCH  collections/{collection}/                    401   403   403   403   200
PUT    collections/{collection}/                    401   403   403   403   400
GET    coupons/                                     200   200   200   200   200
POST   coupons/                                     401   403   403   403   400
POST   coupons/validate/                            400   400   400   400   400
DELETE coupons/{pk}/                                401   403   403   403   204
GET    coupons/{pk}/                                401   403   403   403   200
PATCH  coupons/{pk}/                                401   403   403   403   200
PUT    coupons/{pk}/                                401   403   403   403   400
GET    events/                                      401   403   403   403   200
GET    inventory/alerts/                            401   403   403   403   200
POST   inventory/alerts/{pk}/acknowledge/           401   403   403   403   200
GET    inventory/transactions/                      401   403   403   403   200
POST   inventory/transactions/                      401   403   403   403   400
GET    inventory/transactions/{pk}/                 401   403   403   403   200
GET    orders/                                      401   200   200   200   200
POST   orders/                                      400   400   400   400   400
GET    orders/{id}/                                 401   200   404   404   200
PATCH  orders/{id}/                                 401   403   403   403   400
POST   orders/{id}/cancel/                          401   200   404   404   200
GET    orders/{id}/credit-notes/{number}/           401   404   404   404   404
GET    orders/{id}/history/                         401   200   404   404   200
GET    orders/{id}/invoice/                         401   404   404   404   404
POST   orders/{id}/reorder/                         401   200   404   404   404
POST   orders/{id}/shipments/                       401   403   403   403   400
POST   orders/{id}/status/                          401   403   403   403   400
GET    payment-methods/                             401   200   200   200   200
POST   payment-methods/                             401   400   400   400   400
POST   payment-methods/setup/                       401   400   400   400   400
DELETE payment-methods/{id}/                        401   502   404   404   404
GET    payment-methods/{id}/                        401   200   404   404   404
POST   payment-methods/{id}/set-default/            401   200   404   404   404
GET    payments/                                    401   200   200   200   200
POST   payments/create-payment-intent/              401   400   400   400   400
POST   payments/initiate/                           401   502   404   404   403
GET    payments/status/{order_id}/                  401   200   404   404   200
POST   payments/verify/                             401   502   404   404   403
GET    payments/verify/{id}/                        303   303   303   303   303
POST   payments/verify/{id}/                        303   303   303   303   303
POST   payments/webhooks/{gateway}/                 400   400   400   400   400
GET    payments/{id}/                               401   200   404   404   200
POST   payments/{id}/collect/                       401   403   403   403   409
POST   payments/{id}/refund/                        401   403   403   403   409
GET    products/                                    200   200   200   200   200
POST   products/                                    401   403   403   403   400
GET    products/best-sellers/                       200   200   200   200   200
GET    products/featured/                           200   200   200   200   200
GET    products/flash-sale/                         200   200   200   200   200
GET    products/low-stock/                          401   403   403   403   200
GET    products/new/                                200   200   200   200   200
DELETE products/{product}/                          401   403   403   403   204
GET    products/{product}/                          200   200   200   200   200
PATCH  products/{product}/                          401   403   403   403   200
PUT    products/{product}/                          401   403   403   403   400
GET    products/{product}/images/                   200   200   200   200   200
POST   products/{product}/images/                   401   403   403   403   400
DELETE products/{product}/images/{pk}/              401   403   403   403   204
GET    products/{product}/images/{pk}/              200   200   200   200   200
PATCH  products/{product}/images/{pk}/              401   403   403   403   200
PUT    products/{product}/images/{pk}/              401   403   403   403   400
DELETE products/{product}/like/                     401   204   204   204   204
POST   products/{product}/like/                     401   204   204   204   204
POST   products/{product}/notify-me/                400   409   409   409   409
GET    products/{product}/reviews/                  200   200   200   200   200
POST   products/{product}/reviews/                  401   400   400   400   400
GET    products/{product}/variants/                 200   200   200   200   200
POST   products/{product}/variants/                 401   403   403   403   400
DELETE products/{product}/variants/{pk}/            401   403   403   403   409
GET    products/{product}/variants/{pk}/            200   200   200   200   200
PATCH  products/{product}/variants/{pk}/            401   403   403   403   200
PUT    products/{product}/variants/{pk}/            401   403   403   403   400
GET    returns/                                     401   200   200   200   200
POST   returns/                                     401   201   404   404   201
GET    returns/{pk}/                                401   200   404   404   200
POST   returns/{pk}/approve/                        401   403   403   403   200
POST   returns/{pk}/reject/                         401   403   403   403   400
GET    reviews/                                     200   200   200   200   200
DELETE reviews/{pk}/                                401   204   403   403   204
GET    reviews/{pk}/                                200   200   200   200   200
PATCH  reviews/{pk}/                                401   200   403   403   200
POST   reviews/{pk}/helpful/                        401   403   200   200   200
GET    sales/                                       401   403   403   403   200
GET    search/                                      200   200   200   200   200
GET    search/suggestions/                          200   200   200   200   200
GET    shipping-methods/                            400   400   400   400   200
POST   shipping-methods/                            401   403   403   403   400
DELETE shipping-methods/{pk}/                       401   403   403   403   204
GET    shipping-methods/{pk}/                       401   403   403   403   200
PATCH  shipping-methods/{pk}/                       401   403   403   403   200
PUT    shipping-methods/{pk}/                       401   403   403   403   400
GET    shipping-zones/                              401   403   403   403   200
POST   shipping-zones/                              401   403   403   403   400
DELETE shipping-zones/{pk}/                         401   403   403   403   204
GET    shipping-zones/{pk}/                         401   403   403   403   200
PATCH  shipping-zones/{pk}/                         401   403   403   403   200
PUT    shipping-zones/{pk}/                         401   403   403   403   400
GET    store/                                       200   200   200   200   200
GET    tags/                                        200   200   200   200   200
POST   tags/                                        401   403   403   403   400
DELETE tags/{tag}/                                  401   403   403   403   204
GET    tags/{tag}/                                  200   200   200   200   200
PATCH  tags/{tag}/                                  401   403   403   403   200
PUT    tags/{tag}/                                  401   403   403   403   400
GET    tax-rates/                                   401   403   403   403   200
POST   tax-rates/                                   401   403   403   403   400
DELETE tax-rates/{pk}/                              401   403   403   403   204
GET    tax-rates/{pk}/                              401   403   403   403   200
PATCH  tax-rates/{pk}/                              401   403   403   403   200
PUT    tax-rates/{pk}/                              401   403   403   403   400
DELETE users/me/                                    401   400   400   400   400
GET    users/me/                                    401   200   200   200   200
PATCH  users/me/                                    401   200   200   200   200
GET    users/me/export/                             401   200   200   200   200
GET    webhook-endpoints/                           401   403   403   403   200
POST   webhook-endpoints/                           401   403   403   403   400
DELETE webhook-endpoints/{id}/                      401   403   403   403   204
GET    webhook-endpoints/{id}/                      401   403   403   403   200
PATCH  webhook-endpoints/{id}/                      401   403   403   403   200
PUT    webhook-endpoints/{id}/                      401   403   403   403   400
GET    webhook-endpoints/{id}/deliveries/           401   403   403   403   200
POST   webhook-endpoints/{id}/deliveries/{delivery_id}/redeliver/ 401 403 403 403 404
POST   webhook-endpoints/{id}/rotate-secret/        401   403   403   403   200
GET    wishlist/                                    401   200   200   200   200
POST   wishlist/                                    401   400   400   400   400
GET    wishlist/ids/                                401   200   200   200   200
DELETE wishlist/{product}/                          401   204   404   404   404
GET    wishlist/{product}/                          401   200   404   404   404
POST   wishlist/{product}/move-to-cart/             401   200   404   404   404
"""

# What stands for a name in a route: a function of the world.
OBJECTS = {
    "addresses.pk": lambda world: make_address(world.owner).pk,
    "cart.item_id": lambda world: world.cart_item.pk,
    "cart_id": lambda world: world.cart_item.cart_id,
    "carts.item_id": lambda world: world.cart_item.pk,
    "category": lambda world: make_category().slug,
    "collection": lambda world: Collection.objects.create(title="Gifts", slug="gifts").slug,
    "inventory.alerts.pk": lambda world: an_alert().pk,
    "inventory.pk": lambda world: a_movement().pk,
    "coupons.pk": lambda world: make_coupon().pk,
    "order_id": lambda world: make_placed_order(user=world.owner).pk,
    "orders.id": lambda world: make_placed_order(user=world.owner).pk,
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
    "delivery_id": lambda world: uuid4(),
    "webhook-endpoints.id": lambda world: make_endpoint().pk,
    "wishlist.product": lambda world: a_wish(world.owner).product.slug,
}

# What is sent with a call: a function of the world.
ONE = {"quantity": 1}
BODIES = {
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

METHODS = ("get", "post", "put", "patch", "delete")


@pytest.fixture
def world(db):
    """The people, and what `owner` owns; a test makes its own."""
    owner = make_user()
    return SimpleNamespace(
        guest=None,
        owner=owner,
        cart_item=make_item(make_cart(user=owner)),
        product=make_variant().product,
        other=make_user(),
        staff=make_user(is_staff=True),
        admin=make_staff(),
    )


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


def a_movement():
    return record_movement(variant_id=make_variant().pk, kind="IN", quantity=1, recorded_by=None)


def an_alert():
    return StockAlert.objects.create(variant=make_variant(), stock_when_opened=2)


def an_image(product):
    return ProductImage.objects.create(product=product, file="products/none.png", position=1)


def routes_of(patterns, prefix=""):
    """Yield (method, route) of every REST view; parameters of routes read `{name}`."""
    for pattern in patterns:
        route = prefix + readable(str(pattern.pattern))
        if isinstance(pattern, URLResolver):
            yield from routes_of(pattern.url_patterns, route)
            continue
        for method in methods_of(pattern.callback):
            yield method.upper(), route


def readable(route):
    route = re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", re.sub(r"\(\?P<(\w+)>[^)]*\)", r"{\1}", route))
    return route.strip("^$").replace("\\Z", "").replace("\\.", ".")


def methods_of(callback):
    if actions := getattr(callback, "actions", None):
        return [method for method in METHODS if method in actions]  # "head" joins them later
    view = getattr(callback, "view_class", None) or getattr(callback, "cls", None)
    allowed = getattr(view, "http_method_names", [])
    return [method for method in METHODS if method in allowed and hasattr(view, method)]


def rows_of(table):
    for line in table.strip().splitlines():
        if line.startswith("#") or not line.strip():
            continue
        method, route, *statuses = line.split()
        assert len(statuses) == len(ROLES), f"{method} {route} needs {len(ROLES)} statuses"
        yield method, route, dict(zip(ROLES, statuses, strict=True))


def missing_from(table, routes):
    """Return what the table leaves out, and what it names that does not exist."""
    written = [(method, route) for method, route, _ in rows_of(table)]
    assert len(written) == len(set(written)), "a line stands in the table twice"
    return sorted(set(routes) - set(written)), sorted(set(written) - set(routes))


def api_routes():
    api = [p for p in get_resolver().url_patterns if str(p.pattern) == "api/v1/"]
    return list(routes_of(api[0].url_patterns))


def address_of(route, world):
    def value(match):
        words = [word for word in route[: match.start()].split("/") if word and "{" not in word]
        keys = [".".join([*words, match[1]]), f"{words[0]}.{match[1]}", match[1]]
        return str(next(OBJECTS[key] for key in keys if key in OBJECTS)(world))

    return "/api/v1/" + re.sub(r"\{(\w+)\}", value, route)


def test_every_route_and_method_stands_in_the_table():
    assert missing_from(TABLE, api_routes()) == ([], [])


@pytest.mark.parametrize(
    ("method", "route", "role", "status"),
    [
        pytest.param(method, route, role, int(status), id=f"{method} {route} {role}")
        for method, route, statuses in rows_of(TABLE)
        for role, status in statuses.items()
        if status != "-"
    ],
)
def test_a_role_gets_the_status_of_the_table(world, method, route, role, status):
    client = APIClient()
    if user := getattr(world, role):
        client.force_authenticate(user)
    body = BODIES.get((method, route), lambda world: {})(world)
    response = getattr(client, method.lower())(address_of(route, world), body)
    assert response.status_code == status, response.content


def test_a_route_that_is_left_out_is_found():
    probe = import_module("tests.config.probe_urls").urlpatterns
    routes = list(routes_of(probe))
    assert ("GET", "api/v1/echo/") in routes
    assert ("POST", "api/v1/echo/") in routes
    table = "GET api/v1/echo/ 200 200 200 200 200\nGET api/v1/gone/ 200 200 200 200 200"
    left_out, unknown = missing_from(table, routes)
    assert ("POST", "api/v1/echo/") in left_out
    assert ("GET", "api/v1/echo/") not in left_out
    assert unknown == [("GET", "api/v1/gone/")]


def test_parameters_of_routes_read_as_names():
    assert readable("products/<slug:product>/images/<int:pk>/") == "products/{product}/images/{pk}/"
    assert readable(r"^orders/(?P<pk>[^/.]+)/$") == "orders/{pk}/"
