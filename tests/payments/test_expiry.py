from datetime import timedelta

import pytest
from django.core.management import call_command
from django.utils import timezone

from catalog.models import Stock
from orders.models import Order, OrderStatus
from payments.models import Payment, PaymentState
from payments.services.expiry import expire_unpaid_orders
from tests.catalog.factories import make_variant
from tests.orders.factories import make_paid_order, make_placed_order

from .bank import settled, start

pytestmark = pytest.mark.django_db


def run_out(order, windows=1):
    """Let the time to pay be over, `windows` windows after the order was placed."""
    now = timezone.now()
    created_at = now - windows * timedelta(minutes=30) - timedelta(minutes=1)
    Order.objects.filter(pk=order.pk).update(created_at=created_at, expires_at=now)


def status_of(order):
    return Order.objects.get(pk=order.pk).status


def test_an_unpaid_order_expires_and_its_stock_returns(capsys):
    variant = make_variant(on_hand=5)
    order, still_time = make_placed_order(variants=[variant]), make_placed_order()
    paid = make_paid_order()
    run_out(order)
    call_command("expire_orders")
    assert "1 orders" in capsys.readouterr().out
    assert status_of(order) == OrderStatus.CANCELLED
    assert Stock.objects.get(pk=variant.pk).reserved == 0
    assert status_of(still_time) == OrderStatus.PENDING
    assert status_of(paid) == OrderStatus.CONFIRMED


def test_an_order_with_an_untouched_payment_expires(bank):
    order = make_placed_order()
    payment = start(order)
    run_out(order)
    assert expire_unpaid_orders() == 1
    assert status_of(order) == OrderStatus.CANCELLED
    assert settled(payment).status == PaymentState.CANCELLED


def test_an_order_that_was_paid_without_our_knowledge_is_confirmed_instead(bank):
    order = make_placed_order()
    bank.pay(start(order))
    run_out(order)
    assert expire_unpaid_orders() == 0
    assert status_of(order) == OrderStatus.CONFIRMED


def test_money_that_came_after_a_failure_is_asked_for_too(bank, api):
    order = make_placed_order()
    payment = start(order)
    payment.status, payment.open_for = PaymentState.FAILED, None
    payment.save()
    bank.pay(payment)
    run_out(order)
    assert expire_unpaid_orders() == 0
    assert status_of(order) == OrderStatus.CONFIRMED


def test_a_silent_gateway_keeps_orders_for_three_windows(bank):
    order, without_payment = make_placed_order(), make_placed_order()
    start(order)
    bank.fault("/v1/*", "error500", times=10)
    run_out(order)
    run_out(without_payment)
    assert expire_unpaid_orders() == 1
    assert status_of(without_payment) == OrderStatus.CANCELLED
    assert status_of(order) == OrderStatus.PENDING
    run_out(order, windows=3)
    assert expire_unpaid_orders() == 1
    assert status_of(order) == OrderStatus.CANCELLED


def test_a_silent_gateway_is_asked_once_a_round(bank):
    for _ in range(3):
        order = make_placed_order()
        start(order)
        run_out(order)
    bank.fault("/v1/*", "error500", times=2)
    assert expire_unpaid_orders() == 0
    (left,) = bank.server.faults.armed()
    assert left["times"] == 1


def test_an_order_whose_answer_nobody_can_read_keeps_no_other_one_waiting(bank, monkeypatch):
    strange, plain = make_placed_order(), make_placed_order()
    answer = bank.pay(start(strange))
    bank.edit_payment(answer["razorpay_payment_id"], status="melted")
    start(plain)
    run_out(strange)
    run_out(plain)
    monkeypatch.setattr("random.shuffle", lambda due: due.sort(key=lambda one: one.pk != plain.pk))
    assert expire_unpaid_orders() == 1
    assert (status_of(strange), status_of(plain)) == (OrderStatus.PENDING, OrderStatus.CANCELLED)


def test_held_money_keeps_an_order_for_three_windows(bank):
    order = make_placed_order()
    bank.hold(start(order))
    run_out(order)
    bank.fault("/v1/payments/*/capture", "error500", times=10)
    assert expire_unpaid_orders() == 0
    assert status_of(order) == OrderStatus.PENDING
    run_out(order, windows=3)
    assert expire_unpaid_orders() == 1


def test_an_order_whose_payment_is_being_started_does_not_expire(bank):
    order = make_placed_order()
    payment = start(order)
    payment.leased_until = timezone.now() + timedelta(seconds=20)
    payment.save()
    run_out(order)
    assert expire_unpaid_orders() == 0
    assert status_of(order) == OrderStatus.PENDING


def test_an_order_that_the_gateway_does_not_know_keeps_nobody_waiting(bank):
    odd, plain = make_placed_order(), make_placed_order()
    Payment.objects.filter(pk=start(odd).pk).update(gateway_order_id="order_unknown00000")
    start(plain)
    for order in (odd, plain):
        run_out(order)
    assert expire_unpaid_orders() == 1
    assert status_of(plain) == OrderStatus.CANCELLED
    assert status_of(odd) == OrderStatus.PENDING
