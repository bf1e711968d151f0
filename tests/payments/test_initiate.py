from datetime import timedelta

import pytest
from django.utils import timezone

from config.errors import InvalidInput, RequestInProgress
from orders.errors import InvalidTransition
from orders.models import Order
from orders.services.lifecycle import SYSTEM, cancel_order
from payments.errors import AlreadyPaid, GatewayError
from payments.gateways import GATEWAYS
from payments.gateways.razorpay import Razorpay
from payments.models import Payment, PaymentState
from payments.services.initiate import initiate_payment
from tests.orders.factories import make_paid_order, make_placed_order

from .bank import DECLINED, deliver, settled, start

pytestmark = pytest.mark.django_db


def test_a_payment_is_started_at_the_gateway_under_its_receipt(bank):
    order = make_placed_order()
    payment = start(order)
    (made,) = bank.orders()
    assert (payment.status, payment.gateway_order_id) == (PaymentState.PENDING, made["id"])
    assert (made["receipt"], made["currency"]) == (payment.receipt, "INR")
    assert made["amount"] == order.total_amount * 100
    assert made["notes"] == {"order": order.number}
    assert (payment.leased_until, payment.open_for_id) == (None, order.pk)
    order.refresh_from_db()
    assert order.gateway == "razorpay"


def test_a_second_call_finds_the_open_payment(bank):
    order = make_placed_order()
    first = initiate_payment(order_id=order.pk, gateway_id="razorpay")
    second = initiate_payment(order_id=order.pk, gateway_id="razorpay")
    assert (first.is_new, second.is_new) == (True, False)
    assert second.payment == first.payment
    assert len(bank.orders()) == 1


def test_the_same_idempotency_key_finds_its_payment_as_new(bank):
    order = make_placed_order()
    first = initiate_payment(order_id=order.pk, gateway_id="razorpay", idempotency_key="a" * 64)
    again = initiate_payment(order_id=order.pk, gateway_id="razorpay", idempotency_key="a" * 64)
    assert (again.payment, again.is_new) == (first.payment, True)


def test_starting_gives_an_order_fifteen_more_minutes_once(bank):
    order = make_placed_order()
    order.expires_at = timezone.now() + timedelta(minutes=2)
    order.save()
    payment = start(order)
    order.refresh_from_db()
    first = order.expires_at
    assert timedelta(minutes=14) < first - timezone.now() <= timedelta(minutes=15)
    bank.pay(payment, card=DECLINED)
    Payment.objects.update(status=PaymentState.FAILED, open_for=None)
    start(order)
    order.refresh_from_db()
    assert order.expires_at == first


def test_while_somebody_talks_to_the_gateway_a_second_call_waits(bank):
    order = make_placed_order()
    payment = start(order)
    payment.gateway_order_id = None
    payment.leased_until = timezone.now() + timedelta(seconds=5)
    payment.save()
    with pytest.raises(RequestInProgress):
        start(order)
    assert Payment.objects.get().gateway_order_id is None


def test_a_call_that_died_is_resumed_under_the_same_receipt(bank):
    order = make_placed_order()
    payment = start(order)
    made = payment.gateway_order_id
    payment.gateway_order_id = None
    payment.leased_until = timezone.now() - timedelta(seconds=1)
    payment.save()
    resumed = initiate_payment(order_id=order.pk, gateway_id="razorpay")
    assert (resumed.payment, resumed.is_new) == (payment, True)
    assert resumed.payment.gateway_order_id == made
    assert len(bank.orders()) == 1


@pytest.mark.parametrize("mode", ["error500", "html502", "drop_connection"])
def test_a_gateway_that_is_down_can_be_tried_again(bank, mode):
    order = make_placed_order()
    bank.fault("/v1/orders", mode)
    with pytest.raises(GatewayError):
        start(order)
    kept = Payment.objects.get()
    assert (kept.status, kept.leased_until) == (PaymentState.CREATED, None)
    payment = start(order)
    assert payment == kept
    assert (payment.status, payment.error) == (PaymentState.PENDING, "")
    assert len(bank.orders()) == 1


def test_an_order_that_was_made_without_an_answer_is_found_and_not_made_twice(bank, settings):
    settings.PAYMENT_TIMEOUT = 0.3
    order = make_placed_order()
    bank.fault("/v1/orders", "hang_after_commit", seconds=1)
    with pytest.raises(GatewayError):
        start(order)
    (made,) = bank.orders()
    settings.PAYMENT_TIMEOUT = 10
    assert start(order).gateway_order_id == made["id"]
    assert len(bank.orders()) == 1


def test_after_a_failure_a_new_payment_is_made(bank, api):
    order = make_placed_order()
    first = start(order)
    bank.pay(first, card=DECLINED)
    deliver(api, *bank.events("payment.failed"))
    second = initiate_payment(order_id=order.pk, gateway_id="razorpay")
    assert second.is_new
    assert second.payment != first
    assert len(bank.orders()) == 2


def test_money_that_is_held_is_not_asked_for_again(bank, api):
    order = make_placed_order()
    payment = start(order)
    payment.status, payment.open_for = PaymentState.AUTHORIZED, None
    payment.save()
    assert start(order) == payment


def test_another_gateway_closes_the_open_payment(bank):
    order = make_placed_order()
    other = Payment.objects.create(
        order=order,
        open_for=order,
        gateway="former",
        amount=order.total_amount,
        currency="INR",
        receipt="x",
    )
    payment = start(order)
    other.refresh_from_db()
    assert (other.status, other.open_for) == (PaymentState.CANCELLED, None)
    assert payment.is_open


def test_a_paid_order_is_refused(bank):
    order = make_paid_order()
    with pytest.raises(AlreadyPaid):
        start(order)
    assert not Payment.objects.exists()
    assert bank.orders() == []


def test_a_cancelled_and_an_expired_order_are_refused(bank):
    cancelled, late = make_placed_order(), make_placed_order()
    cancel_order(order_id=cancelled.pk, actor=SYSTEM)
    late.expires_at = timezone.now()
    late.save()
    for order in (cancelled, late):
        with pytest.raises(InvalidTransition):
            start(order)
    assert not Payment.objects.exists()
    assert bank.orders() == []


def test_an_unknown_gateway_is_refused_on_its_field(bank):
    with pytest.raises(InvalidInput) as refusal:
        initiate_payment(order_id=make_placed_order().pk, gateway_id="piggybank")
    assert list(refusal.value.details) == ["gateway"]
    assert not Payment.objects.exists()


def test_an_order_that_the_gateway_cannot_take_is_refused_on_its_field(bank):
    order = make_placed_order()
    Order.objects.update(total_amount="0.50")
    with pytest.raises(InvalidInput) as refusal:
        start(order)
    (text,) = refusal.value.details["gateway"]
    assert text == "Razorpay refused: The amount must be at least INR 1.00"
    payment = Payment.objects.get()
    assert (payment.error, payment.leased_until) == (text, None)


def test_the_cancellation_of_an_order_closes_its_open_payment(bank):
    order = make_placed_order()
    payment = start(order)
    cancel_order(order_id=order.pk, actor=SYSTEM)
    assert settled(payment).status == PaymentState.CANCELLED
    assert settled(payment).open_for is None


def test_an_order_that_is_cancelled_while_the_gateway_is_asked_cannot_be_paid(bank, monkeypatch):
    order = make_placed_order()

    class Slow(Razorpay):
        def create_order(self, payment):
            made = super().create_order(payment)
            cancel_order(order_id=order.pk, actor=SYSTEM)
            return made

    monkeypatch.setitem(GATEWAYS, "razorpay", Slow)
    with pytest.raises(InvalidTransition):
        start(order)
    closed = Payment.objects.get()
    assert (closed.status, closed.open_for) == (PaymentState.CANCELLED, None)
    assert closed.gateway_order_id == bank.orders()[0]["id"]


def test_a_call_that_was_too_slow_leaves_the_payment_to_the_one_that_took_over(bank, monkeypatch):
    order = make_placed_order()
    later = timezone.now() + timedelta(minutes=1)

    class Slow(Razorpay):
        def create_order(self, payment):
            made = super().create_order(payment)
            Payment.objects.update(leased_until=later)
            return made

    monkeypatch.setitem(GATEWAYS, "razorpay", Slow)
    with pytest.raises(RequestInProgress):
        start(order)
    kept = Payment.objects.get()
    assert (kept.gateway_order_id, kept.leased_until) == (None, later)
