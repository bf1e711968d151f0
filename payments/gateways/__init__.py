"""The gateways that orders can be paid with: one module each, named here and nowhere else."""

from .base import CardKeeper, CardSetup, Gateway
from .chapa import Chapa
from .cod import CashOnDelivery
from .razorpay import Razorpay
from .razorpay_cards import RazorpayCards
from .stripe import Stripe

GATEWAYS: dict[str, type[Gateway]] = {
    Razorpay.id: Razorpay,
    Stripe.id: Stripe,
    Chapa.id: Chapa,
    CashOnDelivery.id: CashOnDelivery,
}
# Those of them that keep cards for customers.
CARD_KEEPERS: dict[str, type[CardKeeper]] = {Razorpay.id: RazorpayCards, Stripe.id: Stripe}
# Those that add a card without an order; the others save one while an order is paid.
CARD_SETUPS: dict[str, type[CardSetup]] = {Stripe.id: Stripe}
DEFAULT_GATEWAY = Razorpay.id


def gateway_for(gateway_id: str) -> Gateway:
    """Return the gateway of an id, or raise LookupError."""
    return GATEWAYS[gateway_id]()


def configured_gateways() -> list[str]:
    """Return the gateways that the shop has keys for, the default one first."""
    return [gateway_id for gateway_id in GATEWAYS if gateway_for(gateway_id).is_configured()]
