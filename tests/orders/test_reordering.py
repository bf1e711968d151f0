"""Buying the same again."""

import pytest
from django.utils import timezone

from carts.models import Cart, CartItem
from catalog.models import Product, Stock, Variant
from tests.accounts.factories import make_user
from tests.catalog.factories import make_variant

from .factories import make_cart, make_placed_order

pytestmark = pytest.mark.django_db


def url(order):
    return f"/api/v1/orders/{order.pk}/reorder/"


def pieces_of(user):
    items = CartItem.objects.filter(cart__user=user)
    return dict(items.values_list("variant", "quantity"))


def test_an_order_is_put_into_the_cart_at_todays_prices(api):
    mug, cup = make_variant(price="100.00"), make_variant(price="50.00")
    order = make_placed_order(variants=[mug, cup], quantity=2)
    Variant.objects.filter(pk=mug.pk).update(price="120.00")
    make_cart(cup, user=order.user)
    version = Cart.objects.get(user=order.user).version
    api.force_authenticate(order.user)
    answer = api.post(url(order))
    body = answer.json()
    assert answer.status_code == 200, body
    assert pieces_of(order.user) == {mug.pk: 2, cup.pk: 3}
    assert {item["unit_price"] for item in body["items"]} == {"120.00", "50.00"}
    assert (body["version"], answer["ETag"]) == (version + 1, f'W/"{version + 1}"')
    assert body["messages"] == []


def test_what_is_not_sold_any_more_is_left_out_and_the_last_pieces_are_taken(api):
    gone, sold_out, few, off = [make_variant(on_hand=9) for _ in range(4)]
    order = make_placed_order(variants=[gone, sold_out, few, off], quantity=3)
    Product.objects.filter(pk=gone.product_id).update(archived_at=timezone.now(), is_active=False)
    Variant.objects.filter(pk=off.pk).update(is_active=False)
    Stock.objects.filter(pk=sold_out.pk).update(on_hand=3)
    Stock.objects.filter(pk=few.pk).update(on_hand=5)
    api.force_authenticate(order.user)
    assert api.post(url(order)).status_code == 200
    assert pieces_of(order.user) == {few.pk: 2}


def test_a_cart_takes_no_more_than_its_limits(api, settings, monkeypatch):
    settings.CART_MAX_QUANTITY = 4
    monkeypatch.setattr("carts.services.refilling.MAX_LINES", 1)
    mug, cup = make_variant(on_hand=50), make_variant(on_hand=50)
    order = make_placed_order(variants=[mug, cup], quantity=3)
    make_cart(cup, user=order.user, quantity=2)
    api.force_authenticate(order.user)
    assert api.post(url(order)).status_code == 200
    assert pieces_of(order.user) == {cup.pk: 4}


def test_only_the_owner_orders_again(api):
    order, other = make_placed_order(), make_user()
    api.force_authenticate(other)
    assert api.post(url(order)).status_code == 404
    assert pieces_of(other) == {}
    api.force_authenticate(None)
    assert api.post(url(order)).status_code == 401
