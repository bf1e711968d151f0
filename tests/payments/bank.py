"""The payment sandbox as a test sees it, and the webhooks that it would send."""

import hashlib
import hmac
import json
from itertools import count

import requests
from django.conf import settings

from payments.models import Payment
from payments.sandbox.chapa import Chapa
from payments.sandbox.merchant import Merchant
from payments.sandbox.pace import Pace
from payments.sandbox.razorpay.account import PAYMENT, webhook_headers
from payments.sandbox.server import SandboxServer
from payments.sandbox.stripe import Stripe
from payments.services.events import handle_pending_events
from payments.services.initiate import initiate_payment

VISA = "4100280000001007"
DECLINED = "4100280000060003"
WEBHOOKS = "/api/v1/payments/webhooks/razorpay/"
HEADERS = {
    "razorpay": webhook_headers,
    "chapa": Chapa.webhook_headers,
    "stripe": Stripe.webhook_headers,
}
_numbers = count(1)


def start(order, **fields):
    """Start a payment of an order through Razorpay; the row."""
    return initiate_payment(order_id=order.pk, gateway_id="razorpay", **fields).payment


def settled(payment):
    """A payment, its order along, as the database has it."""
    return Payment.objects.select_related("order").get(pk=payment.pk)


class Bank:
    def __init__(self, data):
        self.server = SandboxServer(
            key_id=settings.RAZORPAY_KEY_ID,
            key_secret=settings.RAZORPAY_KEY_SECRET,
            webhook_secret=settings.RAZORPAY_WEBHOOK_SECRET,
            data=data,
            port=0,
            pace=Pace(refunds="pending"),
            chapa=Merchant(settings.CHAPA_SECRET_KEY, settings.CHAPA_WEBHOOK_SECRET),
            stripe=Merchant(
                settings.STRIPE_SECRET_KEY,
                settings.STRIPE_WEBHOOK_SECRET,
                settings.STRIPE_PUBLISHABLE_KEY,
            ),
        ).start()

    def act(self, address, **fields):
        answer = requests.post(f"{self.server.url}/sandbox/{address}", json=fields, timeout=10)
        return answer.json()

    def pay(self, payment, **how):
        """Pay in the place of the customer; what Checkout gives the browser, or the error."""
        return self.act("pay", order_id=payment.gateway_order_id, **(how or {"card": VISA}))

    def hold(self, payment):
        """Pay so that the money stays authorized until it is captured by the API."""
        return self.pay(payment, vpa="authorized@razorpay")

    def fault(self, path, mode, **fields):
        self.act("faults", path=path, mode=mode, **fields)

    def orders(self):
        return self.server.razorpay.state()["orders"]

    def refunds(self):
        return self.server.razorpay.state()["refunds"]

    def edit_payment(self, payment_id, **fields):
        """Change what the bank knows of a payment, as no customer could."""
        store = self.server.store
        with store.transaction():
            store.save({**store.get(PAYMENT, payment_id), **fields})

    def events(self, *kinds):
        """What the bank would tell, in its order, or one of each kind in the order given."""
        every = self.server.store.events.all()
        if not kinds:
            return every
        return [next(event for event in every if event.type == kind) for kind in kinds]

    def end_refunds(self, status="processed"):
        """Let every pending refund arrive, or fail."""
        for refund in self.refunds():
            if refund["status"] == "pending":
                self.act("refund", refund_id=refund["id"], status=status)


def deliver(api, *events):
    """Post webhooks to the shop and let its worker handle them; the last answer."""
    for event in events:
        answer = api.post(
            f"/api/v1/payments/webhooks/{event.gateway}/",
            event.body,
            content_type="application/json",
            headers=HEADERS[event.gateway](event),
        )
        assert answer.status_code == 200, answer.content
    handle_pending_events()
    return answer


def post_webhook(api, body, *, event_id="", secret=None):
    """Post a body that a holder of the secret signed."""
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    secret = secret or settings.RAZORPAY_WEBHOOK_SECRET
    signature = hmac.new(secret.encode(), raw, hashlib.sha256).hexdigest()
    headers = {"X-Razorpay-Signature": signature}
    if event_id is not None:
        headers["X-Razorpay-Event-Id"] = event_id or f"evt_{next(_numbers)}"
    return api.post(WEBHOOKS, raw, content_type="application/json", headers=headers)
