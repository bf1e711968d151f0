"""Everything that can happen to the money of orders, at once; afterwards the books must agree."""

import random
from collections import Counter
from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from catalog.models import Stock
from config.errors import DomainError
from notifications.models import Message
from orders.models import Order, OrderLine, OrderStatus
from orders.services.lifecycle import SYSTEM, advance_order, cancel_order
from payments.models import EventState, GatewayEvent, Payment, Refund
from payments.services.ask import ask_gateway
from payments.services.events import handle_pending_events
from payments.services.expiry import expire_unpaid_orders
from payments.services.reconcile import reconcile_payments
from payments.services.refunds import request_refund, send_pending_refunds, send_refund
from tests.catalog.factories import make_variant
from tests.orders.factories import make_placed_order
from tests.payments.bank import deliver, start

from .races import run_together

pytestmark = pytest.mark.django_db(transaction=True)

ORDERS = 8


def tried(call):
    """Run a job, taking the refusals that others at work may cause for an answer."""

    def run():
        try:
            call()
            return "done"
        except DomainError as refusal:
            return refusal.code

    return run


def half_back(payment):
    refund = request_refund(payment_id=payment.pk, amount=Decimal("75.00"))
    send_refund(refund_id=refund.pk)


def jobs_of(order, payment):
    return [
        lambda: ask_gateway(payment_id=payment.pk),
        lambda: ask_gateway(payment_id=payment.pk),
        lambda: start(order),
        lambda: cancel_order(order_id=order.pk, actor=SYSTEM),
        lambda: half_back(payment),
        lambda: half_back(payment),
        lambda: half_back(payment),
        lambda: advance_order(order_id=order.pk, to_status="shipped", actor=SYSTEM),
    ]


def calm_down(bank):
    """Let all webhooks arrive and all sweeps run, as the next hours would."""
    for _ in range(3):
        bank.end_refunds()
        deliver(APIClient(), *bank.events())
        later = timezone.now() - timedelta(seconds=1)
        GatewayEvent.objects.update(next_attempt_at=later, leased_until=None)
        Refund.objects.update(next_attempt_at=later, leased_until=None)
        Payment.objects.exclude(next_ask_at=None).update(next_ask_at=later)
        handle_pending_events()
        send_pending_refunds()
        reconcile_payments()


@pytest.mark.parametrize("seed", [1, 2])
def test_after_a_storm_bank_orders_and_stock_agree(bank, seed):
    draw = random.Random(seed)
    variant = make_variant(on_hand=50)
    jobs = [handle_pending_events, expire_unpaid_orders, send_pending_refunds, reconcile_payments]
    jobs *= 2
    for number in range(ORDERS):
        order = make_placed_order(variants=[variant])
        payment = start(order)
        bank.pay(payment)
        if number % 2:
            Order.objects.filter(pk=order.pk).update(expires_at=timezone.now())
        jobs += jobs_of(order, payment)
    events = [event for event in bank.events() for _ in range(2)]
    jobs += [lambda event=event: deliver(APIClient(), event) for event in events]
    draw.shuffle(jobs)
    result = Counter(run_together(*[tried(job) for job in jobs]))
    assert set(result) <= {"done", "conflict", "invalid_transition", "already_paid"}
    calm_down(bank)

    at_bank = {row["id"]: row for row in bank.server.razorpay.state()["payments"]}
    held = 0
    for order in Order.objects.all():
        kept = Decimal(0)
        for payment in order.payments.all():
            row = at_bank[payment.gateway_payment_id]
            assert payment.amount_refunded == Decimal(row["amount_refunded"]) / 100
            assert payment.amount_captured == Decimal(row["amount"]) / 100
            kept += payment.amount_captured - payment.amount_refunded
        assert order.amount_paid - order.amount_refunded == kept
        if order.status == OrderStatus.CANCELLED:
            assert (kept, order.payment_status) == (0, "refunded")
        held += order.status == OrderStatus.CONFIRMED
    sent = OrderLine.objects.filter(shipped_quantity=1).count()
    stock = Stock.objects.get(pk=variant.pk)
    assert (stock.on_hand, stock.reserved) == (50 - sent, held)
    assert not GatewayEvent.objects.exclude(status=EventState.HANDLED).exists()
    assert not Refund.objects.filter(status="pending").exists()
    assert Message.objects.filter(kind="order_placed").count() == ORDERS
    assert Message.objects.filter(kind="payment_received").count() <= ORDERS
