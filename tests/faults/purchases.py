"""One order from the click to its money's end: every deed that can be struck by a fault."""

from datetime import timedelta
from uuid import uuid4

from django.utils import timezone
from rest_framework.test import APIClient

from notifications.tasks import deliver_pending
from orders.models import Order
from payments import tasks
from payments.models import Payment
from tests.accounts.factories import make_staff
from tests.catalog.factories import make_variant
from tests.orders.factories import make_placed_order
from tests.payments.bank import HEADERS

from .recovery import make_due, recover

QUANTITY = 2
ON_HAND = 5


def client_of(user):
    api = APIClient()
    api.force_authenticate(user)
    return api


class Purchase:
    """An order, its customer's browser, and a member of staff; each acts over HTTP."""

    def __init__(self, side):
        self.side = side
        self.variant = make_variant(on_hand=ON_HAND)
        self.order = make_placed_order(variants=[self.variant], quantity=QUANTITY)
        self.customer = client_of(self.order.user)
        self.staff = client_of(make_staff())
        self.keys = {"initiate": str(uuid4()), "refund": str(uuid4())}
        self.checkout = {}
        self.disagreements = []

    @property
    def payment(self):
        return Payment.objects.filter(order=self.order).order_by("created_at").last()

    def post(self, api, address, body=None, *, may_be=(200, 201, 502), key=""):
        """Post as a browser does, whom a gateway that is silent gets a 502, and nothing else."""
        headers = {"Idempotency-Key": key} if key else {}
        answer = api.post(f"/api/v1/{address}", body or {}, headers=headers)
        assert answer.status_code in may_be, f"{address}: {answer.status_code} {answer.content}"
        return answer

    def initiate(self):
        body = {"order_id": str(self.order.pk), "gateway": self.side.id}
        self.post(self.customer, "payments/initiate/", body, key=self.keys["initiate"])

    def pay(self):
        self.checkout = self.side.pay(self.payment)

    def hold(self):
        self.checkout = self.side.hold(self.payment)

    def verify(self):
        """Come back from the gateway: with what Razorpay signed, or to be asked about."""
        signed = "razorpay_signature" in self.checkout
        body = self.checkout if signed else {"payment_id": str(self.payment.pk)}
        self.post(self.customer, "payments/verify/", body)

    def hear(self, kind=""):
        """Take every webhook about this payment twice, as gateways may."""
        api = APIClient()
        heard = [event for event in self.side.events(self.payment) if kind in event.type]
        for event in [event for event in heard for _ in range(2)]:
            answer = api.post(
                f"/api/v1/payments/webhooks/{event.gateway}/",
                event.body,
                content_type="application/json",
                headers=HEADERS[event.gateway](event),
            )
            assert answer.status_code == 200, answer.content

    def hear_of_refund(self):
        self.hear("refund")

    def handle(self):
        tasks.handle_pending_events()

    def wait(self):
        """Let the pauses of every row be over."""
        make_due(self.order)

    def reconcile(self):
        tasks.reconcile_payments()

    def send_mail(self):
        deliver_pending()

    def refund(self):
        address = f"payments/{self.payment.pk}/refund/"
        self.post(self.staff, address, {"reason": "Damaged"}, key=self.keys["refund"])

    def refund_half(self):
        body = {"amount": str(self.payment.amount / 2)}
        self.post(self.staff, f"payments/{self.payment.pk}/refund/", body, key=self.keys["refund"])

    def send_refund(self):
        tasks.send_pending_refunds()

    def arrive(self):
        self.side.end_refunds()

    def cancel(self):
        self.post(self.customer, f"orders/{self.order.pk}/cancel/", may_be=(200, 409))

    def run_out(self):
        """Let the time to pay be over."""
        now = timezone.now()
        created_at = now - timedelta(minutes=31)
        Order.objects.filter(pk=self.order.pk).update(created_at=created_at, expires_at=now)

    def expire(self):
        tasks.expire_orders()

    def recover(self):
        self.disagreements += recover(self)
