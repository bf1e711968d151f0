from decimal import Decimal

import pytest

from config.errors import InvalidInput
from orders.models import PaymentStatus
from orders.services.lifecycle import SYSTEM, cancel_order
from payments.errors import NothingToRefund
from payments.models import Refund, RefundState
from payments.services.ask import ask_gateway
from payments.services.reconcile import reconcile_payments
from payments.services.refunds import request_refund, send_pending_refunds, send_refund
from tests.orders.factories import make_placed_order

from .bank import deliver, settled
from .stripe_calls import make_due, pay, refunds, start

pytestmark = pytest.mark.django_db


# Refunds and disputes


@pytest.fixture
def paid(bank):
    payment = start(make_placed_order())
    pay(bank, payment)
    return ask_gateway(payment_id=payment.pk)


def refund_of(payment, **fields):
    refund = request_refund(payment_id=payment.pk, **fields)
    send_refund(refund_id=refund.pk)
    refund.refresh_from_db()
    return refund


def end(bank, refund_id, status="succeeded"):
    return bank.act("refund", gateway="stripe", refund_id=refund_id, status=status)


def test_a_refund_is_sent_and_its_webhook_ends_it(bank, api, paid):
    refund = refund_of(paid, amount=Decimal("50.00"))
    (made,) = refunds(bank)
    assert (made["metadata"], made["amount"]) == ({"refund": str(refund.pk)}, 5000)
    assert (refund.status, refund.gateway_refund_id) == (RefundState.PENDING, made["id"])
    end(bank, made["id"])
    deliver(api, *bank.events())
    after = settled(paid)
    assert (after.status, after.amount_refunded) == ("partially_refunded", Decimal("50.00"))
    assert after.order.amount_refunded == Decimal("50.00")
    assert after.needs_person == ""


def test_a_refund_whose_webhook_never_came_is_found(bank, paid):
    end(bank, refund_of(paid).gateway_refund_id)
    make_due()
    reconcile_payments()
    assert settled(paid).order.payment_status == PaymentStatus.REFUNDED


def test_a_refund_that_fails_is_told_to_staff_even_after_it_was_done(bank, api, paid):
    refund = refund_of(paid, amount=Decimal("50.00"))
    end(bank, refund.gateway_refund_id)
    end(bank, refund.gateway_refund_id, "failed")
    deliver(api, *bank.events("refund.updated", "refund.failed"))
    refund.refresh_from_db()
    assert refund.status == RefundState.PROCESSED
    assert "came back" in settled(paid).needs_person


def test_never_more_goes_back_than_came(bank, paid):
    refund_of(paid, amount=Decimal("100.00"))
    with pytest.raises(InvalidInput):
        refund_of(paid, amount=Decimal("50.01"))
    refund_of(paid, amount=Decimal("50.00"))
    with pytest.raises(NothingToRefund):
        refund_of(paid)
    assert sum(one["amount"] for one in refunds(bank)) == 15000


def test_a_refund_whose_answer_was_lost_is_found_and_not_sent_twice(bank, paid, settings):
    settings.PAYMENT_TIMEOUT = 0.3
    bank.fault("/stripe/v1/refunds", "hang_after_commit", seconds=1)
    refund = refund_of(paid, amount=Decimal("20.00"))
    assert refund.gateway_refund_id is None
    settings.PAYMENT_TIMEOUT = 10
    send_refund(refund_id=refund.pk)
    refund.refresh_from_db()
    (made,) = refunds(bank)
    assert refund.gateway_refund_id == made["id"]


def test_a_refund_begun_in_the_dashboard_is_recorded(bank, api, paid):
    made = bank.act("refund", gateway="stripe", payment_intent=paid.gateway_order_id, amount=1000)
    end(bank, made["id"])
    deliver(api, *bank.events("charge.refunded"))
    refund = Refund.objects.get()
    assert (refund.amount, refund.status) == (Decimal("10.00"), RefundState.PROCESSED)
    assert settled(paid).amount_refunded == Decimal("10.00")


def test_a_dispute_asks_for_a_person(bank, api, paid):
    bank.act("dispute", gateway="stripe", intent_id=paid.gateway_order_id)
    deliver(api, *bank.events("charge.dispute.created"))
    assert "needs_response: fraudulent" in settled(paid).needs_person


def test_the_money_of_a_cancelled_order_goes_back(bank):
    payment = start(make_placed_order())
    cancel_order(order_id=payment.order_id, actor=SYSTEM)
    pay(bank, payment)
    ask_gateway(payment_id=payment.pk)
    send_pending_refunds()
    (made,) = refunds(bank)
    assert made["amount"] == 15000
    end(bank, made["id"])
    ask_gateway(payment_id=payment.pk)
    after = settled(payment)
    assert (after.order.status, after.order.payment_status) == ("cancelled", "refunded")
