import json
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest
import requests
import stripe
from django.conf import settings as django_settings

from config.models import IdempotencyKey
from orders.models import PaymentStatus
from payments.errors import GatewayError
from payments.gateways.stripe import Stripe, from_minor, to_minor
from payments.models import GatewayEvent, Payment, PaymentState, Refund
from payments.sandbox.stripe.ledger import INTENT
from payments.services.ask import ask_gateway
from payments.services.choice import gateways_for
from payments.services.events import handle_again
from payments.services.expiry import expire_unpaid_orders
from payments.services.reconcile import reconcile_payments
from tests.orders.factories import make_placed_order

from .bank import HEADERS, deliver, settled
from .bank import start as start_razorpay
from .stripe_calls import intents, make_due, pay, start

pytestmark = pytest.mark.django_db

VECTORS = json.loads((Path(__file__).parent / "vectors.json").read_text())["vectors"]
DECLINED = "4000000000000002"
NEEDS_ACTION = "4000002500003155"
INTENTS = "/stripe/v1/payment_intents"


def edit(bank, intent_id, **fields):
    store = bank.server.store
    with store.transaction():
        store.save({**store.get(INTENT, intent_id), **fields})


def assert_paid(payment):
    after = settled(payment)
    assert (after.status, after.amount_captured) == (PaymentState.SUCCEEDED, payment.amount)
    assert (after.order.status, after.order.payment_status) == ("confirmed", "paid")
    assert after.order.amount_paid == after.order.total_amount
    assert not Refund.objects.exists()


def assert_unpaid(payment):
    after = settled(payment)
    assert (after.amount_captured, after.order.amount_paid) == (0, 0)
    assert after.order.status == "pending"


# Signatures and amounts


@pytest.mark.parametrize(
    "vector", [v for v in VECTORS if v["gateway"] == "stripe"], ids=lambda v: v["id"]
)
def test_a_webhook_is_known_by_its_signature_and_age(settings, monkeypatch, vector):
    settings.STRIPE_WEBHOOK_SECRET = vector["key"]
    monkeypatch.setattr("time.time", lambda: vector["now"])
    assert Stripe().is_signed(vector["body"].encode(), vector["headers"]) is vector["valid"]


def test_a_webhook_is_good_for_just_under_five_minutes(settings, monkeypatch):
    vector = next(v for v in VECTORS if v["id"] == "stripe-3-too-old")
    settings.STRIPE_WEBHOOK_SECRET = vector["key"]
    monkeypatch.setattr("time.time", lambda: vector["timestamp"] + 299)
    assert Stripe().is_signed(vector["body"].encode(), vector["headers"])


@pytest.mark.parametrize(
    "header", ["", "nonsense", "t=1,v1=é", "t=x,v1=00", "v1=00", "t=1795100055, v1=00"]
)
def test_a_header_of_another_shape_is_no_signature(header):
    assert not Stripe().is_signed(b"{}", {"Stripe-Signature": header})
    assert not Stripe().is_signed(b"\xff", {"Stripe-Signature": "t=1,v1=00"})


@pytest.mark.parametrize(
    ("amount", "currency", "minor"),
    [
        ("149.90", "INR", 14990),
        ("150", "JPY", 150),
        ("150", "UGX", 15000),
        ("150", "ISK", 15000),
        ("12.340", "KWD", 12340),
        ("5", "MGA", 5),
        ("1.5", "JPY", None),
        ("1.5", "UGX", None),
        ("12.345", "KWD", None),
        ("1.234", "INR", None),
    ],
)
def test_amounts_travel_in_the_smallest_unit(amount, currency, minor):
    if minor is not None:
        assert to_minor(Decimal(amount), currency) == minor
        assert from_minor(minor, currency) == Decimal(amount)
        return
    with pytest.raises(GatewayError) as refusal:
        to_minor(Decimal(amount), currency)
    assert not refusal.value.is_retryable


# Start


def test_starting_answers_what_the_browser_needs_and_keeps_no_secret(bank, api):
    order = make_placed_order()
    api.force_authenticate(order.user)
    body = {"order_id": str(order.pk), "gateway": "stripe"}
    key = {"Idempotency-Key": "once"}
    answer = api.post("/api/v1/payments/initiate/", body, headers=key)
    payment = Payment.objects.get()
    (made,) = intents(bank)
    assert answer.status_code == 201
    assert answer.json()["stripe"] == {
        "publishable_key": django_settings.STRIPE_PUBLISHABLE_KEY,
        "client_secret": made["client_secret"],
        "return_url": f"{django_settings.SITE_URL}/api/v1/payments/verify/{payment.pk}/",
    }
    assert (made["amount"], made["currency"]) == (15000, "inr")
    assert made["metadata"] == {"order": order.number, "receipt": payment.receipt}
    assert "stripe" not in IdempotencyKey.objects.get().response_body
    repeat = api.post("/api/v1/payments/initiate/", body, headers=key)
    assert (repeat.status_code, repeat.json()) == (201, answer.json())
    assert repeat["Idempotent-Replayed"] == "true"
    again = api.post("/api/v1/payments/initiate/", body)
    assert (again.status_code, again.json()) == (200, answer.json())
    assert len(intents(bank)) == 1
    stored = json.dumps([*Payment.objects.values(), *IdempotencyKey.objects.values()], default=str)
    assert made["client_secret"] not in stored


def test_without_keys_it_is_not_offered(settings):
    order = make_placed_order()
    assert "stripe" in gateways_for(order)
    settings.STRIPE_SECRET_KEY = ""
    assert "stripe" not in gateways_for(order)


@pytest.mark.parametrize("mode", ["error500", "html502", "error429", "drop_connection"])
def test_a_gateway_that_is_down_can_be_tried_again(bank, mode):
    order = make_placed_order()
    bank.fault(INTENTS, mode)
    with pytest.raises(GatewayError) as silence:
        start(order)
    assert silence.value.is_retryable
    kept = Payment.objects.get()
    assert (kept.status, kept.leased_until) == (PaymentState.CREATED, None)
    assert start(order) == kept
    assert len(intents(bank)) == 1


def test_an_intent_whose_answer_was_lost_is_found_and_not_made_twice(bank, settings):
    settings.PAYMENT_TIMEOUT = 0.3
    order = make_placed_order()
    bank.fault(INTENTS, "hang_after_commit", seconds=1)
    with pytest.raises(GatewayError):
        start(order)
    (made,) = intents(bank)
    settings.PAYMENT_TIMEOUT = 10
    assert start(order).gateway_order_id == made["id"]
    assert len(intents(bank)) == 1


def test_wrong_keys_are_not_final(bank, settings):
    settings.STRIPE_SECRET_KEY = "sk_test_wrong"
    with pytest.raises(GatewayError) as silence:
        start(make_placed_order())
    assert silence.value.is_retryable


def test_another_gateway_closes_the_open_payment_and_both_ways(bank):
    order = make_placed_order()
    first = start_razorpay(order)
    second = start(order)
    assert (settled(first).status, settled(first).open_for) == (PaymentState.CANCELLED, None)
    third = start_razorpay(order)
    assert settled(second).status == PaymentState.CANCELLED
    assert len({first.pk, second.pk, third.pk}) == 3


def test_money_of_a_closed_payment_still_pays_the_order_and_a_second_goes_back(bank):
    order = make_placed_order()
    first = start(order)
    second = start_razorpay(order)
    pay(bank, first)
    bank.pay(second)
    ask_gateway(payment_id=first.pk)
    assert_paid(first)
    ask_gateway(payment_id=second.pk)
    assert settled(second).is_surplus
    assert Refund.objects.get().payment == second


# Paying


def test_a_webhook_pays_the_order(bank, api):
    payment = start(make_placed_order())
    pay(bank, payment)
    deliver(api, *bank.events("payment_intent.succeeded"))
    assert_paid(payment)


def test_five_deliveries_out_of_order_with_verify_before_and_after_pay_once(bank, api):
    payment = start(make_placed_order())
    pay(bank, payment)
    ask_gateway(payment_id=payment.pk)
    deliver(api, *bank.events()[::-1] * 5)
    ask_gateway(payment_id=payment.pk)
    assert GatewayEvent.objects.count() == len(bank.events())
    assert_paid(payment)
    for event in GatewayEvent.objects.all():
        assert event.status == "handled"
        handle_again(event_id=event.pk)
    assert_paid(payment)


def test_a_declined_card_fails_and_a_second_try_pays_whatever_comes_first(bank, api):
    payment = start(make_placed_order())
    pay(bank, payment, card=DECLINED)
    ask_gateway(payment_id=payment.pk)
    failed = settled(payment)
    assert (failed.status, failed.error) == ("failed", "Your card was declined.")
    assert failed.order.payment_status == PaymentStatus.FAILED
    pay(bank, payment)
    deliver(api, *bank.events("payment_intent.succeeded", "payment_intent.payment_failed"))
    assert_paid(payment)


def test_a_payment_that_waits_for_the_customer_stays_open(bank):
    payment = start(make_placed_order())
    pay(bank, payment, card=NEEDS_ACTION)
    ask_gateway(payment_id=payment.pk)
    assert settled(payment).status == PaymentState.PENDING
    pay(bank, payment, card=NEEDS_ACTION, authenticated=True)
    ask_gateway(payment_id=payment.pk)
    assert_paid(payment)


def test_money_that_is_only_held_is_captured(bank):
    payment = start(make_placed_order())
    edit(bank, payment.gateway_order_id, capture_method="manual")
    pay(bank, payment)
    ask_gateway(payment_id=payment.pk)
    assert_paid(payment)
    assert intents(bank)[0]["status"] == "succeeded"


def test_an_intent_that_was_cancelled_at_the_gateway_fails_here(bank):
    payment = start(make_placed_order())
    edit(bank, payment.gateway_order_id, status="canceled")
    ask_gateway(payment_id=payment.pk)
    assert settled(payment).status == PaymentState.FAILED
    assert start(payment.order) != payment


@pytest.mark.parametrize("change", [{"amount_received": 100}, {"currency": "usd"}])
def test_another_amount_or_currency_asks_for_a_person(bank, change):
    payment = start(make_placed_order())
    pay(bank, payment)
    edit(bank, payment.gateway_order_id, **change)
    ask_gateway(payment_id=payment.pk)
    assert_unpaid(payment)
    assert "not what was asked for" in settled(payment).needs_person


def test_a_genuine_webhook_does_not_pay_another_order(bank, api):
    paid, other = start(make_placed_order()), start(make_placed_order())
    pay(bank, paid)
    deliver(api, *bank.events("payment_intent.succeeded"))
    assert_paid(paid)
    assert_unpaid(other)


def test_a_body_that_was_changed_on_its_way_is_refused(bank, api):
    payment, other = start(make_placed_order()), start(make_placed_order())
    pay(bank, payment)
    (event,) = bank.events("payment_intent.succeeded")
    forged = event.body.replace(payment.gateway_order_id.encode(), other.gateway_order_id.encode())
    answer = api.post(
        "/api/v1/payments/webhooks/stripe/",
        forged,
        content_type="application/json",
        headers=HEADERS["stripe"](event),
    )
    assert (answer.status_code, answer.json()["code"]) == (400, "signature_invalid")
    assert [event.status for event in GatewayEvent.objects.all()] == ["refused"]
    assert_unpaid(other)


def test_a_signed_body_that_is_no_event_is_kept_and_changes_nothing(bank, api):
    payment = start(make_placed_order())
    event = bank.events()[0]
    for body in (b"[]", b"nonsense", b'{"id": "evt_1", "type": "x"}'):
        deliver(api, replace(event, body=body))
    assert GatewayEvent.objects.count() == 3
    assert_unpaid(payment)


@pytest.mark.parametrize("mode", ["error500", "html502", "drop_connection"])
def test_a_gateway_that_does_not_answer_leaves_the_payment_open(bank, mode):
    payment = start(make_placed_order())
    pay(bank, payment)
    bank.fault(f"{INTENTS}/*", mode)
    with pytest.raises(GatewayError) as silence:
        ask_gateway(payment_id=payment.pk)
    assert silence.value.is_retryable
    assert_unpaid(payment)
    make_due()
    reconcile_payments()
    assert_paid(payment)


def test_an_order_that_was_paid_just_in_time_does_not_expire(bank):
    payment = start(make_placed_order())
    pay(bank, payment)
    order = payment.order
    order.expires_at = order.created_at
    order.save()
    assert expire_unpaid_orders() == 0
    assert_paid(payment)


def test_the_customer_comes_back_to_the_order(bank, api):
    payment = start(make_placed_order())
    api.get(f"/api/v1/payments/verify/{payment.pk}/?redirect_status=succeeded")
    assert_unpaid(payment)
    pay(bank, payment)
    answer = api.get(f"/api/v1/payments/verify/{payment.pk}/?redirect_status=failed")
    assert answer.status_code == 303
    assert answer["Location"].endswith(f"/orders/{payment.order.number}?payment={payment.pk}")
    assert_paid(payment)


# The sandbox's own manners


def test_a_key_is_good_for_one_set_of_parameters(bank):
    client = Stripe().client
    given = {"amount": 5000, "currency": "inr"}
    first = client.v1.payment_intents.create(given, {"idempotency_key": "k"})
    assert client.v1.payment_intents.create(given, {"idempotency_key": "k"})["id"] == first["id"]
    with pytest.raises(stripe.IdempotencyError):
        client.v1.payment_intents.create({**given, "amount": 6000}, {"idempotency_key": "k"})
    with pytest.raises(stripe.InvalidRequestError) as refusal:
        client.v1.payment_intents.create({**given, "amount": 1})
    assert refusal.value.code == "amount_too_small"
    with pytest.raises(stripe.InvalidRequestError) as refusal:
        client.v1.payment_intents.retrieve("pi_unknown")
    assert (refusal.value.http_status, refusal.value.code) == (404, "resource_missing")


def test_a_browser_confirms_its_own_intent_with_the_publishable_key(bank):
    payment = start(make_placed_order())
    secret = Stripe().browser_block(payment)["client_secret"]
    address = f"{bank.server.url}{INTENTS}/{payment.gateway_order_id}/confirm"
    headers = {"Authorization": f"Bearer {django_settings.STRIPE_PUBLISHABLE_KEY}"}
    body = {"client_secret": secret, "payment_method_data[card][number]": DECLINED}
    declined = requests.post(address, body, headers=headers, timeout=10)
    assert (declined.status_code, declined.json()["error"]["code"]) == (402, "card_declined")
    forged = requests.post(address, {**body, "client_secret": "other"}, headers=headers, timeout=10)
    assert forged.status_code == 401
    body["payment_method_data[card][number]"] = "4242424242424242"
    assert requests.post(address, body, headers=headers, timeout=10).json()["status"] == "succeeded"
