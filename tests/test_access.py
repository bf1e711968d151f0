"""Who may call what: one line for each route and method, one column for each role.

The columns stand in the order of ROLES, three letters each.
A line holds the status of the call with the body that BODIES gives for it, or with an empty one
(so that 400 means "allowed, but the body is empty"). `owner` owns every object of the world but
the product and the shop, which are `seller`'s; `other` is a customer who owns nothing; `staff` is
in no group; `catalog`, `orders`, `support` and `analyst` are in the group that `create_roles`
made; `admin` may all. `{name}` in a route is looked up in OBJECTS by "<words of the route before
it>.{name}", by "<first word>.{name}", then by name alone.
"""

from copy import copy
from importlib import import_module

import pytest
from django.core.cache import cache
from django.db import transaction
from rest_framework.test import APIClient

from tests.access.routes import api_routes, missing_from, readable, routes_of, rows_of
from tests.access.world import BODIES, ROLES, address_of, make_world

TABLE = """
# method route                                      gue own oth sel sta cat ord sup ana adm
GET    addresses/                                   401 200 200 200 200 200 200 200 200 200
POST   addresses/                                   401 400 400 400 400 400 400 400 400 400
DELETE addresses/{pk}/                              401 204 404 404 404 404 404 404 404 404
GET    addresses/{pk}/                              401 200 404 404 404 404 404 404 404 404
PATCH  addresses/{pk}/                              401 200 404 404 404 404 404 404 404 404
POST   addresses/{pk}/set-default/                  401 200 404 404 404 404 404 404 404 404
POST   analytics/events/                            400 400 400 400 400 400 400 400 400 400
GET    analytics/search/                            401 403 403 403 403 200 403 403 200 200
GET    auth/2fa/                                    401 200 200 200 200 200 200 200 200 200
POST   auth/2fa/recovery-codes/                     401 400 400 400 400 400 400 400 400 400
DELETE auth/2fa/totp/                               401 400 400 400 400 400 400 400 400 400
POST   auth/2fa/totp/                               401 200 200 200 200 200 200 200 200 200
POST   auth/2fa/totp/confirm/                       401 400 400 400 400 400 400 400 400 400
POST   auth/email/resend/                           401 202 202 202 202 202 202 202 202 202
POST   auth/email/verify/                           400 400 400 400 400 400 400 400 400 400
POST   auth/login/                                  400 400 400 400 400 400 400 400 400 400
POST   auth/login/2fa/                              400 400 400 400 400 400 400 400 400 400
POST   auth/logout-all/                             401 204 204 204 204 204 204 204 204 204
POST   auth/logout/                                 401 400 400 400 400 400 400 400 400 400
POST   auth/password/change/                        401 400 400 400 400 400 400 400 400 400
POST   auth/password/reset/                         400 400 400 400 400 400 400 400 400 400
POST   auth/password/reset/confirm/                 400 400 400 400 400 400 400 400 400 400
POST   auth/password/reset/verify/                  400 400 400 400 400 400 400 400 400 400
POST   auth/phone/resend/                           401 400 400 400 400 400 400 400 400 400
POST   auth/phone/verify/                           401 400 400 400 400 400 400 400 400 400
POST   auth/register/                               400 400 400 400 400 400 400 400 400 400
POST   auth/social/{provider}/                      404 404 404 404 404 404 404 404 404 404
POST   auth/token/refresh/                          400 400 400 400 400 400 400 400 400 400
POST   auth/token/verify/                           400 400 400 400 400 400 400 400 400 400
DELETE cart/                                        204 204 204 204 204 204 204 204 204 204
GET    cart/                                        200 200 200 200 200 200 200 200 200 200
POST   cart/add/                                    400 400 400 400 400 400 400 400 400 400
DELETE cart/clear/                                  204 204 204 204 204 204 204 204 204 204
DELETE cart/coupon/                                 200 200 200 200 200 200 200 200 200 200
POST   cart/coupon/                                 400 400 400 400 400 400 400 400 400 400
POST   cart/items/                                  400 400 400 400 400 400 400 400 400 400
PUT    cart/items/                                  400 400 400 400 400 400 400 400 400 400
DELETE cart/items/{item_id}/                        404 200 404 404 404 404 404 404 404 404
PATCH  cart/items/{item_id}/                        404 200 404 404 404 404 404 404 404 404
POST   cart/merge/                                  401 400 400 400 400 400 400 400 400 400
POST   carts/                                       201 200 201 201 201 201 201 201 201 201
DELETE carts/{cart_id}/                             404 204 404 404 404 404 404 404 404 404
GET    carts/{cart_id}/                             404 200 404 404 404 404 404 404 404 404
DELETE carts/{cart_id}/coupon/                      404 200 404 404 404 404 404 404 404 404
POST   carts/{cart_id}/coupon/                      404 409 404 404 404 404 404 404 404 404
POST   carts/{cart_id}/items/                       404 201 404 404 404 404 404 404 404 404
PUT    carts/{cart_id}/items/                       404 200 404 404 404 404 404 404 404 404
DELETE carts/{cart_id}/items/{item_id}/             404 200 404 404 404 404 404 404 404 404
PATCH  carts/{cart_id}/items/{item_id}/             404 200 404 404 404 404 404 404 404 404
GET    categories/                                  200 200 200 200 200 200 200 200 200 200
POST   categories/                                  401 403 403 403 403 400 403 403 403 400
DELETE categories/{category}/                       401 403 403 403 403 204 403 403 403 204
GET    categories/{category}/                       200 200 200 200 200 200 200 200 200 200
PATCH  categories/{category}/                       401 403 403 403 403 200 403 403 403 200
PUT    categories/{category}/                       401 403 403 403 403 400 403 403 403 400
GET    categories/{category}/products/              200 200 200 200 200 200 200 200 200 200
POST   checkout/preview/                            409 200 409 409 409 409 409 409 409 409
GET    collections/                                 200 200 200 200 200 200 200 200 200 200
POST   collections/                                 401 403 403 403 403 400 403 403 403 400
DELETE collections/{collection}/                    401 403 403 403 403 204 403 403 403 204
GET    collections/{collection}/                    200 200 200 200 200 200 200 200 200 200
PATCH  collections/{collection}/                    401 403 403 403 403 200 403 403 403 200
PUT    collections/{collection}/                    401 403 403 403 403 400 403 403 403 400
GET    coupons/                                     200 200 200 200 200 200 200 200 200 200
POST   coupons/                                     401 403 403 403 403 403 400 403 403 400
POST   coupons/validate/                            400 400 400 400 400 400 400 400 400 400
DELETE coupons/{pk}/                                401 403 403 403 403 403 204 403 403 204
GET    coupons/{pk}/                                401 403 403 403 403 403 200 200 200 200
PATCH  coupons/{pk}/                                401 403 403 403 403 403 200 403 403 200
PUT    coupons/{pk}/                                401 403 403 403 403 403 400 403 403 400
GET    customers/                                   401 403 403 403 403 403 200 200 403 200
GET    customers/{pk}/                              401 403 403 403 403 403 200 200 403 200
PATCH  customers/{pk}/                              401 403 403 403 403 403 403 403 403 200
GET    customers/{pk}/history/                      401 403 403 403 403 403 200 200 403 200
GET    events/                                      401 403 403 403 403 403 403 403 403 200
GET    inventory/alerts/                            401 403 403 403 403 200 403 403 200 200
POST   inventory/alerts/{pk}/acknowledge/           401 403 403 403 403 200 403 403 403 200
GET    inventory/transactions/                      401 403 403 200 403 200 200 403 200 200
POST   inventory/transactions/                      401 403 403 400 403 400 403 403 403 400
GET    inventory/transactions/{pk}/                 401 403 403 200 403 200 200 403 200 200
GET    notifications/                               401 200 200 200 200 200 200 200 200 200
GET    notifications/preferences/                   401 200 200 200 200 200 200 200 200 200
PATCH  notifications/preferences/                   401 200 200 200 200 200 200 200 200 200
GET    notifications/unread-count/                  401 200 200 200 200 200 200 200 200 200
GET    notifications/unsubscribe/{token}/           404 404 404 404 404 404 404 404 404 404
POST   notifications/unsubscribe/{token}/           404 404 404 404 404 404 404 404 404 404
POST   notifications/mark-all-read/                 401 200 200 200 200 200 200 200 200 200
DELETE notifications/{id}/                          401 204 404 404 404 404 404 404 404 404
POST   notifications/{id}/mark-read/                401 200 404 404 404 404 404 404 404 404
GET    orders/                                      401 200 200 200 200 200 200 200 200 200
POST   orders/                                      400 400 400 400 400 400 400 400 400 400
GET    orders/{id}/                                 401 200 404 404 404 404 200 200 200 200
PATCH  orders/{id}/                                 401 403 403 403 403 403 400 403 403 400
POST   orders/{id}/cancel/                          401 200 404 404 404 404 200 403 403 200
GET    orders/{id}/credit-notes/{number}/           401 404 404 404 404 404 404 404 404 404
GET    orders/{id}/history/                         401 200 404 404 404 404 200 200 200 200
GET    orders/{id}/invoice/                         401 200 404 404 404 404 200 200 200 200
POST   orders/{id}/reorder/                         401 200 404 404 404 404 404 404 404 404
POST   orders/{id}/shipments/                       401 403 403 403 403 403 400 403 403 400
POST   orders/{id}/status/                          401 403 403 403 403 403 400 403 403 400
GET    payment-methods/                             401 200 200 200 200 200 200 200 200 200
POST   payment-methods/                             401 400 400 400 400 400 400 400 400 400
POST   payment-methods/setup/                       401 400 400 400 400 400 400 400 400 400
DELETE payment-methods/{id}/                        401 502 404 404 404 404 404 404 404 404
GET    payment-methods/{id}/                        401 200 404 404 404 404 404 404 404 404
POST   payment-methods/{id}/set-default/            401 200 404 404 404 404 404 404 404 404
GET    payments/                                    401 200 200 200 200 200 200 200 200 200
POST   payments/create-payment-intent/              401 400 400 400 400 400 400 400 400 400
POST   payments/initiate/                           401 502 404 404 404 404 403 403 403 403
GET    payments/status/{order_id}/                  401 200 404 404 404 404 200 200 200 200
POST   payments/verify/                             401 502 404 404 404 404 403 403 403 403
GET    payments/verify/{id}/                        303 303 303 303 303 303 303 303 303 303
POST   payments/verify/{id}/                        303 303 303 303 303 303 303 303 303 303
POST   payments/webhooks/{gateway}/                 400 400 400 400 400 400 400 400 400 400
GET    payments/{id}/                               401 200 404 404 404 404 200 200 404 200
POST   payments/{id}/collect/                       401 403 403 403 403 403 409 403 403 409
POST   payments/{id}/refund/                        401 403 403 403 403 403 409 403 403 409
GET    products/                                    200 200 200 200 200 200 200 200 200 200
POST   products/                                    401 403 403 400 403 400 403 403 403 400
GET    products/best-sellers/                       200 200 200 200 200 200 200 200 200 200
GET    products/featured/                           200 200 200 200 200 200 200 200 200 200
GET    products/flash-sale/                         200 200 200 200 200 200 200 200 200 200
GET    products/low-stock/                          401 403 403 403 403 200 200 200 200 200
GET    products/new/                                200 200 200 200 200 200 200 200 200 200
DELETE products/{product}/                          401 403 403 204 403 204 403 403 403 204
GET    products/{product}/                          200 200 200 200 200 200 200 200 200 200
PATCH  products/{product}/                          401 403 403 200 403 200 403 403 403 200
PUT    products/{product}/                          401 403 403 400 403 400 403 403 403 400
GET    products/{product}/images/                   200 200 200 200 200 200 200 200 200 200
POST   products/{product}/images/                   401 403 403 400 403 400 403 403 403 400
DELETE products/{product}/images/{pk}/              401 403 403 204 403 204 403 403 403 204
GET    products/{product}/images/{pk}/              200 200 200 200 200 200 200 200 200 200
PATCH  products/{product}/images/{pk}/              401 403 403 200 403 200 403 403 403 200
PUT    products/{product}/images/{pk}/              401 403 403 400 403 400 403 403 403 400
DELETE products/{product}/like/                     401 204 204 204 204 204 204 204 204 204
POST   products/{product}/like/                     401 204 204 204 204 204 204 204 204 204
POST   products/{product}/notify-me/                400 409 409 409 409 409 409 409 409 409
GET    products/{product}/reviews/                  200 200 200 200 200 200 200 200 200 200
POST   products/{product}/reviews/                  401 400 400 400 400 400 400 400 400 400
GET    products/{product}/variants/                 200 200 200 200 200 200 200 200 200 200
POST   products/{product}/variants/                 401 403 403 400 403 400 403 403 403 400
DELETE products/{product}/variants/{pk}/            401 403 403 409 403 409 403 403 403 409
GET    products/{product}/variants/{pk}/            200 200 200 200 200 200 200 200 200 200
PATCH  products/{product}/variants/{pk}/            401 403 403 200 403 200 403 403 403 200
PUT    products/{product}/variants/{pk}/            401 403 403 400 403 400 403 403 403 400
GET    returns/                                     401 200 200 200 200 200 200 200 200 200
POST   returns/                                     401 201 404 404 404 404 201 403 403 201
GET    returns/{pk}/                                401 200 404 404 404 404 200 200 200 200
POST   returns/{pk}/approve/                        401 403 403 403 403 403 200 403 403 200
POST   returns/{pk}/reject/                         401 403 403 403 403 403 400 403 403 400
GET    reviews/                                     200 200 200 200 200 200 200 200 200 200
DELETE reviews/{pk}/                                401 204 403 403 403 204 403 403 403 204
GET    reviews/{pk}/                                200 200 200 200 200 200 200 200 200 200
PATCH  reviews/{pk}/                                401 200 403 403 403 200 403 200 403 200
POST   reviews/{pk}/helpful/                        401 403 200 200 200 200 200 200 200 200
GET    sales/                                       401 403 403 200 403 403 200 200 200 200
GET    search/                                      200 200 200 200 200 200 200 200 200 200
GET    search/suggestions/                          200 200 200 200 200 200 200 200 200 200
GET    sellers/                                     200 200 200 200 200 200 200 200 200 200
POST   sellers/                                     401 400 400 400 400 400 400 400 400 400
GET    sellers/{seller}/                            200 200 200 200 200 200 200 200 200 200
PATCH  sellers/{seller}/                            401 403 403 200 403 200 403 403 403 200
POST   sellers/{seller}/approve/                    401 403 403 403 403 409 403 403 403 409
POST   sellers/{seller}/suspend/                    401 403 403 403 403 200 403 403 403 200
GET    shipping-methods/                            400 400 400 400 400 400 200 400 400 200
POST   shipping-methods/                            401 403 403 403 403 403 403 403 403 400
DELETE shipping-methods/{pk}/                       401 403 403 403 403 403 403 403 403 204
GET    shipping-methods/{pk}/                       401 403 403 403 403 403 200 403 403 200
PATCH  shipping-methods/{pk}/                       401 403 403 403 403 403 403 403 403 200
PUT    shipping-methods/{pk}/                       401 403 403 403 403 403 403 403 403 400
GET    shipping-zones/                              401 403 403 403 403 403 200 403 403 200
POST   shipping-zones/                              401 403 403 403 403 403 403 403 403 400
DELETE shipping-zones/{pk}/                         401 403 403 403 403 403 403 403 403 204
GET    shipping-zones/{pk}/                         401 403 403 403 403 403 200 403 403 200
PATCH  shipping-zones/{pk}/                         401 403 403 403 403 403 403 403 403 200
PUT    shipping-zones/{pk}/                         401 403 403 403 403 403 403 403 403 400
GET    store/                                       200 200 200 200 200 200 200 200 200 200
GET    tags/                                        200 200 200 200 200 200 200 200 200 200
POST   tags/                                        401 403 403 403 403 400 403 403 403 400
DELETE tags/{tag}/                                  401 403 403 403 403 204 403 403 403 204
GET    tags/{tag}/                                  200 200 200 200 200 200 200 200 200 200
PATCH  tags/{tag}/                                  401 403 403 403 403 200 403 403 403 200
PUT    tags/{tag}/                                  401 403 403 403 403 400 403 403 403 400
GET    tax-rates/                                   401 403 403 403 403 403 200 403 403 200
POST   tax-rates/                                   401 403 403 403 403 403 403 403 403 400
DELETE tax-rates/{pk}/                              401 403 403 403 403 403 403 403 403 204
GET    tax-rates/{pk}/                              401 403 403 403 403 403 200 403 403 200
PATCH  tax-rates/{pk}/                              401 403 403 403 403 403 403 403 403 200
PUT    tax-rates/{pk}/                              401 403 403 403 403 403 403 403 403 400
DELETE users/me/                                    401 400 400 400 400 400 400 400 400 400
GET    users/me/                                    401 200 200 200 200 200 200 200 200 200
PATCH  users/me/                                    401 200 200 200 200 200 200 200 200 200
GET    users/me/export/                             401 200 200 200 200 200 200 200 200 200
GET    users/me/statistics/                         401 200 200 200 200 200 200 200 200 200
GET    webhook-endpoints/                           401 403 403 403 403 403 403 403 403 200
POST   webhook-endpoints/                           401 403 403 403 403 403 403 403 403 400
DELETE webhook-endpoints/{id}/                      401 403 403 403 403 403 403 403 403 204
GET    webhook-endpoints/{id}/                      401 403 403 403 403 403 403 403 403 200
PATCH  webhook-endpoints/{id}/                      401 403 403 403 403 403 403 403 403 200
PUT    webhook-endpoints/{id}/                      401 403 403 403 403 403 403 403 403 400
GET    webhook-endpoints/{id}/deliveries/           401 403 403 403 403 403 403 403 403 200
POST   webhook-endpoints/{id}/deliveries/{delivery_id}/redeliver/ 401 403 403 403 403 403 403 403 403 404
POST   webhook-endpoints/{id}/rotate-secret/        401 403 403 403 403 403 403 403 403 200
GET    wishlist/                                    401 200 200 200 200 200 200 200 200 200
POST   wishlist/                                    401 400 400 400 400 400 400 400 400 400
GET    wishlist/ids/                                401 200 200 200 200 200 200 200 200 200
DELETE wishlist/{product}/                          401 204 404 404 404 404 404 404 404 404
GET    wishlist/{product}/                          401 200 404 404 404 404 404 404 404 404
POST   wishlist/{product}/move-to-cart/             401 200 404 404 404 404 404 404 404 404
"""  # noqa: E501


@pytest.fixture(scope="module")
def world(django_db_setup, django_db_blocker):
    """One world for all: each call is undone."""
    with django_db_blocker.unblock(), transaction.atomic():
        yield make_world()
        transaction.set_rollback(True)


def status_of(world, role, method, route):
    """Make the call as somebody, and undo what it did."""
    cache.clear()
    client = APIClient()
    with transaction.atomic():
        body = BODIES.get((method, route), lambda world: {})(world)
        address = address_of(route, world)
        if user := getattr(world, role):
            client.force_authenticate(copy(user))
        response = getattr(client, method.lower())(address, body)
        transaction.set_rollback(True)
    return str(response.status_code)


def test_every_route_and_method_stands_in_the_table():
    assert missing_from(TABLE, ROLES, api_routes()) == ([], [])


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("method", "route", "expected"),
    [pytest.param(*row, id=f"{row[0]} {row[1]}") for row in rows_of(TABLE, ROLES)],
)
def test_each_role_gets_the_status_of_the_table(world, method, route, expected):
    assert {role: status_of(world, role, method, route) for role in ROLES} == expected


def test_staff_in_no_group_get_what_a_customer_gets():
    rows = rows_of(TABLE, ROLES)
    assert [row[:2] for row in rows if row[2]["staff"] != row[2]["other"]] == []


def test_a_route_that_is_left_out_is_found():
    probe = import_module("tests.config.probe_urls").urlpatterns
    routes = list(routes_of(probe))
    assert ("GET", "api/v1/echo/") in routes
    assert ("POST", "api/v1/echo/") in routes
    table = "GET api/v1/echo/ 200\nGET api/v1/gone/ 200"
    left_out, unknown = missing_from(table, ["guest"], routes)
    assert ("POST", "api/v1/echo/") in left_out
    assert ("GET", "api/v1/echo/") not in left_out
    assert unknown == [("GET", "api/v1/gone/")]


def test_parameters_of_routes_read_as_names():
    assert readable("products/<slug:product>/images/<int:pk>/") == "products/{product}/images/{pk}/"
    assert readable(r"^orders/(?P<pk>[^/.]+)/$") == "orders/{pk}/"
