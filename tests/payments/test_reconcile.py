from datetime import timedelta

import pytest
from django.core.management import call_command
from django.utils import timezone

from orders.models import OrderStatus
from payments.models import Payment, PaymentState
from payments.services.ask import ask_gateway
from payments.services.reconcile import reconcile_payments
from payments.services.refunds import request_refund, send_refund
from tests.orders.factories import make_placed_order

from .bank import DECLINED, settled, start

pytestmark = pytest.mark.django_db


def make_due():
    Payment.objects.update(next_ask_at=timezone.now())


def test_a_capture_that_nobody_told_us_is_found(bank, capsys):
    payment = start(make_placed_order())
    bank.pay(payment)
    make_due()
    call_command("reconcile_payments")
    assert "about 1 payments" in capsys.readouterr().out
    found = settled(payment)
    assert (found.status, found.order.status) == (PaymentState.SUCCEEDED, OrderStatus.CONFIRMED)
    assert found.next_ask_at - timezone.now() > timedelta(hours=23)


def test_a_young_payment_is_not_asked_about(bank):
    payment = start(make_placed_order())
    bank.pay(payment)
    assert reconcile_payments() == 0
    assert settled(payment).status == PaymentState.PENDING


def test_a_failed_try_does_not_hide_the_capture_after_it(bank):
    payment = start(make_placed_order())
    bank.pay(payment, card=DECLINED)
    bank.pay(payment)
    make_due()
    reconcile_payments()
    assert settled(payment).status == PaymentState.SUCCEEDED


def test_a_failed_payment_is_noted_and_asked_about_again(bank):
    payment = start(make_placed_order())
    bank.pay(payment, card=DECLINED)
    make_due()
    reconcile_payments()
    assert settled(payment).status == PaymentState.FAILED
    assert settled(payment).next_ask_at > timezone.now()
    bank.pay(payment)
    make_due()
    reconcile_payments()
    assert settled(payment).status == PaymentState.SUCCEEDED


def test_a_failed_try_before_one_that_still_waits_does_not_close_the_payment(bank):
    payment = start(make_placed_order())
    bank.pay(payment, card=DECLINED)
    bank.pay(payment, vpa="pending@razorpay")
    make_due()
    reconcile_payments()
    assert settled(payment).status == PaymentState.PENDING


def test_a_payment_whose_start_got_no_answer_is_found_by_its_receipt(bank):
    payment = start(make_placed_order())
    bank.pay(payment)
    Payment.objects.update(gateway_order_id=None)
    make_due()
    assert reconcile_payments() == 1
    assert settled(payment).status == PaymentState.SUCCEEDED
    assert settled(payment).gateway_order_id == payment.gateway_order_id


def test_an_old_payment_is_not_asked_about_for_ever(bank):
    payment = start(make_placed_order())
    Payment.objects.update(created_at=timezone.now() - timedelta(days=8))
    make_due()
    reconcile_payments()
    assert settled(payment).next_ask_at is None


def test_a_silent_gateway_is_asked_once_a_round_and_again_the_next(bank):
    first, second = start(make_placed_order()), start(make_placed_order())
    bank.pay(first)
    bank.pay(second)
    make_due()
    bank.fault("/v1/*", "error500", times=1)
    assert reconcile_payments() == 0
    assert settled(first).status == PaymentState.PENDING
    assert reconcile_payments() == 2
    assert settled(second).status == PaymentState.SUCCEEDED


def test_a_payment_whose_answer_nobody_can_read_keeps_no_other_one_waiting(bank):
    strange, plain = start(make_placed_order()), start(make_placed_order())
    answer = bank.pay(strange)
    bank.edit_payment(answer["razorpay_payment_id"], status="melted")
    bank.pay(plain)
    make_due()
    Payment.objects.filter(pk=strange.pk).update(next_ask_at=timezone.now() - timedelta(days=1))
    assert [reconcile_payments(), reconcile_payments()] == [0, 1]
    assert settled(plain).status == PaymentState.SUCCEEDED


def test_a_payment_that_the_gateway_does_not_know_waits_and_stops_nobody(bank):
    unknown, known = start(make_placed_order()), start(make_placed_order())
    Payment.objects.filter(pk=unknown.pk).update(gateway_order_id="order_unknown00000")
    bank.pay(known)
    make_due()
    assert reconcile_payments() == 1
    assert settled(known).status == PaymentState.SUCCEEDED
    assert settled(unknown).next_ask_at > timezone.now()


def test_a_refund_that_has_begun_is_asked_about_soon(bank):
    payment = start(make_placed_order())
    bank.pay(payment)
    ask_gateway(payment_id=payment.pk)
    send_refund(refund_id=request_refund(payment_id=payment.pk).pk)
    assert settled(payment).next_ask_at - timezone.now() < timedelta(minutes=6)
    bank.end_refunds()
    make_due()
    reconcile_payments()
    assert settled(payment).status == PaymentState.REFUNDED
