from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from config.errors import InvalidInput
from orders.models import OrderStatus, PaymentStatus
from orders.services.lifecycle import SYSTEM, cancel_order
from payments.errors import NothingToRefund
from payments.models import Payment, PaymentState, Refund, RefundState
from payments.services.ask import ask_gateway
from payments.services.refunds import request_refund, send_pending_refunds, send_refund
from tests.accounts.factories import make_staff
from tests.orders.factories import make_placed_order

from .bank import deliver, settled, start

pytestmark = pytest.mark.django_db


@pytest.fixture
def paid(bank):
    """A captured payment of 150.00 and its gateway payment."""
    payment = start(make_placed_order())
    bank.pay(payment)
    return ask_gateway(payment_id=payment.pk)


def due_now():
    Refund.objects.update(next_attempt_at=timezone.now())


def test_a_refund_is_sent_and_counts_when_it_has_arrived(bank, api, paid):
    refund = request_refund(payment_id=paid.pk, amount=Decimal("40.00"), reason="Late")
    send_refund(refund_id=refund.pk)
    (sent,) = bank.refunds()
    refund.refresh_from_db()
    assert (sent["amount"], sent["receipt"]) == (4000, str(refund.pk))
    assert (refund.status, refund.gateway_refund_id) == (RefundState.PENDING, sent["id"])
    assert settled(paid).amount_refunded == 0
    bank.end_refunds()
    deliver(api, *bank.events(), *bank.events())
    after = settled(paid)
    assert (after.status, after.amount_refunded) == (PaymentState.PARTIALLY_REFUNDED, 40)
    assert after.order.payment_status == PaymentStatus.PARTIALLY_REFUNDED
    assert after.order.amount_refunded == 40
    assert Refund.objects.get().status == RefundState.PROCESSED


def test_the_refund_that_webhooks_tell_before_our_answer_is_ours(bank, api, paid, settings):
    refund = request_refund(payment_id=paid.pk)
    settings.PAYMENT_TIMEOUT = 0.3
    bank.fault("/v1/payments/*/refund", "hang_after_commit", seconds=1)
    send_refund(refund_id=refund.pk)
    settings.PAYMENT_TIMEOUT = 10
    bank.end_refunds()
    deliver(api, *bank.events("refund.created", "refund.processed"))
    refund.refresh_from_db()
    assert refund.status == RefundState.PROCESSED
    assert settled(paid).status == PaymentState.REFUNDED
    due_now()
    assert send_pending_refunds() == 0
    assert len(bank.refunds()) == 1


def test_a_refund_without_an_answer_is_tried_again_and_sent_once(bank, paid, settings):
    refund = request_refund(payment_id=paid.pk)
    settings.PAYMENT_TIMEOUT = 0.3
    bank.fault("/v1/payments/*/refund", "hang_after_commit", seconds=1)
    send_refund(refund_id=refund.pk)
    refund.refresh_from_db()
    assert (refund.status, refund.gateway_refund_id) == (RefundState.PENDING, None)
    assert refund.next_attempt_at > timezone.now()
    settings.PAYMENT_TIMEOUT = 10
    due_now()
    send_pending_refunds()
    refund.refresh_from_db()
    assert [sent["id"] for sent in bank.refunds()] == [refund.gateway_refund_id]


def test_a_refund_that_somebody_is_sending_is_left_alone(bank, paid):
    refund = request_refund(payment_id=paid.pk)
    Refund.objects.update(leased_until=timezone.now() + timedelta(seconds=30))
    send_refund(refund_id=refund.pk)
    assert bank.refunds() == []


def test_never_more_than_was_captured_goes_back(bank, paid):
    half = paid.amount / 2
    request_refund(payment_id=paid.pk, amount=half)
    with pytest.raises(InvalidInput) as refusal:
        request_refund(payment_id=paid.pk, amount=half + 1)
    assert list(refusal.value.details) == ["amount"]
    assert request_refund(payment_id=paid.pk).amount == half
    with pytest.raises(NothingToRefund):
        request_refund(payment_id=paid.pk)
    assert Refund.objects.count() == 2


@pytest.mark.parametrize("amount", ["0", "-1", "10.005"])
def test_what_is_no_amount_of_the_currency_is_not_refunded(paid, amount):
    with pytest.raises(InvalidInput) as refusal:
        request_refund(payment_id=paid.pk, amount=Decimal(amount))
    assert refusal.value.details == {"amount": ["Give a multiple of 0.01 INR."]}
    assert not Refund.objects.exists()


def test_an_open_payment_has_nothing_to_refund(bank):
    payment = start(make_placed_order())
    with pytest.raises(NothingToRefund):
        request_refund(payment_id=payment.pk)
    assert not Refund.objects.exists()


def test_a_refused_refund_fails_and_can_be_tried_again(bank, paid):
    gateway_payment_id = paid.gateway_payment_id
    Payment.objects.filter(pk=paid.pk).update(gateway_payment_id="pay_unknown0000000")
    refund = request_refund(payment_id=paid.pk, idempotency_key="k")
    send_refund(refund_id=refund.pk)
    refund.refresh_from_db()
    assert refund.status == RefundState.FAILED
    assert "does not exist" in refund.error
    assert "failed" in settled(paid).needs_person
    Payment.objects.filter(pk=paid.pk).update(gateway_payment_id=gateway_payment_id)
    again = request_refund(payment_id=paid.pk, idempotency_key="k")
    assert again != refund
    send_refund(refund_id=again.pk)
    assert len(bank.refunds()) == 1


def test_a_refund_that_the_bank_fails_frees_its_amount(bank, api, paid):
    refund = request_refund(payment_id=paid.pk)
    send_refund(refund_id=refund.pk)
    bank.end_refunds("failed")
    deliver(api, *bank.events("refund.failed"))
    refund.refresh_from_db()
    assert refund.status == RefundState.FAILED
    assert settled(paid).amount_refunded == 0
    assert settled(paid).needs_person
    assert request_refund(payment_id=paid.pk).amount == paid.amount


def test_the_same_key_finds_its_refund(bank, paid):
    first = request_refund(payment_id=paid.pk, amount=Decimal(1), idempotency_key="k" * 64)
    assert request_refund(payment_id=paid.pk, amount=Decimal(1), idempotency_key="k" * 64) == first


def test_a_key_of_yesterday_is_a_new_refund(bank, paid):
    fields = {"payment_id": paid.pk, "amount": Decimal("10.00"), "idempotency_key": "k"}
    first = request_refund(**fields)
    Refund.objects.update(created_at=timezone.now() - timedelta(hours=24))
    assert request_refund(**fields).pk != first.pk


def test_a_refund_from_the_dashboard_is_recorded_as_of_unknown_author(bank, api, paid):
    bank.act("refund", payment_id=paid.gateway_payment_id, amount=3000)
    bank.end_refunds()
    deliver(api, *bank.events("refund.created", "refund.processed"))
    refund = Refund.objects.get()
    assert (refund.amount, refund.requested_by) == (30, None)
    assert refund.reason == "Begun at the gateway."
    assert settled(paid).amount_refunded == 30
    assert settled(paid).order.amount_refunded == 30


def test_a_refund_from_the_dashboard_is_found_without_its_webhook(bank, paid):
    bank.act("refund", payment_id=paid.gateway_payment_id)
    ask_gateway(payment_id=paid.pk)
    assert Refund.objects.get().status == RefundState.PENDING
    bank.end_refunds()
    ask_gateway(payment_id=paid.pk)
    assert Refund.objects.get().status == RefundState.PROCESSED
    assert settled(paid).status == PaymentState.REFUNDED


def test_refund_events_do_not_go_backwards(bank, api, paid):
    refund = request_refund(payment_id=paid.pk)
    send_refund(refund_id=refund.pk)
    bank.end_refunds()
    deliver(api, *bank.events("refund.processed", "refund.created"))
    refund.refresh_from_db()
    assert refund.status == RefundState.PROCESSED
    assert settled(paid).amount_refunded == paid.amount


def test_the_cancellation_of_a_paid_order_refunds_it_in_full(bank, api, paid):
    cancel_order(order_id=paid.order_id, actor=SYSTEM)
    refund = Refund.objects.get()
    assert (refund.amount, refund.cause) == (paid.amount, f"order-cancelled:{paid.pk}")
    assert send_pending_refunds() == 1
    bank.end_refunds()
    deliver(api, *bank.events())
    after = settled(paid)
    assert after.order.status == OrderStatus.CANCELLED
    assert after.order.payment_status == PaymentStatus.REFUNDED
    assert (after.status, after.amount_refunded) == (PaymentState.REFUNDED, paid.amount)
    assert Refund.objects.count() == 1


def test_a_cancellation_refunds_only_what_is_left(bank, paid):
    request_refund(payment_id=paid.pk, amount=Decimal(30))
    cancel_order(order_id=paid.order_id, actor=SYSTEM)
    owed = Refund.objects.exclude(cause=None).get()
    assert owed.amount == paid.amount - 30


@pytest.mark.parametrize("tries", [9, 300])
def test_after_ten_tries_staff_are_told_and_the_refund_is_tried_on(bank, paid, tries):
    refund = request_refund(payment_id=paid.pk)
    Refund.objects.update(attempts=tries)
    bank.fault("/v1/payments/*/refunds", "error500")
    send_refund(refund_id=refund.pk)
    refund.refresh_from_db()
    assert (refund.status, refund.attempts) == (RefundState.PENDING, tries + 1)
    assert refund.next_attempt_at > timezone.now()
    assert f"{tries + 1} times" in settled(paid).needs_person


@pytest.mark.parametrize("amount", ["", " ", "\x00", [], "all"])
def test_an_amount_that_is_no_number_is_not_taken_for_all(bank, api, paid, amount):
    api.force_authenticate(make_staff())
    answer = api.post(f"/api/v1/payments/{paid.pk}/refund/", {"amount": amount, "reason": ""})
    assert (answer.status_code, list(answer.json()["details"])) == (400, ["amount"])
    assert not Refund.objects.exists()


def test_null_is_all_that_is_left(bank, api, paid):
    api.force_authenticate(make_staff())
    answer = api.post(f"/api/v1/payments/{paid.pk}/refund/", {"amount": None, "reason": ""})
    assert (answer.status_code, answer.json()["amount"]) == (201, "150.00")
