"""Carts under real threads and commits, with controls that lose without the lock."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connections

from carts.models import Cart, CartItem, ShippingMethod, TaxRate
from carts.services import lines
from carts.services.access import Caller
from carts.services.choices import Wanted
from carts.services.lines import add_item, change_quantity, replace_items
from carts.services.merging import merge_carts
from carts.services.terms import save_row
from config.errors import DomainError, NotFound, PreconditionFailed
from tests.accounts.factories import make_user
from tests.carts.factories import make_cart, make_item, make_method
from tests.catalog.factories import make_variant

pytestmark = pytest.mark.django_db(transaction=True)


def at_once(calls):
    """Start all calls at the same moment; return what each answered or raised."""
    start = Barrier(len(calls))

    def run(call):
        start.wait(timeout=30)
        try:
            return call()
        except DomainError as error:
            return error
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(calls)) as pool:
        return [future.result(timeout=120) for future in [pool.submit(run, c) for c in calls]]


def pieces(cart):
    return {item.variant_id: item.quantity for item in cart.items.all()}


def named(cart):
    return Caller(named_id=cart.pk, only_named=True)


def add_one(cart, variant):
    caller = Caller(user=cart.user) if cart.user else named(cart)
    return lambda: add_item(caller=caller, wanted=Wanted(1, variant.pk))


def test_ten_parallel_pieces_make_exactly_ten():
    cart, variant = make_cart(), make_variant(on_hand=50)
    added = at_once([add_one(cart, variant)] * 10)
    cart.refresh_from_db()
    assert (pieces(cart), cart.version) == ({variant.pk: 10}, 10)
    assert sorted(one.is_new for one in added) == [False] * 9 + [True]


def test_control_ten_parallel_pieces_without_the_lock_lose_some():
    item = make_item(variant=make_variant(on_hand=50), quantity=1)
    all_have_read = Barrier(10)

    def add_unlocked():
        line = CartItem.objects.get(pk=item.pk)
        all_have_read.wait(timeout=30)
        line.quantity += 1
        line.save()

    at_once([add_unlocked] * 10)
    assert pieces(item.cart)[item.variant_id] < 11


def test_parallel_pieces_of_many_variants_all_arrive():
    cart, variants = make_cart(), [make_variant(on_hand=50) for _ in range(5)]
    at_once([add_one(cart, variant) for variant in variants * 2])
    cart.refresh_from_db()
    assert (pieces(cart), cart.version) == ({variant.pk: 2 for variant in variants}, 10)


def test_parallel_pieces_never_pass_what_is_in_stock():
    cart, variant = make_cart(), make_variant(on_hand=4)
    outcomes = at_once([add_one(cart, variant)] * 10)
    assert sum(isinstance(outcome, DomainError) for outcome in outcomes) == 6
    assert pieces(cart) == {variant.pk: 4}


def test_first_calls_of_a_user_at_once_make_one_cart():
    user, variant = make_user(), make_variant(on_hand=50)
    add = [lambda: add_item(caller=Caller(user=user), wanted=Wanted(1, variant.pk))] * 5
    made = at_once([*add, *[lambda: lines.make_cart(caller=Caller(user=user))] * 5])
    assert not [outcome for outcome in made if isinstance(outcome, DomainError)]
    assert pieces(Cart.objects.get()) == {variant.pk: 5}


def test_of_parallel_changes_to_one_version_exactly_one_wins():
    item = make_item(variant=make_variant(on_hand=50))
    calls = [
        lambda quantity=quantity: change_quantity(
            caller=named(item.cart),
            item_id=item.pk,
            quantity=quantity,
            versions=frozenset([0]),
        )
        for quantity in range(2, 10)
    ]
    outcomes = at_once(calls)
    assert sum(isinstance(outcome, PreconditionFailed) for outcome in outcomes) == 7
    item.cart.refresh_from_db()
    assert item.cart.version == 1


def test_parallel_replacements_leave_the_lines_of_one_of_them():
    cart, variants = make_cart(), [make_variant(on_hand=50) for _ in range(6)]
    lists = [[Wanted(n + 1, variant.pk) for variant in variants[n:]] for n in range(4)]
    outcomes = at_once(
        [lambda rows=rows: replace_items(caller=named(cart), wanted=rows) for rows in lists]
    )
    assert not [outcome for outcome in outcomes if isinstance(outcome, DomainError)]
    assert pieces(cart) in [{row.variant_id: row.quantity for row in rows} for rows in lists]


def test_a_guests_cart_is_merged_once_however_many_try():
    variant = make_variant(on_hand=50)
    guests = make_item(None, variant, 3).cart
    users = [make_user() for _ in range(6)]
    for user in users[:3]:
        make_item(make_cart(user=user), variant)
    outcomes = at_once(
        [lambda u=user: merge_carts(user_id=u.pk, guest_cart_id=guests.pk) for user in users]
    )
    assert sum(isinstance(outcome, NotFound) for outcome in outcomes) == 5
    assert sum(item.quantity for item in CartItem.objects.all()) == 6


def test_a_users_first_merges_at_once_lose_nothing():
    user, variant = make_user(), make_variant(on_hand=50)
    guests = [make_item(None, variant, 2).cart for _ in range(6)]
    outcomes = at_once(
        [lambda c=cart: merge_carts(user_id=user.pk, guest_cart_id=c.pk) for cart in guests]
    )
    assert not [outcome for outcome in outcomes if isinstance(outcome, DomainError)]
    assert pieces(Cart.objects.get()) == {variant.pk: 12}


def test_crossed_merges_and_adds_never_fail():
    variant = make_variant(on_hand=500)
    own = [make_item(make_cart(user=make_user()), variant).cart for _ in range(2)]
    for _ in range(5):
        guests = [make_item(None, variant).cart for _ in range(2)]
        calls = [
            lambda u=user.user_id, g=guest.pk: merge_carts(user_id=u, guest_cart_id=g)
            for user, guest in zip([*own, *reversed(own)], guests * 2, strict=True)
        ]
        outcomes = at_once([*calls, *(add_one(cart, variant) for cart in own)])
        assert sum(isinstance(outcome, NotFound) for outcome in outcomes) == 2
    assert sum(item.quantity for item in CartItem.objects.all()) == 2 + 5 * 4


def test_changes_of_a_methods_fields_at_once_all_last():
    method = make_method(price="1")
    fields = [{"name": "Express"}, {"price": "77"}, {"free_from": "99"}, {"min_days": 4}]
    at_once([lambda f=one: save_row(ShippingMethod(pk=method.pk), f) for one in fields])
    method.refresh_from_db()
    found = (method.name, method.price, method.free_from, method.min_days)
    assert found == ("Express", 77, 99, 4)


def test_of_twin_tax_rates_at_once_one_is_made():
    fields = {"country": "IN", "state": "KA", "rate": 18}
    outcomes = at_once([lambda: save_row(TaxRate(), fields)] * 6)
    assert sum(isinstance(outcome, DomainError) for outcome in outcomes) == 5
    assert TaxRate.objects.get().rate == 18
