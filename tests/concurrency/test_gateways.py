"""Stripe and Chapa under real threads and commits."""

from types import SimpleNamespace

import pytest
from django.utils import timezone

from config.errors import InvalidInput, RequestInProgress
from orders.models import Order, OrderHistory, OrderStatus, PaymentStatus
from orders.services.lifecycle import SYSTEM, cancel_order
from payments.errors import NothingToRefund
from payments.models import Payment, PaymentState, Refund
from payments.services.ask import ask_gateway
from payments.services.expiry import expire_unpaid_orders
from payments.services.initiate import Started, initiate_payment
from payments.services.refunds import request_refund, send_pending_refunds, send_refund
from tests.orders.factories import make_placed_order
from tests.payments import stripe_calls, test_chapa
from tests.payments.bank import settled, start

from .test_payments import at_once

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(params=["stripe", "chapa"])
def gateway(request, bank, settings):
    """One of the gateways: what its customers and its bank do."""
    settings.STORE_CURRENCY = {"stripe": "INR", "chapa": "ETB"}[request.param]
    acts = {"stripe": stripe_calls, "chapa": test_chapa}[request.param]
    made = {"stripe": "intents", "chapa": "transactions"}[request.param]
    return SimpleNamespace(
        id=request.param,
        start=acts.start,
        pay=lambda payment: acts.pay(bank, payment),
        made=lambda: getattr(acts, made)(bank),
        refunds=lambda: acts.refunds(bank),
    )


def test_ten_parallel_starts_make_one_payment(gateway):
    order = make_placed_order()
    call = lambda: initiate_payment(order_id=order.pk, gateway_id=gateway.id)  # noqa: E731
    results = at_once([call] * 10)
    started = [result for result in results if isinstance(result, Started)]
    assert all(isinstance(r, Started | RequestInProgress) for r in results)
    assert len([one for one in started if one.is_new]) == 1
    assert len(gateway.made()) == Payment.objects.count() == 1


def test_ten_parallel_answers_pay_once(gateway):
    payment = gateway.start(make_placed_order())
    gateway.pay(payment)
    at_once([lambda: ask_gateway(payment_id=payment.pk)] * 10)
    after = settled(payment)
    assert (after.status, after.order.amount_paid) == (PaymentState.SUCCEEDED, payment.amount)
    moves = OrderHistory.objects.filter(order=after.order, to_status=OrderStatus.CONFIRMED)
    assert moves.count() == 1


def test_ten_parallel_half_refunds_send_back_two(gateway):
    payment = gateway.start(make_placed_order())
    gateway.pay(payment)
    ask_gateway(payment_id=payment.pk)

    def refund_half():
        refund = request_refund(payment_id=payment.pk, amount=payment.amount / 2)
        send_refund(refund_id=refund.pk)
        return refund

    results = at_once([refund_half] * 10)
    refused = [result for result in results if isinstance(result, InvalidInput | NothingToRefund)]
    assert len(refused) == 8
    assert len(gateway.refunds()) == 2


@pytest.mark.parametrize("turn", range(2))
def test_payment_against_cancellation_ends_cancelled_with_its_money_on_the_way_back(gateway, turn):
    payment = gateway.start(make_placed_order())
    gateway.pay(payment)
    calls = [
        lambda: ask_gateway(payment_id=payment.pk),
        lambda: cancel_order(order_id=payment.order_id, actor=SYSTEM),
    ]
    at_once(calls if turn else calls[::-1])
    send_pending_refunds()
    assert settled(payment).order.status == OrderStatus.CANCELLED
    assert Refund.objects.get().amount == payment.amount
    assert len(gateway.refunds()) == 1


@pytest.mark.parametrize("turn", range(2))
def test_payment_against_expiry_ends_paid_or_on_its_way_back(gateway, turn):
    payment = gateway.start(make_placed_order())
    Order.objects.filter(pk=payment.order_id).update(expires_at=timezone.now())
    calls = [lambda: gateway.pay(payment), expire_unpaid_orders]
    at_once(calls if turn else calls[::-1])
    ask_gateway(payment_id=payment.pk)
    send_pending_refunds()
    after = settled(payment)
    assert after.amount_captured == payment.amount
    is_cancelled = after.order.status == OrderStatus.CANCELLED
    assert len(gateway.refunds()) == int(is_cancelled)
    assert is_cancelled or after.order.payment_status == PaymentStatus.PAID


def test_captures_at_two_gateways_at_once_pay_once_and_one_goes_back(gateway, bank):
    order = make_placed_order()
    first, second = gateway.start(order), start(order)
    gateway.pay(first)
    bank.pay(second)
    at_once([lambda pk=one.pk: ask_gateway(payment_id=pk) for one in (first, second)])
    order.refresh_from_db()
    assert (order.payment_status, order.amount_paid) == (PaymentStatus.PAID, order.total_amount)
    assert Payment.objects.filter(is_surplus=True).count() == 1
    assert Refund.objects.get().payment.is_surplus
