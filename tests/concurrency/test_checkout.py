"""Checkouts and cancellations at the same moment; each race has a control without its lock."""

import threading
from collections import Counter
from datetime import timedelta

import pytest
from django.db import OperationalError, connection, transaction
from django.utils import timezone
from rest_framework.test import APIClient

from carts.models import Cart, CartItem
from catalog.models import MovementKind, Stock, StockMovement
from config.transactions import is_conflict
from orders.models import Order
from orders.services.lifecycle import expire_order
from tests.accounts.factories import make_user
from tests.catalog.factories import make_variant
from tests.orders.factories import (
    ADDRESS,
    make_cart,
    make_paid_order,
    make_placed_order,
    make_shipping_method,
)

from .races import meet_at, run_together, take_lock_away

pytestmark = pytest.mark.django_db(transaction=True)

URL = "/api/v1/orders/"


@pytest.fixture
def method():
    return make_shipping_method()


def client_of(user):
    client = APIClient()
    client.force_authenticate(user)
    return client


def checkout(user, method, **headers):
    """A job that orders the user's cart: its answer is the status and the body."""

    def run():
        body = {"shipping_address": ADDRESS, "shipping_method": method.pk}
        answer = client_of(user).post(URL, body, headers=headers)
        return answer.status_code, answer.json()

    return run


def cancel(order):
    def run():
        answer = client_of(order.user).post(f"{URL}{order.pk}/cancel/")
        return answer.status_code, answer.json()

    return run


def make_buyer(*variants, quantity=1):
    user = make_user()
    make_cart(*variants, user=user, quantity=quantity)
    return user


def outcomes(answers):
    """How many answers there were of each status, by the code of a refusal."""
    return Counter(body.get("code", status) for status, body in answers)


def figures(variant):
    stock = Stock.objects.get(pk=variant.pk)
    return stock.on_hand, stock.reserved


def movements(kind):
    return StockMovement.objects.filter(kind=kind).count()


# The last pieces


def test_a_hundred_buyers_of_the_last_ten_pieces_get_exactly_ten(method):
    variant = make_variant(on_hand=10)
    buyers = [make_buyer(variant) for _ in range(100)]
    answers = run_together(*(checkout(buyer, method) for buyer in buyers))
    assert outcomes(answers) == {201: 10, "insufficient_stock": 90}
    assert figures(variant) == (10, 10)
    assert Order.objects.count() == movements(MovementKind.RESERVE) == 10
    winners = {order.user_id for order in Order.objects.all()}
    kept = {item.cart.user_id for item in CartItem.objects.select_related("cart")}
    assert kept == {buyer.pk for buyer in buyers} - winners
    assert len(kept) == 90


def race_for_the_last_piece(method, deferred=False):
    variant = make_variant(on_hand=1)
    buyers = [make_buyer(variant), make_buyer(variant)]
    jobs = [checkout(buyer, method) for buyer in buyers]
    return outcomes(meet_at("catalog_stock", *jobs, deferred=deferred))


def test_of_two_buyers_who_see_the_last_piece_one_gets_it(method):
    assert race_for_the_last_piece(method) == {201: 1, "insufficient_stock": 1}
    assert Order.objects.count() == 1


def test_control_without_the_lock_of_the_stock_the_last_piece_is_sold_twice(method, monkeypatch):
    take_lock_away(monkeypatch, Stock)
    result = race_for_the_last_piece(method, deferred=True)
    if connection.vendor == "sqlite":  # its snapshots let the second writer fail instead
        assert result == {201: 1, "service_unavailable": 1}
    else:
        assert result == {201: 2}


# Crossed carts


def test_carts_with_the_same_articles_in_opposite_orders_are_all_placed(method):
    one, two = make_variant(on_hand=100), make_variant(on_hand=100)
    buyers = [make_buyer(*pair) for pair in [(one, two), (two, one)] * 15]
    answers = run_together(*(checkout(buyer, method) for buyer in buyers))
    assert outcomes(answers) == {201: 30}
    assert (figures(one), figures(two)) == ((100, 30), (100, 30))


def test_crossed_carts_that_sell_two_articles_out_never_fail_otherwise(method):
    one, two = make_variant(on_hand=5), make_variant(on_hand=7)
    buyers = [make_buyer(*pair) for pair in [(one, two), (two, one)] * 10]
    answers = run_together(*(checkout(buyer, method) for buyer in buyers))
    assert outcomes(answers) == {201: 5, "insufficient_stock": 15}
    assert (figures(one), figures(two)) == ((5, 5), (7, 5))


def test_control_stock_that_is_locked_in_opposite_orders_deadlocks():
    if connection.vendor == "sqlite":
        pytest.skip("One transaction writes at a time: there are no row locks to cross.")
    keys = [make_variant().pk, make_variant().pk]
    both_hold_one = threading.Barrier(2)

    def lock(first, second):
        def run():
            with transaction.atomic():
                Stock.objects.select_for_update().get(pk=first)
                both_hold_one.wait(10)
                Stock.objects.select_for_update().get(pk=second)

        return run

    results = run_together(lock(*keys), lock(*reversed(keys)))
    (error,) = [result for result in results if result is not None]
    assert isinstance(error, OperationalError)
    assert is_conflict(error)


# The same checkout more than once


def test_twenty_identical_checkouts_with_one_key_make_one_order(method):
    variant = make_variant(on_hand=50)
    user = make_buyer(variant, quantity=2)
    job = checkout(user, method, **{"Idempotency-Key": "one-click"})
    answers = run_together(*[job] * 20)
    order = Order.objects.get()
    assert set(outcomes(answers)) <= {201, "request_in_progress"}
    assert {body["id"] for status, body in answers if status == 201} == {str(order.pk)}
    assert figures(variant) == (50, 2)
    status, body = job()
    assert (status, body["number"]) == (201, order.number)


def test_control_without_a_key_nineteen_of_twenty_do_not_learn_of_the_order(method):
    user = make_buyer(make_variant(on_hand=50))
    answers = run_together(*[checkout(user, method)] * 20)
    assert outcomes(answers) == {201: 1, "cart_empty": 19}


def click_twice(method, deferred=False):
    user = make_buyer(make_variant(on_hand=50))
    jobs = [checkout(user, method)] * 2
    return outcomes(meet_at("carts_cartitem", *jobs, deferred=deferred))


def test_one_cart_becomes_one_order_also_without_a_key(method):
    assert click_twice(method) == {201: 1, "cart_empty": 1}
    assert Order.objects.count() == 1


def test_control_without_the_lock_of_the_cart_it_becomes_two_orders(method, monkeypatch):
    take_lock_away(monkeypatch, Cart)
    result = click_twice(method, deferred=True)
    if connection.vendor == "sqlite":
        assert result == {201: 1, "service_unavailable": 1}
    else:
        assert result == {201: 2}


# Cancelling. Another order holds pieces of the same stock, which a second release would free.


def make_order_and_neighbour(make=make_placed_order):
    variant = make_variant(on_hand=10)
    make_placed_order(variants=[variant], quantity=2)
    return variant, make(variants=[variant], quantity=2)


def cancel_twice(deferred=False):
    variant, order = make_order_and_neighbour()
    answers = meet_at("orders_orderline", cancel(order), cancel(order), deferred=deferred)
    return variant, outcomes(answers)


def test_cancelling_twice_at_once_releases_the_stock_once():
    variant, result = cancel_twice()
    assert result == {200: 1, "invalid_transition": 1}
    assert figures(variant) == (10, 2)
    assert movements(MovementKind.RELEASE) == 1


def test_control_without_the_lock_of_the_order_it_is_released_twice(monkeypatch):
    take_lock_away(monkeypatch, Order)
    variant, result = cancel_twice(deferred=True)
    if connection.vendor == "sqlite":
        assert result == {200: 1, "service_unavailable": 1}
        return
    assert result == {200: 2}
    assert figures(variant) == (10, 0)
    assert movements(MovementKind.RELEASE) == 2


def cancel_and_expire(deferred=False):
    variant, order = make_order_and_neighbour()
    Order.objects.filter(pk=order.pk).update(expires_at=timezone.now() - timedelta(seconds=1))

    def expire():
        return expire_order(order_id=order.pk)

    cancelled, expired = meet_at("orders_orderline", cancel(order), expire, deferred=deferred)
    return variant, order, cancelled[0], expired


def test_an_order_that_is_cancelled_and_expires_at_once_ends_once():
    variant, order, cancelled, expired = cancel_and_expire()
    assert (cancelled, expired) in {(200, False), (409, True)}
    assert Order.objects.get(pk=order.pk).status == "cancelled"
    assert figures(variant) == (10, 2)
    assert movements(MovementKind.RELEASE) == 1
    assert order.history.count() == 2


def test_control_without_the_lock_of_the_order_it_is_cancelled_and_expires(monkeypatch):
    take_lock_away(monkeypatch, Order)
    variant, _, cancelled, expired = cancel_and_expire(deferred=True)
    if connection.vendor == "sqlite":
        assert cancelled == 503 or isinstance(expired, OperationalError)
        return
    assert (cancelled, expired) == (200, True)
    assert figures(variant) == (10, 0)


def cancel_and_ship(deferred=False):
    variant, order = make_order_and_neighbour(make_paid_order)

    def ship():
        client = client_of(make_user(is_staff=True, is_superuser=True))
        answer = client.post(f"{URL}{order.pk}/status/", {"status": "shipped"})
        return answer.status_code, answer.json()

    answers = meet_at("orders_orderline", cancel(order), ship, deferred=deferred)
    return variant, order, outcomes(answers)


def test_an_order_is_sent_or_cancelled_but_never_both():
    variant, order, result = cancel_and_ship()
    assert result == {200: 1, "invalid_transition": 1}
    status = Order.objects.get(pk=order.pk).status
    assert figures(variant) == {"cancelled": (10, 2), "shipped": (8, 2)}[status]


def test_control_without_the_lock_of_the_order_it_is_sent_and_cancelled(monkeypatch):
    take_lock_away(monkeypatch, Order)
    _, order, result = cancel_and_ship(deferred=True)
    if connection.vendor == "sqlite":
        assert result == {200: 1, "service_unavailable": 1}
        return
    assert result == {200: 2}
    assert {"shipped", "cancelled"} < {row.to_status for row in order.history.all()}


def test_an_order_whose_number_is_taken_gets_another_one(monkeypatch):
    variant = make_variant(on_hand=5)
    taken = make_placed_order(variants=[variant]).number
    numbers = iter([taken, taken, "ORD-20260131-7K3QX9"])
    monkeypatch.setattr("orders.services.placing.new_number", lambda: next(numbers))
    assert make_placed_order(variants=[variant]).number == "ORD-20260131-7K3QX9"
    assert Stock.objects.get(pk=variant.pk).reserved == 2
