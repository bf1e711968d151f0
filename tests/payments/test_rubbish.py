"""A gateway that answers nonsense is a gateway that does not answer: never a failure of ours."""

import json
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest
from django.db import transaction

from orders.services.lifecycle import lock_order, record_payment
from payments.models import Payment, PaymentState
from payments.services.reconcile import reconcile_payments
from tests.accounts.factories import make_staff, make_user
from tests.orders.factories import make_placed_order
from tests.payments.bank import settled

pytestmark = pytest.mark.django_db

PAYMENT = {"id": "pay_1", "order_id": "order_1", "status": "captured", "captured": True}
MONEY = {"amount": 10000, "currency": "INR"}
RUBBISH = [
    b"",
    b"<html>busy</html>",
    b"\xff\xfe",
    b"null",
    b"[]",
    b'"order_1"',
    b"[" * 5000,
    *(
        json.dumps(answer).encode()
        for answer in (
            {},
            {"id": None},
            {"id": 17},
            {"id": "x" * 300},
            {"id": "order\x00"},
            {"items": None},
            {"items": [None]},
            {"items": [{"id": ["pay"]}]},
            {"items": [PAYMENT | MONEY | {"amount": "100"}]},
            {"items": [PAYMENT | MONEY | {"amount": -1}]},
            {"items": [PAYMENT | MONEY | {"id": "pay" * 99}]},
            {"items": [PAYMENT | MONEY | {"status": "melted"}]},
            {"items": [PAYMENT | MONEY | {"status": []}]},
            {"items": [PAYMENT | MONEY | {"order_id": {"a": 1}}]},
            {"items": [PAYMENT | MONEY | {"currency": ["INR"]}]},
        )
    ),
]


@pytest.fixture
def answers(settings):
    """What the gateway answers from now on, whatever it is asked."""
    told = {}

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            self.rfile.read(int(self.headers.get("Content-Length") or 0))
            self.send_response(told["status"])
            self.send_header("Content-Length", str(len(told["body"])))
            self.end_headers()
            self.wfile.write(told["body"])

        do_POST = do_GET

        def log_message(self, *args):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=server.serve_forever, args=[0.01], daemon=True).start()
    settings.RAZORPAY_BASE_URL = f"http://127.0.0.1:{server.server_port}"
    yield told
    server.shutdown()
    server.server_close()


@pytest.fixture
def captured():
    """A captured payment, as an earlier day left it."""
    order = make_placed_order()
    with transaction.atomic():
        record_payment(lock_order(order.pk), order.total_amount, gateway="razorpay")
    return Payment.objects.create(
        order=order,
        gateway="razorpay",
        amount=order.total_amount,
        amount_captured=order.total_amount,
        currency="INR",
        status=PaymentState.SUCCEEDED,
        receipt="r",
        gateway_order_id="order_1",
        gateway_payment_id="pay_1",
    )


@pytest.mark.parametrize("status", [200, 400, 302])
@pytest.mark.parametrize("body", RUBBISH, ids=range(len(RUBBISH)))
def test_rubbish_is_502_and_changes_nothing(answers, api, status, body):
    answers |= {"status": status, "body": body}
    user = make_user()
    order = make_placed_order(user=user)
    api.force_authenticate(user)
    answer = api.post("/api/v1/payments/initiate/", {"order_id": str(order.pk)}, format="json")
    assert (answer.status_code, answer.json()["code"]) == (502, "gateway_error"), answer.json()
    payment = Payment.objects.get()
    assert (payment.status, payment.gateway_order_id) == (PaymentState.CREATED, None)
    payment.gateway_order_id = "order_1"
    payment.save()
    answer = api.post("/api/v1/payments/verify/", {"payment_id": str(payment.pk)}, format="json")
    assert answer.status_code == 502, answer.json()
    Payment.objects.update(next_ask_at=payment.created_at)
    assert reconcile_payments() == 0
    assert settled(payment).status == PaymentState.CREATED


@pytest.mark.parametrize("body", RUBBISH, ids=range(len(RUBBISH)))
def test_a_refund_that_is_answered_with_rubbish_stays_on_its_way(answers, captured, api, body):
    answers |= {"status": 200, "body": body}
    api.force_authenticate(make_staff())
    address = f"/api/v1/payments/{captured.pk}/refund/"
    answer = api.post(address, {}, format="json")
    assert (answer.status_code, answer.json()["status"]) == (201, "pending"), answer.json()
    assert settled(captured).amount_refunded == 0
