"""What a browser brings back from a gateway is checked, and never believed by itself."""

from config.errors import NotFound

from ..errors import SignatureInvalid
from ..gateways.razorpay import Razorpay
from ..models import Payment
from .settle import settle


def find_signed(gateway_order_id: str) -> Payment:
    """Return the payment of an order of Razorpay, or raise NotFound."""
    rows = Payment.objects.filter(gateway=Razorpay.id, gateway_order_id=gateway_order_id)
    payment = rows.first()
    if payment is None:
        raise NotFound()
    return payment


def verify_signed(*, payment: Payment, gateway_payment_id: str, signature: str) -> Payment:
    """Settle what Checkout signed, or raise SignatureInvalid and change nothing.

    The signature says whose payment it is; whether it is captured only the gateway knows.
    """
    gateway = Razorpay()
    order_id = payment.gateway_order_id or ""
    if not gateway.has_checkout_signature(order_id, gateway_payment_id, signature):
        raise SignatureInvalid()
    settle(gateway.id, gateway.fetch_payment(gateway_payment_id))
    payment.refresh_from_db()
    return payment
