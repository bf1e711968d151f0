"""The shop's main job from end to end, over HTTP, with the payment sandbox and its webhooks."""

import time
from urllib.parse import urlsplit

import pytest
import requests
from django.core import mail

from carts.models import ShippingMethod, ShippingZone, TaxRate
from notifications.tasks import deliver_pending
from payments.models import GatewayEvent, Payment
from payments.sandbox.server import SandboxServer
from payments.tasks import handle_pending_events
from tests.catalog.factories import make_variant

pytestmark = pytest.mark.django_db(transaction=True)

ADDRESS = {
    "address_type": "shipping",
    "full_name": "Asha Rao",
    "phone_number": "+919876543210",
    "address_line1": "12 MG Road",
    "city": "Bengaluru",
    "state": "Karnataka",
    "postal_code": "560001",
    "country": "IN",
}


@pytest.fixture
def shop(live_server, settings, tmp_path):
    """The shop and its payment sandbox, as two servers that talk to each other."""
    sandbox = SandboxServer(
        key_id=settings.RAZORPAY_KEY_ID,
        key_secret=settings.RAZORPAY_KEY_SECRET,
        webhook_secret=settings.RAZORPAY_WEBHOOK_SECRET,
        webhook_url=f"{live_server.url}/api/v1/payments/webhooks/razorpay/",
        data=tmp_path / "sandbox.sqlite3",
        port=0,
    ).start()
    settings.RAZORPAY_BASE_URL = sandbox.url
    settings.STORE_STATE = "KA"
    yield Shop(live_server.url, sandbox.url)
    sandbox.stop()


class Shop:
    """A customer's client."""

    def __init__(self, url, sandbox_url):
        self.url, self.sandbox_url = f"{url}/api/v1/", sandbox_url
        self.http = requests.Session()

    def call(self, method, path, body=None, status=200, **headers):
        response = self.http.request(
            method, self.url + path, json=body, headers=headers, timeout=30
        )
        assert response.status_code == status, response.text
        return response.json() if response.content else None

    def log_in(self, tokens):
        self.http.headers["Authorization"] = f"Bearer {tokens['access']}"

    def pay(self, initiated):
        answer = requests.post(
            f"{self.sandbox_url}/sandbox/pay",
            json={
                "order_id": initiated["razorpay"]["order_id"],
                "card": "4100280000001007",
                "otp": "1234",
            },
            timeout=30,
        )
        assert answer.status_code == 200, answer.text
        return answer.json()


@pytest.fixture
def goods():
    """Two articles, a way to send them within India, and the tax of the store's own state."""
    zone = ShippingZone.objects.create(name="India", countries=["IN"])
    method = ShippingMethod.objects.create(zone=zone, name="Standard", price="49.00")
    TaxRate.objects.create(
        country="IN",
        state="KA",
        rate="18",
        parts=[{"name": "CGST", "rate": "9"}, {"name": "SGST", "rate": "9"}],
    )
    return make_variant(price="199.90", on_hand=5), make_variant(price="10.05", on_hand=5), method


def order_two_articles(shop, goods):
    """A guest fills a cart, registers, saves an address and orders; return the order."""
    mug, pen, method = goods
    cart = shop.call("POST", "cart/items/", {"variant": mug.pk, "quantity": 2}, status=201)
    cart = shop.call("POST", "cart/items/", {"product": pen.product_id, "quantity": 1}, status=201)
    shop.http.cookies.clear()
    tokens = shop.call(
        "POST",
        "auth/register/",
        {"email": "Asha@Example.com", "password": "tea-and-Monsoon-9", "cart_id": cart["id"]},
        status=201,
    )
    shop.log_in(tokens)
    merged = shop.call("GET", "cart/")
    assert [item["quantity"] for item in merged["items"]] == [2, 1]
    address = shop.call("POST", "addresses/", ADDRESS, status=201)
    return shop.call(
        "POST",
        "orders/",
        {"shipping_address_id": address["id"], "shipping_method": method.pk},
        status=201,
        **{"Idempotency-Key": "first-order"},
    )


def await_events(count, seconds=10):
    """Wait until the sandbox has delivered its webhooks to the shop."""
    deadline = time.monotonic() + seconds
    while GatewayEvent.objects.count() < count:
        assert time.monotonic() < deadline, "The webhooks did not come."
        time.sleep(0.05)


def assert_paid(shop, order):
    paid = shop.call("GET", f"orders/{order['number']}/")
    assert (paid["status"], paid["payment_status"]) == ("confirmed", "paid")
    assert paid["amount_paid"] == order["total_amount"]
    assert Payment.objects.get().status == "succeeded"


def assert_mailed_once(order):
    deliver_pending()
    about_order = [m for m in mail.outbox if order["number"] in m.subject]
    assert sorted(m.subject.partition(order["number"])[0].strip() for m in about_order) == [
        "We have your order",
        "We received your payment for",
        "Your order",
    ]
    for message in about_order:
        html = message.alternatives[0][0]
        for text in (message.body, html):
            assert "199.90" in text
            assert order["total_amount"] in text


def test_a_guest_becomes_a_customer_and_buys_what_is_in_the_cart(shop, goods):
    order = order_two_articles(shop, goods)
    # 2 × 199.90 + 10.05 = 409.85; 9 % twice of 399.80 and of 10.05, each rounded half up
    assert order["subtotal"] == "409.85"
    assert order["shipping_cost"] == "49.00"
    assert [(line["name"], line["amount"]) for line in order["tax_lines"]] == [
        ("CGST", "36.88"),
        ("SGST", "36.88"),
    ]
    assert order["total_amount"] == "532.61"
    initiated = shop.call("POST", "payments/initiate/", {"order_id": order["id"]}, status=201)
    assert initiated["razorpay"]["amount"] == 53261
    signed = shop.pay(initiated)
    verified = shop.call("POST", "payments/verify/", signed)
    assert verified["order"]["payment_status"] == "paid"
    assert_paid(shop, order)
    await_events(3)
    handle_pending_events()
    assert_paid(shop, order)
    assert_mailed_once(order)
    assert shop.call("GET", "cart/")["items"] == []


def test_a_purchase_is_settled_by_the_webhook_alone(shop, goods):
    order = order_two_articles(shop, goods)
    initiated = shop.call("POST", "payments/initiate/", {"order_id": order["id"]}, status=201)
    shop.pay(initiated)
    await_events(3)
    handle_pending_events()
    assert_paid(shop, order)
    assert_mailed_once(order)


def test_the_browser_comes_back_from_the_gateway_to_its_order(shop, goods):
    order = order_two_articles(shop, goods)
    initiated = shop.call("POST", "payments/initiate/", {"order_id": order["id"]}, status=201)
    signed = shop.pay(initiated)
    callback = initiated["razorpay"]["callback_url"]
    answer = shop.http.post(
        shop.url.removesuffix("/api/v1/") + urlsplit(callback).path,
        data=signed,
        allow_redirects=False,
        timeout=30,
    )
    assert answer.status_code == 303
    location = urlsplit(answer.headers["Location"])
    assert location.path == f"/orders/{order['number']}"
    assert location.query == f"payment={initiated['payment_id']}"
    assert_paid(shop, order)
