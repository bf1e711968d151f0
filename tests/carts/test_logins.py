"""Carts of guests who log in, register or leave, over REST and with real tokens."""

from uuid import uuid4

import pytest

from carts.models import Cart
from tests.accounts.factories import PASSWORD, make_user
from tests.catalog.factories import make_variant

from .factories import make_cart, make_item

pytestmark = pytest.mark.django_db

LOGIN = "/api/v1/auth/login/"
REGISTER = "/api/v1/auth/register/"
CART = "/api/v1/cart/"


def pieces(cart):
    return {item.variant_id: item.quantity for item in cart.items.all()}


def test_a_guest_who_registers_keeps_the_cart(api):
    variant = make_variant()
    cart_id = api.post(f"{CART}items/", {"variant": variant.pk, "quantity": 2}).json()["id"]
    body = {"email": "new@example.com", "password": PASSWORD}  # the cookie names the cart
    answer = api.post(REGISTER, body)
    assert answer.status_code == 201
    access = answer.json()["access"]
    shown = api.get(CART, headers={"Authorization": f"Bearer {access}"}).json()
    assert (shown["id"], shown["item_count"]) == (cart_id, 2)
    assert api.get(CART).json()["id"] is None  # the cookie is no right to a user's cart
    assert api.get(f"/api/v1/carts/{cart_id}/").status_code == 404


@pytest.mark.parametrize("by_header", [True, False])
def test_a_guest_who_logs_in_takes_the_lines_along(api, by_header):
    user, variant = make_user(), make_variant()
    own = make_item(make_cart(user=user), variant).cart
    guests = make_item(None, variant, 2).cart
    body = {"email": user.email, "password": PASSWORD}
    headers = {"X-Cart-ID": str(guests.pk)} if by_header else {}
    if not by_header:
        body["cart_id"] = str(guests.pk)
    assert api.post(LOGIN, body, headers=headers).status_code == 200
    assert pieces(own) == {variant.pk: 3}
    assert list(Cart.objects.all()) == [own]


@pytest.mark.parametrize("path", [LOGIN, REGISTER])
def test_a_dead_cart_that_is_named_first_does_not_hide_a_live_one(api, path):
    body = {"email": "asha@example.com", "password": PASSWORD, "cart_id": str(uuid4())}
    if path == LOGIN:
        make_user(email=body["email"])
    live, later = make_item().cart, make_item().cart
    api.cookies["cart_id"] = str(live.pk)
    assert api.post(path, body, headers={"X-Cart-ID": str(uuid4())}).status_code < 300
    live.refresh_from_db()
    later.refresh_from_db()
    assert (live.user.email, later.user) == (body["email"], None)


def test_a_login_works_whatever_cart_it_names(api):
    user, others = make_user(), make_item(make_cart(user=make_user())).cart
    for cart_id in (str(uuid4()), str(others.pk), "nonsense", "", None):
        body = {"email": user.email, "password": PASSWORD, "cart_id": cart_id}
        assert api.post(LOGIN, body).status_code == 200
    assert list(Cart.objects.all()) == [others]


def test_a_wrong_password_leaves_the_guests_cart_alone(api):
    user, guests = make_user(), make_item().cart
    body = {"email": user.email, "password": "wrong", "cart_id": str(guests.pk)}
    assert api.post(LOGIN, body).status_code == 401
    guests.refresh_from_db()
    assert (guests.user_id, guests.items.count()) == (None, 1)


def test_reading_with_a_token_takes_at_most_five_queries(api, django_assert_max_num_queries):
    user = make_user()
    cart = make_cart(user=user)
    for _ in range(8):
        make_item(cart)
    access = api.post(LOGIN, {"email": user.email, "password": PASSWORD}).json()["access"]
    with django_assert_max_num_queries(5):
        shown = api.get(CART, headers={"Authorization": f"JWT {access}"}).json()
    assert shown["item_count"] == 8


def test_an_erased_person_leaves_no_cart(api):
    user, guests = make_user(), make_item().cart
    make_item(make_cart(user=user))
    api.force_authenticate(user)
    assert api.delete("/api/v1/users/me/", {"password": PASSWORD}).status_code == 204
    assert list(Cart.objects.all()) == [guests]
