"""Payments under real threads and commits, with controls that lose without the locks."""

import json
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from itertools import count
from threading import Barrier, BrokenBarrierError, Event, Lock

import pytest
from django.db import connection, connections
from django.utils import timezone
from rest_framework.test import APIClient

from catalog.models import Stock
from config.errors import DomainError, InvalidInput, RequestInProgress
from orders.models import Order, OrderHistory, OrderStatus, PaymentStatus
from orders.services.lifecycle import SYSTEM, cancel_order
from payments.errors import NothingToRefund
from payments.gateways import gateway_for
from payments.models import GatewayEvent, Payment, PaymentState, Refund
from payments.services import expiry as expiry_service
from payments.services import refunds as refunds_service
from payments.services import settle as settle_service
from payments.services.ask import ask_gateway
from payments.services.events import handle_event, handle_pending_events
from payments.services.expiry import expire_unpaid_orders
from payments.services.initiate import Started, initiate_payment
from payments.services.refunds import request_refund, send_pending_refunds, send_refund
from payments.services.settle import settle
from payments.services.verify import find_signed, verify_signed
from payments.signals import payment_succeeded
from tests.catalog.factories import make_variant
from tests.orders.factories import make_placed_order
from tests.payments.bank import DECLINED, deliver, post_webhook, settled, start

from .races import take_lock_away

pytestmark = pytest.mark.django_db(transaction=True)

# SQLite takes one writer at a time, so there is no race for a control to lose.
needs_parallel_writers = pytest.mark.skipif(
    connection.vendor == "sqlite", reason="on SQLite a transaction is alone"
)


def at_once(calls):
    """Start all calls at the same moment; return what each answered or refused with."""
    ready = Barrier(len(calls))

    def run(call):
        ready.wait(timeout=30)
        try:
            return call()
        except DomainError as refusal:
            return refusal
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(calls)) as pool:
        return [future.result(timeout=120) for future in [pool.submit(run, c) for c in calls]]


@pytest.fixture
def told():
    ids, lock = [], Lock()

    def note(payment_id, **kwargs):
        with lock:
            ids.append(payment_id)

    payment_succeeded.connect(note)
    yield ids
    payment_succeeded.disconnect(note)


def confirmations(order_id):
    return OrderHistory.objects.filter(order=order_id, to_status=OrderStatus.CONFIRMED).count()


def news_of(answer):
    return gateway_for("razorpay").fetch_payment(answer["razorpay_payment_id"])


def verify(answer):
    verify_signed(
        payment=find_signed(answer["razorpay_order_id"]),
        gateway_payment_id=answer["razorpay_payment_id"],
        signature=answer["razorpay_signature"],
    )


def paid_payment(bank):
    payment = start(make_placed_order())
    bank.pay(payment)
    return ask_gateway(payment_id=payment.pk)


def test_browser_webhooks_and_worker_settle_once(bank, told):
    payment = start(make_placed_order())
    answer = bank.pay(payment)
    events = bank.events()
    results = at_once(
        [lambda: verify(answer)] * 3
        + [lambda event=event: deliver(APIClient(), event) for event in events]
        + [lambda: ask_gateway(payment_id=payment.pk)] * 2
    )
    assert not [result for result in results if isinstance(result, DomainError)]
    handle_pending_events()
    assert told == [payment.pk]
    assert confirmations(payment.order_id) == 1
    after = settled(payment)
    assert (after.status, after.order.payment_status) == (
        PaymentState.SUCCEEDED,
        PaymentStatus.PAID,
    )
    assert after.order.amount_paid == after.order.total_amount
    assert not Refund.objects.exists()


@needs_parallel_writers
def test_control_without_the_lock_an_order_is_confirmed_twice(bank, monkeypatch):
    payment = start(make_placed_order())
    news = news_of(bank.pay(payment))
    together = Barrier(2)

    def read_payment(gateway_id, news):
        """Everybody has read before anybody writes."""
        row = settle_service._rows(gateway_id, news).get()
        with suppress(BrokenBarrierError):
            together.wait(timeout=5)
        return row

    read_order = Order.objects.get
    monkeypatch.setattr(settle_service.lifecycle, "lock_order", lambda pk: read_order(pk=pk))
    monkeypatch.setattr(settle_service, "_lock", read_payment)
    at_once([lambda: settle("razorpay", news)] * 2)
    assert confirmations(payment.order_id) == 2


def test_two_captured_payments_of_one_order_pay_it_once(bank, told):
    order = make_placed_order()
    first = start(order)
    bank.pay(first, card=DECLINED)
    ask_gateway(payment_id=first.pk)
    second = start(order)
    both = [news_of(bank.pay(payment)) for payment in (first, second)]
    at_once([lambda news=news: settle("razorpay", news) for news in both * 3])
    assert len(told) == confirmations(order.pk) == 1
    surplus = Payment.objects.get(is_surplus=True)
    assert surplus.pk != told[0]
    refund = Refund.objects.get()
    assert (refund.payment_id, refund.amount) == (surplus.pk, order.total_amount)
    order.refresh_from_db()
    assert order.amount_paid == order.total_amount


def test_ten_parallel_half_refunds_send_back_two(bank):
    payment = paid_payment(bank)
    half = payment.amount / 2

    def refund_half():
        refund = request_refund(payment_id=payment.pk, amount=half)
        send_refund(refund_id=refund.pk)
        return refund

    results = at_once([refund_half] * 10)
    refused = [result for result in results if isinstance(result, InvalidInput | NothingToRefund)]
    assert len(refused) == 8
    assert sum(sent["amount"] for sent in bank.refunds()) == payment.amount * 100
    bank.end_refunds()
    at_once([lambda: ask_gateway(payment_id=payment.pk)] * 4)
    after = settled(payment)
    assert (after.status, after.amount_refunded) == (PaymentState.REFUNDED, payment.amount)
    assert after.order.amount_refunded == payment.amount


@needs_parallel_writers
def test_control_without_the_lock_more_is_promised_back_than_was_captured(bank, monkeypatch):
    payment = paid_payment(bank)
    half, together = payment.amount / 2, Barrier(4)
    original = refunds_service.refundable

    def refundable_together(payment):
        left = original(payment)
        with suppress(BrokenBarrierError):
            together.wait(timeout=5)
        return left

    def read_payment(payment_id):
        row = Payment.objects.get(pk=payment_id)
        return row.order, row

    monkeypatch.setattr(refunds_service, "refundable", refundable_together)
    monkeypatch.setattr(refunds_service, "lock_payment", read_payment)
    at_once([lambda: request_refund(payment_id=payment.pk, amount=half)] * 4)
    assert sum(refund.amount for refund in Refund.objects.all()) == payment.amount * 2


def test_one_refund_is_sent_once_by_many_workers(bank):
    payment = paid_payment(bank)
    refund = request_refund(payment_id=payment.pk)
    at_once([lambda: send_refund(refund_id=refund.pk)] * 8)
    assert len(bank.refunds()) == 1
    refund.refresh_from_db()
    assert (refund.attempts, refund.gateway_refund_id) == (1, bank.refunds()[0]["id"])


def test_ten_parallel_starts_make_one_payment(bank):
    order = make_placed_order()
    call = lambda: initiate_payment(order_id=order.pk, gateway_id="razorpay")  # noqa: E731
    results = at_once([call] * 10)
    started = [result for result in results if isinstance(result, Started)]
    assert all(isinstance(r, Started | RequestInProgress) for r in results)
    assert len([one for one in started if one.is_new]) == 1
    assert len(bank.orders()) == Payment.objects.count() == 1
    assert {one.payment.pk for one in started} == {Payment.objects.get().pk}


@pytest.mark.parametrize("turn", range(4))
def test_payment_against_expiry_ends_paid_or_refunded(bank, turn):
    variant = make_variant(on_hand=5)
    order = make_placed_order(variants=[variant])
    payment = start(order)
    Order.objects.filter(pk=order.pk).update(expires_at=timezone.now())
    starters = [lambda: settle("razorpay", news_of(bank.pay(payment))), expire_unpaid_orders]
    at_once(starters if turn % 2 else starters[::-1])
    send_pending_refunds()
    assert_paid_or_refunded(bank, payment, variant)


def pay_while_it_expires(bank, monkeypatch, patience):
    """Settle a payment of an order that expires right after it was looked at, if it can."""
    variant = make_variant(on_hand=5)
    order = make_placed_order(variants=[variant])
    news = news_of(bank.pay(start(order)))
    Order.objects.filter(pk=order.pk).update(expires_at=timezone.now())
    looked, expired = Event(), Event()
    lock_payment = settle_service._lock

    def lock_late(gateway_id, news):
        looked.set()
        expired.wait(patience)
        return lock_payment(gateway_id, news)

    def expire():
        looked.wait(30)
        is_expired = expiry_service._expire(order.pk, is_sure=True)
        expired.set()
        return is_expired

    monkeypatch.setattr(settle_service, "_lock", lock_late)
    _, is_expired = at_once([lambda: settle("razorpay", news), expire])
    order.refresh_from_db()
    return is_expired, order.status, Stock.objects.get(pk=variant.pk).reserved


def test_an_order_that_is_being_paid_does_not_expire(bank, monkeypatch):
    result = pay_while_it_expires(bank, monkeypatch, patience=1)
    assert result == (False, OrderStatus.CONFIRMED, 1)


@needs_parallel_writers
def test_control_without_the_lock_a_paid_order_has_lost_its_stock(bank, monkeypatch):
    take_lock_away(monkeypatch, Order)
    result = pay_while_it_expires(bank, monkeypatch, patience=30)
    assert result == (True, OrderStatus.CONFIRMED, 0)


@pytest.mark.parametrize("turn", range(4))
def test_payment_against_cancellation_ends_refunded(bank, turn):
    variant = make_variant(on_hand=5)
    order = make_placed_order(variants=[variant])
    payment = start(order)
    news = news_of(bank.pay(payment))
    at_once(
        [
            lambda: settle("razorpay", news),
            lambda: cancel_order(order_id=order.pk, actor=SYSTEM),
            lambda: settle("razorpay", news),
        ]
    )
    send_pending_refunds()
    assert settled(payment).order.status == OrderStatus.CANCELLED
    assert_paid_or_refunded(bank, payment, variant)


def assert_paid_or_refunded(bank, payment, variant):
    after = settled(payment)
    reserved = Stock.objects.get(pk=variant.pk).reserved
    if after.order.status == OrderStatus.CONFIRMED:
        assert (after.order.payment_status, reserved) == (PaymentStatus.PAID, 1)
        assert not Refund.objects.filter(payment=payment).exists()
        return
    assert (after.order.status, reserved) == (OrderStatus.CANCELLED, 0)
    assert after.amount_captured == payment.amount
    assert [sent["amount"] for sent in bank.refunds()] == [payment.amount * 100]
    bank.end_refunds()
    ask_gateway(payment_id=payment.pk)
    after = settled(payment)
    assert (after.status, after.amount_refunded) == (PaymentState.REFUNDED, payment.amount)
    assert after.order.payment_status == PaymentStatus.REFUNDED


def test_parallel_deliveries_of_one_event_store_one_row(bank):
    payment = start(make_placed_order())
    bank.pay(payment)
    body = json.loads(bank.events("payment.captured")[0].body)
    call = lambda: post_webhook(APIClient(), body, event_id="evt_same")  # noqa: E731
    answers = at_once([call] * 10)
    assert {answer.status_code for answer in answers} == {200}
    assert GatewayEvent.objects.get().deliveries == 10
    at_once([handle_pending_events] * 5)
    event = GatewayEvent.objects.get()
    assert (event.status, event.attempts) == ("handled", 1)
    assert confirmations(payment.order_id) == 1


def test_parallel_forged_deliveries_are_one_row_that_counts_them_all():
    call = lambda: post_webhook(APIClient(), {"event": "x"}, secret="another")  # noqa: E731
    answers = at_once([call] * 10)
    assert {answer.status_code for answer in answers} == {400}
    event = GatewayEvent.objects.get()
    assert (event.status, event.deliveries) == ("refused", 10)


def test_two_refund_events_of_one_refund_count_once(bank):
    payment = paid_payment(bank)
    refund = request_refund(payment_id=payment.pk)
    send_refund(refund_id=refund.pk)
    bank.end_refunds()
    numbers = count()
    bodies = [json.loads(event.body) for event in bank.events("refund.processed")] * 6
    for body in bodies:
        post_webhook(APIClient(), body, event_id=f"evt_{next(numbers)}")
    ids = list(GatewayEvent.objects.values_list("pk", flat=True))
    at_once([lambda pk=pk: handle_event(event_id=pk) for pk in ids])
    after = settled(payment)
    assert (after.amount_refunded, after.order.amount_refunded) == (payment.amount, payment.amount)
