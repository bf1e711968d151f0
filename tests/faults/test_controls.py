"""Controls: with a safeguard taken away, the faults leave a mess behind, and it is seen."""

import pytest
import requests

from payments.gateways.razorpay import Razorpay
from payments.services import refunds

from . import recovery
from .agreement import disagreements
from .faults import Cut, Death
from .plans import BY_NAME, HALF_BACK
from .runs import strike, watch

pytestmark = [pytest.mark.faults, pytest.mark.django_db(transaction=True)]


def after_call(plan, side, name):
    """The death between the gateway's answer to a call and our note of it."""
    return Death(watch(plan, side).steps.index(name) + 1)


def test_without_the_look_for_a_receipt_a_gateway_makes_two_orders(side, monkeypatch):
    plan = BY_NAME["initiate"]
    death = after_call(plan, side, "POST /v1/orders")
    assert not disagreements(strike(plan, side, death), plan.ends)
    monkeypatch.setattr(Razorpay, "find_order", lambda self, payment: None)
    wrong = disagreements(strike(plan, side, death), plan.ends)
    assert wrong == ["2 gateway orders under one receipt"]


def test_without_its_key_and_a_look_a_refund_is_sent_twice(side, monkeypatch):
    death = after_call(HALF_BACK, side, "POST /v1/payments/…/refund")
    assert not disagreements(strike(HALF_BACK, side, death), HALF_BACK.ends)
    send = requests.Session.send

    def send_without_key(self, request, **given):
        request.headers.pop("X-Refund-Idempotency", None)
        return send(self, request, **given)

    monkeypatch.setattr(requests.Session, "send", send_without_key)
    assert not disagreements(strike(HALF_BACK, side, death), HALF_BACK.ends)
    monkeypatch.setattr(refunds, "_found_again", lambda gateway, refund: None)
    purchase = strike(HALF_BACK, side, death)
    payment = purchase.payment
    sent = [each.amount for each in side.books().sent_back if each.receipt == payment.receipt]
    assert sent == [payment.amount / 2] * 2
    wrong = disagreements(purchase, HALF_BACK.ends)
    assert any(each.startswith("amount_refunded: 250.00") for each in wrong)


def test_without_reconciliation_a_payment_nobody_told_of_is_never_noticed(side, monkeypatch):
    plan = BY_NAME["verify"]
    without = [name for name in recovery.SWEEPS if name != "payments.tasks.reconcile_payments"]
    monkeypatch.setattr(recovery, "SWEEPS", without)
    purchase = strike(plan, side, Death(0))
    assert purchase.payment.status == "pending"
    assert "number of captures: 0 instead of 1" in disagreements(purchase, plan.ends)


def test_a_mail_whose_answer_is_lost_goes_out_twice_under_one_id(side):
    plan = BY_NAME["mail"]
    cut = Cut(watch(plan, side).steps.index("mail"), "done, answer lost")
    purchase = strike(plan, side, cut)
    seen = [each for each in disagreements(purchase, plan.ends) if "was taken 2 times" in each]
    assert len(seen) == 1
