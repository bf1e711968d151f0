"""Cash on delivery under real threads and commits."""

import pytest

from orders.models import OrderHistory, OrderStatus, PaymentStatus
from orders.services.lifecycle import SYSTEM, cancel_order
from payments.errors import AlreadyPaid
from payments.models import Payment, PaymentState, Refund
from payments.services.ask import ask_gateway
from payments.services.collect import collect_payment
from payments.services.initiate import Started
from payments.services.refunds import send_pending_refunds
from tests.payments.bank import settled, start
from tests.payments.test_cod import make_cash_order, start_cash

from .test_payments import at_once

pytestmark = pytest.mark.django_db(transaction=True)


def test_ten_parallel_starts_confirm_once():
    order = make_cash_order()
    results = at_once([lambda: start_cash(order)] * 10)
    assert len([one for one in results if isinstance(one, Started) and one.is_new]) == 1
    assert Payment.objects.count() == 1
    confirmed = OrderHistory.objects.filter(order=order, to_status=OrderStatus.CONFIRMED)
    assert confirmed.count() == 1


def test_ten_parallel_collections_count_once():
    payment = start_cash(make_cash_order()).payment
    results = at_once([lambda: collect_payment(payment_id=payment.pk)] * 10)
    assert len([one for one in results if isinstance(one, AlreadyPaid)]) == 9
    assert settled(payment).order.amount_paid == payment.amount


@pytest.mark.parametrize("turn", range(4))
def test_collection_against_an_online_payment_keeps_one_of_them(bank, turn):
    order = make_cash_order()
    cash, online = start_cash(order).payment, start(order)
    bank.pay(online)
    calls = [
        lambda: collect_payment(payment_id=cash.pk),
        lambda: ask_gateway(payment_id=online.pk),
    ]
    at_once(calls if turn % 2 else calls[::-1])
    order.refresh_from_db()
    assert (order.payment_status, order.amount_paid) == (PaymentStatus.PAID, order.total_amount)
    if settled(cash).status == PaymentState.CANCELLED:
        assert not Refund.objects.exists()
    else:
        assert settled(online).is_surplus
        assert Refund.objects.get().payment == online


@pytest.mark.parametrize("turn", range(4))
def test_collection_against_cancellation_ends_cancelled_and_square(turn):
    payment = start_cash(make_cash_order()).payment
    calls = [
        lambda: collect_payment(payment_id=payment.pk),
        lambda: cancel_order(order_id=payment.order_id, actor=SYSTEM),
    ]
    at_once(calls if turn % 2 else calls[::-1])
    send_pending_refunds()
    after = settled(payment)
    assert after.order.status == OrderStatus.CANCELLED
    assert after.order.amount_paid == after.order.amount_refunded == after.amount_refunded
