"""Guests are forgotten some time after their orders are over; the orders stay for the books."""

from datetime import timedelta

import pytest
from django.utils import timezone

from orders.models import Order
from orders.services import erasing
from orders.services.erasing import erase_old_guest_orders
from orders.tasks import erase_old_guest_orders as task

from .factories import ADDRESS, make_delivered_order, make_placed_order, make_shipped_order
from .test_erasing import PLACE, seen

pytestmark = pytest.mark.django_db

GUEST = "guest@example.com"


@pytest.fixture(autouse=True)
def _kept_for(settings):
    settings.GUEST_ORDER_RETENTION_DAYS = 100


def ago(days):
    return timezone.now() - timedelta(days=days)


def aged(order, **times):
    Order.objects.filter(pk=order.pk).update(created_at=ago(200), **times)
    return order


def test_a_guest_is_forgotten_when_the_order_was_over_for_so_long():
    delivered = aged(make_delivered_order(email=GUEST, notes="Ring"), delivered_at=ago(101))
    cancelled = aged(
        make_placed_order(email=GUEST, notes="Ring"), status="cancelled", cancelled_at=ago(101)
    )
    kept = [
        aged(make_delivered_order(email=GUEST, notes="Ring"), delivered_at=ago(99)),
        aged(make_shipped_order(email=GUEST, notes="Ring")),
        aged(make_placed_order(email=GUEST, notes="Ring")),
    ]
    of_user = aged(make_delivered_order(notes="Ring"), delivered_at=ago(101))
    total = Order.objects.get(pk=delivered.pk).total_amount
    assert erase_old_guest_orders() == 2
    for order in (delivered, cancelled):
        assert seen(order) == ("", "", PLACE, PLACE)
    assert Order.objects.get(pk=delivered.pk).total_amount == total
    for order in (*kept, of_user):
        assert seen(order)[1:] == ("Ring", ADDRESS, ADDRESS)
    assert erase_old_guest_orders() == 0


def test_more_guests_than_a_batch_are_forgotten(monkeypatch):
    monkeypatch.setattr(erasing, "_BATCH", 2)
    for _ in range(5):
        aged(make_delivered_order(email=GUEST), delivered_at=ago(101))
    assert erase_old_guest_orders() == 5
    assert set(Order.objects.values_list("email", flat=True)) == {""}


def test_a_batch_costs_the_same_for_one_order_as_for_many(django_assert_num_queries):
    def grow(number):
        for _ in range(number):
            aged(make_delivered_order(email=GUEST), delivered_at=ago(101))

    grow(1)
    with django_assert_num_queries(27):
        erase_old_guest_orders()
    grow(4)
    with django_assert_num_queries(27):
        assert erase_old_guest_orders() == 4


def test_with_zero_days_guests_are_kept_for_ever(settings):
    settings.GUEST_ORDER_RETENTION_DAYS = 0
    order = aged(make_delivered_order(email=GUEST), delivered_at=ago(5000))
    task()
    assert seen(order)[0] == GUEST
