from datetime import timedelta
from uuid import uuid4

import pytest
from django.conf import settings
from django.db import transaction
from django.utils import timezone

from accounts.signals import cart_claimed
from carts.models import Cart
from carts.services import merging
from carts.services.merging import merge_carts
from catalog.models import Variant
from config.errors import NotFound
from config.events import emit
from tests.accounts.factories import make_user
from tests.catalog.factories import make_variant

from .factories import make_cart, make_item

pytestmark = pytest.mark.django_db


def pieces(cart):
    return {item.variant_id: item.quantity for item in cart.items.all()}


def claim(user, cart_id):
    with transaction.atomic():
        emit(cart_claimed, user_id=user.pk, cart_ids=[cart_id])


def test_a_guests_cart_becomes_the_users_where_there_is_no_other():
    user, item = make_user(), make_item(quantity=2)
    cart = merge_carts(user_id=user.pk, guest_cart_id=item.cart_id)
    cart.refresh_from_db()
    assert (cart.pk, cart.user_id) == (item.cart_id, user.pk)
    assert pieces(cart) == {item.variant_id: 2}
    with pytest.raises(NotFound):
        merge_carts(user_id=user.pk, guest_cart_id=item.cart_id)
    assert pieces(cart) == {item.variant_id: 2}


@pytest.mark.parametrize(
    ("mine", "guests", "on_hand", "sum_"),
    [
        (2, 3, 10, 5),
        (2, 3, 4, 4),  # up to what is in stock
        (60, 60, 500, 99),  # up to what a cart takes
        (5, 3, 4, 5),  # what the user had is not taken away
        (5, 3, 0, 5),
        (0, 3, 2, 2),
        (0, 3, 0, 3),  # sold out: the cart says so
    ],
)
def test_quantities_add_up_to_what_can_be_had(mine, guests, on_hand, sum_):
    variant, own = make_variant(on_hand=on_hand), make_cart(user=make_user())
    if mine:
        make_item(own, variant, mine)
    merge_carts(user_id=own.user_id, guest_cart_id=make_item(None, variant, guests).cart_id)
    assert pieces(own) == {variant.pk: sum_}


def test_a_moved_line_remembers_the_price_that_the_guest_saw():
    own = make_cart(user=make_user())
    item = make_item(seen_price="80.00")
    merge_carts(user_id=own.user_id, guest_cart_id=item.cart_id)
    item.refresh_from_db()
    assert (item.cart_id, item.seen_price) == (own.pk, 80)


def test_a_merged_cart_has_no_more_lines_than_a_cart_takes(monkeypatch):
    monkeypatch.setattr(merging, "MAX_LINES", 3)
    own, guests = make_cart(user=make_user()), make_cart()
    both = make_variant()
    for cart in (own, guests):
        make_item(cart, both)
        make_item(cart)
    third = guests.items.last().variant
    make_item(guests)
    merge_carts(user_id=own.user_id, guest_cart_id=guests.pk)
    assert own.items.count() == 3
    assert pieces(own)[both.pk] == 2
    assert pieces(own)[third.pk] == 1


def test_the_guests_coupon_comes_along_where_the_user_has_none():
    guests, own = make_cart(coupon_code="SUMMER"), make_cart(user=make_user())
    merge_carts(user_id=own.user_id, guest_cart_id=guests.pk)
    own.refresh_from_db()
    assert own.coupon_code == "SUMMER"
    other = make_cart(coupon_code="WINTER")
    merge_carts(user_id=own.user_id, guest_cart_id=other.pk)
    own.refresh_from_db()
    assert own.coupon_code == "SUMMER"


def test_merging_takes_as_many_queries_for_many_lines(django_assert_max_num_queries):
    own, guests = make_cart(user=make_user()), make_cart()
    for number in range(20):
        variant = make_variant()
        make_item(guests, variant)
        if number % 2:
            make_item(own, variant)
    with django_assert_max_num_queries(14):
        merge_carts(user_id=own.user_id, guest_cart_id=guests.pk)


def test_a_login_that_names_a_guests_cart_claims_it():
    user, item = make_user(), make_item()
    claim(user, item.cart_id)
    assert pieces(Cart.objects.get(user=user)) == {item.variant_id: 1}


def test_a_login_goes_on_whatever_cart_it_names():
    user, others = make_user(), make_item(make_cart(user=make_user())).cart
    expired = make_item().cart
    long_ago = timezone.now() - settings.GUEST_CART_LIFETIME - timedelta(days=1)
    Cart.objects.filter(pk=expired.pk).update(updated_at=long_ago)
    for cart_id in (uuid4(), others.pk, expired.pk):
        claim(user, cart_id)
    assert not Cart.objects.filter(user=user).exists()
    assert others.items.count() == expired.items.count() == 1
    Variant.objects.update(is_active=False)
    claim(user, make_item(variant=make_variant(is_active=False)).cart_id)
    assert Cart.objects.get(user=user).items.count() == 1
