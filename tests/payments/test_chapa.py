import json
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest
import requests

from config.errors import InvalidInput
from orders.models import OrderStatus, PaymentStatus
from orders.services.lifecycle import SYSTEM, cancel_order
from payments.errors import GatewayError, NothingToRefund
from payments.gateways.chapa import Chapa, to_major
from payments.models import GatewayEvent, Payment, PaymentState, Refund, RefundState
from payments.sandbox.chapa.ledger import TRANSACTION
from payments.services.ask import ask_gateway
from payments.services.choice import gateways_for
from payments.services.expiry import expire_unpaid_orders
from payments.services.initiate import initiate_payment
from payments.services.reconcile import reconcile_payments
from payments.services.refunds import request_refund, send_pending_refunds, send_refund
from tests.orders.factories import make_placed_order

from .bank import HEADERS, deliver, settled

pytestmark = pytest.mark.django_db

VECTORS = json.loads((Path(__file__).parent / "vectors.json").read_text())["vectors"]
BAD_NUMBER = "0911000000"
VERIFY = "/chapa/v1/transaction/verify/*"


@pytest.fixture(autouse=True)
def _store_in_birr(settings):
    settings.STORE_CURRENCY = "ETB"


def start(order):
    return initiate_payment(order_id=order.pk, gateway_id="chapa").payment


def pay(bank, payment, **how):
    return bank.act("pay", gateway="chapa", tx_ref=payment.gateway_order_id, **how)


def transactions(bank):
    return bank.server.protocol("chapa").state()["transactions"]


def refunds(bank):
    return bank.server.protocol("chapa").state()["refunds"]


def edit(bank, tx_ref, /, **fields):
    store = bank.server.store
    with store.transaction():
        store.save({**store.get(TRANSACTION, tx_ref), **fields})


def make_due():
    Payment.objects.update(next_ask_at=settled(Payment.objects.first()).created_at)


def assert_paid(payment):
    after = settled(payment)
    assert (after.status, after.amount_captured) == (PaymentState.SUCCEEDED, payment.amount)
    assert (after.order.status, after.order.payment_status) == ("confirmed", "paid")
    assert after.order.amount_paid == after.order.total_amount
    assert not Refund.objects.exists()


def assert_unpaid(payment):
    after = settled(payment)
    assert (after.amount_captured, after.order.amount_paid) == (0, 0)
    assert (after.order.status, after.order.payment_status) == ("pending", "pending")


# Signatures and amounts


@pytest.mark.parametrize(
    "vector", [v for v in VECTORS if v["gateway"] == "chapa"], ids=lambda v: v["id"]
)
def test_a_webhook_is_known_by_the_signature_of_its_body(settings, vector):
    settings.CHAPA_WEBHOOK_SECRET = vector["key"]
    body = vector.get("received_body", vector["body"]).encode()
    assert Chapa().is_signed(body, vector["headers"]) is vector["valid"]


def test_no_webhook_is_signed_where_there_is_no_secret(settings):
    settings.CHAPA_WEBHOOK_SECRET = ""
    vector = next(v for v in VECTORS if v["id"] == "chapa-1-success")
    assert not Chapa().is_signed(vector["body"].encode(), vector["headers"])


@pytest.mark.parametrize(
    ("amount", "currency", "text"),
    [
        ("149.5", "ETB", "149.50"),
        ("10", "USD", "10.00"),
        ("1.234", "ETB", None),
        ("10", "INR", None),
    ],
)
def test_amounts_travel_as_decimals_of_the_major_unit(amount, currency, text):
    if text:
        assert to_major(Decimal(amount), currency) == text
        return
    with pytest.raises(GatewayError) as refusal:
        to_major(Decimal(amount), currency)
    assert not refusal.value.is_retryable


# Start


def test_starting_opens_a_checkout_page_and_a_second_call_finds_it(bank, api):
    order = make_placed_order()
    api.force_authenticate(order.user)
    body = {"order_id": str(order.pk), "gateway": "chapa"}
    answer = api.post("/api/v1/payments/initiate/", body)
    payment = Payment.objects.get()
    (made,) = transactions(bank)
    assert answer.status_code == 201
    assert answer.json()["chapa"] == {
        "checkout_url": f"{bank.server.url}/chapa/checkout/{made['link']}",
        "tx_ref": payment.receipt,
    }
    assert (made["tx_ref"], made["amount"], made["currency"]) == (payment.receipt, "150.00", "ETB")
    assert made["return_url"].endswith(f"/api/v1/payments/verify/{payment.pk}/")
    again = api.post("/api/v1/payments/initiate/", body)
    assert (again.status_code, again.json()) == (200, answer.json())


def test_rupees_are_not_taken(bank, settings):
    settings.STORE_CURRENCY = "INR"
    order = make_placed_order()
    assert "chapa" not in gateways_for(order)
    with pytest.raises(InvalidInput):
        start(order)
    assert not Payment.objects.exists()


def test_without_a_key_it_is_not_offered(settings):
    settings.CHAPA_SECRET_KEY = ""
    assert "chapa" not in gateways_for(make_placed_order())


@pytest.mark.parametrize("mode", ["error500", "html502", "error429", "drop_connection"])
def test_a_gateway_that_is_down_can_be_tried_again_under_the_same_receipt(bank, mode):
    order = make_placed_order()
    bank.fault("/chapa/v1/transaction/initialize", mode)
    with pytest.raises(GatewayError):
        start(order)
    kept = Payment.objects.get()
    assert (kept.status, kept.leased_until) == (PaymentState.CREATED, None)
    assert start(order) == kept
    assert len(transactions(bank)) == 1


def test_a_page_whose_address_was_lost_is_replaced_and_its_money_still_counts(bank, settings):
    settings.PAYMENT_TIMEOUT = 0.3
    order = make_placed_order()
    bank.fault("/chapa/v1/transaction/initialize", "hang_after_commit", seconds=1)
    with pytest.raises(GatewayError):
        start(order)
    settings.PAYMENT_TIMEOUT = 10
    payment = start(order)
    lost = Payment.objects.exclude(pk=payment.pk).get()
    assert (lost.status, lost.open_for, lost.gateway_order_id) == ("cancelled", None, lost.receipt)
    assert payment.checkout_url
    assert {one["tx_ref"] for one in transactions(bank)} == {lost.receipt, payment.receipt}
    assert start(order) == payment
    pay(bank, lost)
    ask_gateway(payment_id=lost.pk)
    assert_paid(lost)
    assert settled(payment).status == PaymentState.CANCELLED


def test_a_reconciliation_between_leaves_the_lost_page_to_the_next_start(bank, settings):
    settings.PAYMENT_TIMEOUT = 0.3
    order = make_placed_order()
    bank.fault("/chapa/v1/transaction/initialize", "hang_after_commit", seconds=1)
    with pytest.raises(GatewayError):
        start(order)
    settings.PAYMENT_TIMEOUT = 10
    make_due()
    assert reconcile_payments() == 1
    assert start(order).checkout_url


# Paying


def test_a_webhook_pays_the_order_after_the_gateway_was_asked(bank, api):
    payment = start(make_placed_order())
    pay(bank, payment)
    deliver(api, *bank.events())
    assert_paid(payment)
    assert settled(payment).method == "telebirr"


def test_five_deliveries_and_verify_before_and_after_pay_once(bank, api):
    payment = start(make_placed_order())
    pay(bank, payment)
    ask_gateway(payment_id=payment.pk)
    deliver(api, *bank.events() * 5)
    ask_gateway(payment_id=payment.pk)
    assert GatewayEvent.objects.count() == 1
    assert_paid(payment)


def test_a_failure_and_then_success_on_the_same_page_pays_whatever_comes_first(bank, api):
    payment = start(make_placed_order())
    pay(bank, payment, number=BAD_NUMBER)
    ask_gateway(payment_id=payment.pk)
    assert settled(payment).status == PaymentState.FAILED
    pay(bank, payment)
    failed, succeeded = bank.events()
    deliver(api, succeeded, failed)
    assert_paid(payment)


def test_after_a_failure_a_new_payment_is_made_and_both_paid_sends_one_back(bank):
    order = make_placed_order()
    first = start(order)
    pay(bank, first, number=BAD_NUMBER)
    ask_gateway(payment_id=first.pk)
    second = start(order)
    assert second != first
    pay(bank, second)
    pay(bank, first)
    ask_gateway(payment_id=second.pk)
    ask_gateway(payment_id=first.pk)
    assert settled(second).order.amount_paid == order.total_amount
    assert settled(first).is_surplus
    assert Refund.objects.get().payment == first


def test_a_signed_webhook_about_what_was_not_paid_changes_nothing(bank, api):
    payment, other = start(make_placed_order()), start(make_placed_order())
    pay(bank, other)
    (event,) = bank.events()
    claim = {**json.loads(event.body), "tx_ref": payment.gateway_order_id}
    deliver(api, replace(event, body=json.dumps(claim).encode()))
    assert_unpaid(payment)


def test_a_webhook_with_the_constant_signature_alone_is_refused(bank, api):
    payment = start(make_placed_order())
    pay(bank, payment)
    (event,) = bank.events()
    headers = {"chapa-signature": HEADERS["chapa"](event)["chapa-signature"]}
    answer = api.post(
        "/api/v1/payments/webhooks/chapa/",
        event.body,
        content_type="application/json",
        headers=headers,
    )
    assert (answer.status_code, answer.json()["code"]) == (400, "signature_invalid")
    assert [event.status for event in GatewayEvent.objects.all()] == ["refused"]


@pytest.mark.parametrize("change", [{"amount": "1.00"}, {"currency": "USD"}])
def test_another_amount_or_currency_asks_for_a_person(bank, change):
    payment = start(make_placed_order())
    pay(bank, payment)
    edit(bank, payment.gateway_order_id, **change)
    ask_gateway(payment_id=payment.pk)
    assert_unpaid(payment)
    assert "not what was asked for" in settled(payment).needs_person


def test_an_answer_about_another_transaction_is_not_believed(bank):
    payment = start(make_placed_order())
    pay(bank, payment)
    edit(bank, payment.gateway_order_id, tx_ref="somebody-elses")
    with pytest.raises(GatewayError):
        ask_gateway(payment_id=payment.pk)
    assert_unpaid(payment)


@pytest.mark.parametrize("mode", ["error500", "html502", "drop_connection"])
def test_a_gateway_that_does_not_answer_leaves_the_payment_open(bank, mode):
    payment = start(make_placed_order())
    pay(bank, payment)
    bank.fault(VERIFY, mode)
    with pytest.raises(GatewayError) as silence:
        ask_gateway(payment_id=payment.pk)
    assert silence.value.is_retryable
    assert_unpaid(payment)
    ask_gateway(payment_id=payment.pk)
    assert_paid(payment)


def test_a_webhook_whose_question_got_no_answer_is_handled_later(bank, api):
    payment = start(make_placed_order())
    pay(bank, payment)
    bank.fault(VERIFY, "error500")
    deliver(api, *bank.events())
    assert_unpaid(payment)
    make_due()
    reconcile_payments()
    assert_paid(payment)


def test_the_customer_pays_on_the_page_and_comes_back_to_the_order(bank, api):
    payment = start(make_placed_order())
    page = requests.get(payment.checkout_url, timeout=10)
    assert "150.00 ETB" in page.text
    number = {"number": "0900123456"}
    sent = requests.post(payment.checkout_url, number, allow_redirects=False, timeout=10)
    back = sent.headers["Location"]
    assert (sent.status_code, back.endswith(f"verify/{payment.pk}/")) == (303, True)
    answer = api.get(f"/api/v1/payments/verify/{payment.pk}/?status=failed&trx_ref=forged")
    assert answer.status_code == 303
    assert answer["Location"].endswith(f"/orders/{payment.order.number}?payment={payment.pk}")
    assert_paid(payment)


def test_an_unpaid_payment_is_not_paid_by_its_return_address(bank, api):
    payment = start(make_placed_order())
    api.get(f"/api/v1/payments/verify/{payment.pk}/?status=success")
    assert_unpaid(payment)


def test_an_order_that_was_paid_just_in_time_does_not_expire(bank):
    payment = start(make_placed_order())
    pay(bank, payment)
    order = payment.order
    order.expires_at = order.created_at
    order.save()
    assert expire_unpaid_orders() == 0
    assert_paid(payment)


# Refunds


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


def end(bank, refund, status="refunded"):
    return bank.act("refund", gateway="chapa", ref_id=refund.gateway_refund_id, status=status)


def test_a_refund_is_sent_and_its_webhook_ends_it(bank, api, paid):
    refund = refund_of(paid, amount=Decimal("50.00"))
    (made,) = refunds(bank)
    assert (made["merchant_reference"], made["amount"]) == (str(refund.pk), "50.00")
    assert (refund.status, refund.gateway_refund_id) == (RefundState.PENDING, made["id"])
    end(bank, refund)
    deliver(api, bank.events()[-1])
    after = settled(paid)
    assert (after.status, after.amount_refunded) == ("partially_refunded", Decimal("50.00"))
    assert after.needs_person == ""


def test_a_refund_whose_webhook_never_came_is_found(bank, paid):
    refund = refund_of(paid)
    end(bank, refund)
    make_due()
    reconcile_payments()
    assert settled(paid).order.payment_status == PaymentStatus.REFUNDED


def test_a_refund_that_comes_back_is_told_to_staff(bank, api, paid):
    refund = refund_of(paid)
    end(bank, refund, "reversed")
    deliver(api, bank.events()[-1])
    refund.refresh_from_db()
    assert refund.status == RefundState.FAILED
    assert settled(paid).needs_person
    assert settled(paid).amount_refunded == 0


def test_never_more_goes_back_than_came(bank, paid):
    refund_of(paid, amount=Decimal("100.00"))
    with pytest.raises(InvalidInput):
        refund_of(paid, amount=Decimal("50.01"))
    refund_of(paid, amount=Decimal("50.00"))
    with pytest.raises(NothingToRefund):
        refund_of(paid)
    assert sum(Decimal(one["amount"]) for one in refunds(bank)) == paid.amount


def test_a_refund_whose_answer_was_lost_is_found_and_not_sent_twice(bank, paid, settings):
    settings.PAYMENT_TIMEOUT = 0.3
    bank.fault("/chapa/v1/refund/*", "hang_after_commit", seconds=1)
    refund = refund_of(paid, amount=Decimal("20.00"))
    assert refund.gateway_refund_id is None
    settings.PAYMENT_TIMEOUT = 10
    send_refund(refund_id=refund.pk)
    refund.refresh_from_db()
    (made,) = refunds(bank)
    assert refund.gateway_refund_id == made["id"]


def test_a_refund_begun_in_the_dashboard_asks_for_a_person(bank, api, paid):
    bank.act("refund", gateway="chapa", tx_ref=paid.gateway_order_id, amount="10.00")
    deliver(api, bank.events()[-1])
    assert "look at its dashboard" in settled(paid).needs_person


def test_the_money_of_a_cancelled_order_goes_back(bank):
    payment = start(make_placed_order())
    cancel_order(order_id=payment.order_id, actor=SYSTEM)
    pay(bank, payment)
    ask_gateway(payment_id=payment.pk)
    send_pending_refunds()
    (made,) = refunds(bank)
    assert Decimal(made["amount"]) == payment.amount
    end(bank, Refund.objects.get())
    ask_gateway(payment_id=payment.pk)
    after = settled(payment)
    assert (after.order.status, after.order.payment_status) == (OrderStatus.CANCELLED, "refunded")


def test_a_tx_ref_is_taken_once_for_ever(bank, settings):
    payment = start(make_placed_order())
    with pytest.raises(GatewayError, match="has been used before"):
        Chapa().create_order(payment)
    settings.CHAPA_SECRET_KEY = "CHASECK_TEST-wrong"
    with pytest.raises(GatewayError) as refusal:
        Chapa().create_order(payment)
    assert refusal.value.is_retryable
