"""Of what gateways send is kept what the shop needs, and not who the customer is."""

import json

import pytest

from orders.services.access import token_of
from payments.models import GatewayEvent, PaymentState
from payments.services.events import handle_again
from payments.services.initiate import initiate_payment
from payments.services.redacting import REDACTED, redact
from tests.orders.factories import make_placed_order

from .bank import deliver, post_webhook, settled, start

pytestmark = pytest.mark.django_db


def captured_event(bank):
    (event,) = bank.events("payment.captured")
    return event, json.loads(event.body)


def test_a_webhook_is_kept_as_it_came_but_for_who_the_customer_is(bank, api):
    bank.pay(start(make_placed_order()), vpa="success@razorpay")
    event, sent = captured_event(bank)
    deliver(api, event)
    payment = sent["payload"]["payment"]["entity"]
    payment |= dict.fromkeys(("email", "contact", "vpa"), REDACTED)
    payment["upi"]["vpa"] = REDACTED
    assert json.loads(GatewayEvent.objects.get().body) == sent


def test_what_is_kept_can_be_handled_again(bank, api):
    payment = start(make_placed_order())
    bank.pay(payment)
    event, _ = captured_event(bank)
    deliver(api, event)
    assert "void@razorpay.com" not in GatewayEvent.objects.get().body
    handled = handle_again(event_id=GatewayEvent.objects.get().pk)
    assert (handled.status, handled.error) == ("handled", "")
    assert settled(payment).status == PaymentState.SUCCEEDED


def test_the_secret_of_an_intent_is_never_kept(bank, api):
    order = make_placed_order(email="asha@example.com")
    address = f"/api/v1/payments/initiate/?token={token_of(order)}"
    answer = api.post(address, {"order_id": str(order.pk), "gateway": "stripe"})
    secret = answer.json()["stripe"]["client_secret"]
    (created,) = bank.events("payment_intent.created")
    assert secret in created.body.decode()
    deliver(api, created)
    assert secret not in GatewayEvent.objects.get().body


def test_chapa_tells_who_paid_and_it_is_not_kept(bank, api, settings):
    settings.STORE_CURRENCY = "ETB"
    order = make_placed_order(email="asha@example.com")
    payment = initiate_payment(order_id=order.pk, gateway_id="chapa").payment
    bank.act("pay", gateway="chapa", tx_ref=payment.gateway_order_id)
    deliver(api, *bank.events("charge.success"))
    event = GatewayEvent.objects.get()
    assert "asha@example.com" not in event.body
    assert (event.status, event.payment) == ("handled", payment)
    assert settled(payment).status == PaymentState.SUCCEEDED


def test_what_is_refused_names_nobody_either(api):
    post_webhook(api, {"data": [{"email": "asha@example.com", "amount": 1}]}, secret="another")
    body = GatewayEvent.objects.get().body
    assert json.loads(body) == {"data": [{"email": REDACTED, "amount": 1}]}


@pytest.mark.parametrize(
    "text", ["", "no JSON", '{"email": ', "17", '{ "email":null,"name":"" }', "[" * 100_000]
)
def test_where_nothing_private_is_found_the_text_stays_as_it_is(text):
    assert redact(text) == text


def test_addresses_are_found_at_any_depth_and_numbers_too():
    sent = {
        "a": [{"shipping": {"name": "Asha", "address": {"line1": "12 MG Road", "country": "IN"}}}]
    }
    sent["mobile"] = 251900000000
    kept = {
        "a": [{"shipping": {"name": REDACTED, "address": {"line1": REDACTED, "country": "IN"}}}]
    }
    assert json.loads(redact(json.dumps(sent))) == {**kept, "mobile": REDACTED}
