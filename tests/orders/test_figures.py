"""What customers ordered in all is counted in the transactions that change their orders."""

from functools import partial
from importlib import import_module

import pytest
from django.apps import apps
from django.db import connection, transaction

from orders.models import CustomerFigures, Order
from orders.models.order import new_number
from orders.services import figures as module
from orders.services.figures import refresh_figures
from orders.services.lifecycle import (
    SYSTEM,
    cancel_order,
    expire_order,
    lock_order,
    record_payment,
    record_refund,
)
from tests.accounts.factories import make_user
from tests.catalog.factories import make_variant
from tests.concurrency.races import meet_at, run_together

from .factories import make_paid_order, make_placed_order


def figures(user):
    row = CustomerFigures.objects.get(user=user)
    return row.order_count, row.total_spent


@pytest.mark.django_db
def test_figures_follow_an_order_through_its_life():
    user = make_user()
    order = make_placed_order(user=user)
    assert figures(user) == (1, 0)
    with transaction.atomic():
        record_payment(lock_order(order.pk), order.total_amount, gateway="cod")
    assert figures(user) == (1, 150)
    with transaction.atomic():
        record_refund(lock_order(order.pk), 30)
    assert figures(user) == (1, 120)
    cancel_order(order_id=order.pk, actor=SYSTEM)
    assert figures(user) == (1, 0)
    assert CustomerFigures.objects.get().last_order_at == order.created_at


@pytest.mark.django_db
def test_an_order_that_expires_is_counted_and_spends_nothing():
    user = make_user()
    order = make_placed_order(user=user)
    Order.objects.update(expires_at=order.created_at)
    assert expire_order(order_id=order.pk)
    assert figures(user) == (1, 0)


@pytest.mark.django_db
def test_a_guests_order_is_nobodys():
    make_paid_order(email="guest@example.com")
    assert not CustomerFigures.objects.exists()


@pytest.mark.django_db
def test_what_is_undone_is_not_counted():
    user = make_user()
    order = make_placed_order(user=user)
    with transaction.atomic():
        record_payment(lock_order(order.pk), order.total_amount, gateway="cod")
        transaction.set_rollback(True)
    assert figures(user) == (1, 0)


@pytest.mark.django_db
def test_a_batch_is_counted_in_three_queries(django_assert_num_queries):
    users = [make_paid_order().user_id for _ in range(3)]
    CustomerFigures.objects.all().delete()
    with django_assert_num_queries(3):
        refresh_figures(user_ids=[*users, None, users[0]])
    assert [row.order_count for row in CustomerFigures.objects.all()] == [1, 1, 1]


@pytest.mark.django_db
def test_the_migration_counts_what_was_ordered_before():
    user, other = make_user(), make_user()
    first = make_paid_order(user=user)
    make_placed_order(user=user)
    cancel_order(order_id=make_paid_order(user=other).pk, actor=SYSTEM)
    make_paid_order(email="guest@example.com")
    expected = set(CustomerFigures.objects.values_list())
    CustomerFigures.objects.update(order_count=99)
    migration = import_module("orders.migrations.0006_customer_figures")
    migration.fill(apps, None)
    assert set(CustomerFigures.objects.values_list()) == expected
    assert figures(user) == (2, first.total_amount)
    assert figures(other) == (1, 0)


@pytest.mark.django_db(transaction=True)
def test_orders_of_one_customer_that_are_paid_at_once_all_count():
    user, variant = make_user(), make_variant(on_hand=50)
    orders = [make_placed_order(user=user, variants=[variant]) for _ in range(4)]

    def pay(order):
        with transaction.atomic():
            record_payment(lock_order(order.pk), order.total_amount, gateway="cod")

    assert run_together(*(partial(pay, order) for order in orders)) == [None] * 4
    assert figures(user) == (4, 600)


def count_two_at_once(user):
    """Write two orders, and let both be written before either is counted, if locks let them."""

    def write():
        with transaction.atomic():
            Order.objects.create(
                number=new_number(), user=user, currency="INR", subtotal=1, total_amount=1
            )
            refresh_figures(user_ids=[user.pk])

    assert meet_at("orders_order", write, write) == [None, None]
    return figures(user)[0]


@pytest.mark.django_db(transaction=True)
def test_of_two_orders_at_once_the_later_count_sees_both():
    assert count_two_at_once(make_user()) == 2


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor == "sqlite", reason="lets one writer in at a time")
def test_without_the_lock_one_of_two_orders_is_not_counted(monkeypatch):
    user = make_user()
    refresh_figures(user_ids=[user.pk])
    write = module._write
    monkeypatch.setattr(module, "_write", lambda rows, *names: names[1:] and write(rows, *names))
    assert count_two_at_once(user) == 1
