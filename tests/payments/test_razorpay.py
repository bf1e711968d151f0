import json
from decimal import Decimal
from pathlib import Path

import pytest

from orders.models import Order
from payments.errors import GatewayError
from payments.gateways import gateway_for
from payments.gateways.base import NewsState, RefundNewsState
from payments.gateways.razorpay import Razorpay, from_minor, to_minor
from payments.models import Payment

VECTORS = json.loads((Path(__file__).parent / "vectors.json").read_text())["vectors"]
OURS = [vector for vector in VECTORS if vector["gateway"] == "razorpay"]


def of_kind(kind):
    chosen = [vector for vector in OURS if vector["kind"] == kind]
    return pytest.mark.parametrize("vector", chosen, ids=[vector["id"] for vector in chosen])


def make_payment(**fields):
    """A payment that was never stored: the gateway needs no database."""
    order = Order(number="ORD-20260131-7K3QX9")
    fields = {"amount": Decimal("1499.00"), "currency": "INR", "receipt": "r" * 32} | fields
    return Payment(order=order, gateway="razorpay", **fields)


@of_kind("checkout_signature")
def test_checkout_signatures_are_judged_as_the_vectors_say(vector, settings):
    settings.RAZORPAY_KEY_SECRET = vector["key"]
    order_id, _, _ = vector["message"].partition("|")
    given = vector["input"]
    judged = Razorpay().has_checkout_signature(
        order_id, given["razorpay_payment_id"], given["razorpay_signature"]
    )
    assert judged is vector["valid"]


@of_kind("webhook")
def test_webhook_signatures_are_judged_over_the_raw_bytes(vector, settings):
    settings.RAZORPAY_WEBHOOK_SECRET = vector["key"]
    body = vector.get("received_body", vector["body"]).encode()
    assert Razorpay().is_signed(body, vector["headers"]) is vector["valid"]


@pytest.mark.parametrize("headers", [{}, {"X-Razorpay-Signature": "ü"}])
def test_a_missing_or_strange_signature_is_refused(headers):
    assert Razorpay().is_signed(b"{}", headers) is False


def test_without_a_secret_nothing_is_signed(settings):
    settings.RAZORPAY_WEBHOOK_SECRET = ""
    signature = "5d5d139563c95b5967b9bd9a8c9b233a9dedb45072794cd232dc1b74832607d0"
    assert Razorpay().is_signed(b"", {"X-Razorpay-Signature": signature}) is False


def test_events_are_read_into_neutral_news():
    bodies = {vector["id"]: vector["body"].encode() for vector in OURS if "body" in vector}
    captured = Razorpay().read_event(bodies["rzp-webhook-1-captured"])
    assert captured.kind == "payment.captured"
    assert captured.payment.state is NewsState.CAPTURED
    assert (captured.payment.amount, captured.payment.currency) == (Decimal("1499.00"), "INR")
    assert captured.payment.gateway_order_id == "order_Q1x7TmZ4cVb2Ln"
    assert captured.payment.gateway_payment_id == "pay_Q1x9hG2kLw8RsD"
    assert captured.refund is None
    refunded = Razorpay().read_event(bodies["rzp-webhook-3-tampered-refund"])
    assert refunded.refund.state is RefundNewsState.PROCESSED
    assert (refunded.refund.amount, refunded.refund.receipt) == (Decimal(500), "ret-77")
    failed = Razorpay().read_event(bodies["rzp-webhook-4-uppercase-hex"])
    assert (failed.payment.state, failed.payment.error) == (NewsState.FAILED, "Payment failed")


@pytest.mark.parametrize(
    "body", [b"", b"[]", b"nonsense", b'{"event": "x"}', b'{"payload": []}', b"[" * 9999]
)
def test_a_body_that_is_no_event_is_a_value_error(body):
    with pytest.raises(ValueError):
        Razorpay().read_event(body)


@pytest.mark.parametrize(
    ("amount", "currency", "minor"),
    [("299.00", "INR", 29900), ("500", "JPY", 500), ("99.990", "KWD", 99990), ("1.00", "LYD", 100)],
)
def test_amounts_are_integers_in_minor_units(amount, currency, minor):
    assert to_minor(Decimal(amount), currency) == minor
    assert from_minor(minor, currency) == Decimal(amount)


@pytest.mark.parametrize(
    ("amount", "currency"), [("99.991", "KWD"), ("1.005", "INR"), ("0.5", "JPY")]
)
def test_an_amount_that_razorpay_cannot_take_is_refused_for_good(amount, currency):
    with pytest.raises(GatewayError) as refusal:
        to_minor(Decimal(amount), currency)
    assert refusal.value.is_retryable is False


def test_an_order_is_found_by_its_receipt(bank):
    gateway, payment = gateway_for("razorpay"), make_payment()
    assert gateway.find_order(payment) is None
    order_id = gateway.create_order(payment)
    assert gateway.find_order(payment) == order_id
    assert [order["amount"] for order in bank.orders()] == [149900]


@pytest.mark.parametrize("mode", ["error500", "html502", "error429", "drop_connection"])
def test_every_way_to_fail_is_a_retryable_gateway_error(bank, mode, capsys):
    bank.fault("/v1/orders", mode)
    with pytest.raises(GatewayError) as failure:
        Razorpay().create_order(make_payment())
    assert failure.value.is_retryable
    assert capsys.readouterr().out == ""


def test_a_slow_gateway_is_given_up_after_the_time_out(bank, settings):
    settings.PAYMENT_TIMEOUT = 0.2
    bank.fault("/v1/orders", "timeout", seconds=2)
    with pytest.raises(GatewayError) as failure:
        Razorpay().create_order(make_payment())
    assert failure.value.is_retryable


def test_a_gateway_that_is_not_there_is_a_retryable_gateway_error(settings, caplog):
    settings.RAZORPAY_BASE_URL = "http://127.0.0.1:9"
    caplog.set_level("WARNING", logger="payments")
    with pytest.raises(GatewayError) as failure:
        Razorpay().create_order(make_payment())
    assert failure.value.is_retryable
    assert "/v1/orders" in caplog.text  # where an operator learns why


def test_a_refusal_is_permanent_and_says_why(bank):
    with pytest.raises(GatewayError, match=r"at least INR 1\.00") as refusal:
        Razorpay().create_order(make_payment(amount=Decimal("0.50")))
    assert refusal.value.is_retryable is False


def test_wrong_keys_are_retryable_because_keys_can_be_put_right(bank, settings, caplog):
    settings.RAZORPAY_KEY_SECRET = "wrong"
    caplog.set_level("WARNING", logger="payments")
    with pytest.raises(GatewayError) as refusal:
        Razorpay().create_order(make_payment())
    assert refusal.value.is_retryable
    assert "/v1/orders: 401" in caplog.text
    assert "wrong" not in caplog.text


def test_an_unknown_gateway_is_a_lookup_error():
    with pytest.raises(LookupError):
        gateway_for("piggybank")
