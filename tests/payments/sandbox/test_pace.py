"""What a gateway puts off happens by itself, at the same pace at every gateway."""

import pytest

from payments.models import PaymentState, Refund
from payments.sandbox.pace import Pace
from payments.services.ask import ask_gateway
from payments.services.initiate import initiate_payment
from payments.services.refunds import request_refund, send_refund
from tests.orders.factories import make_placed_order
from tests.payments.bank import settled

from .conftest import until

pytestmark = pytest.mark.django_db


def paid(bank, gateway):
    payment = initiate_payment(order_id=make_placed_order().pk, gateway_id=gateway).payment
    name = {"stripe": "intent_id", "chapa": "tx_ref"}[gateway]
    bank.act("pay", gateway=gateway, **{name: payment.gateway_order_id})
    return ask_gateway(payment_id=payment.pk)


def refund_ends(bank, gateway, how):
    """Refund a payment, wait until that ends at the gateway, and ask for it."""
    payment = paid(bank, gateway)
    bank.server.razorpay.account.pace = Pace(refund_after=0.02, refunds=how)
    send_refund(refund_id=request_refund(payment_id=payment.pk).pk)
    begun = ("pending", "initiated")
    state = bank.server.protocol(gateway).state
    until(lambda: state()["refunds"][0]["status"] not in begun)
    ask_gateway(payment_id=payment.pk)
    return settled(payment)


@pytest.fixture(autouse=True)
def _store_in_birr(settings):
    settings.STORE_CURRENCY = "ETB"


@pytest.mark.parametrize("gateway", ["stripe", "chapa"])
def test_a_refund_arrives_by_itself(bank, gateway):
    payment = refund_ends(bank, gateway, "processed")
    assert (payment.status, payment.amount_refunded) == (PaymentState.REFUNDED, payment.amount)


@pytest.mark.parametrize("gateway", ["stripe", "chapa"])
def test_a_refund_fails_by_itself_where_the_pace_says_so(bank, gateway):
    payment = refund_ends(bank, gateway, "failed")
    assert (payment.status, payment.amount_refunded) == (PaymentState.SUCCEEDED, 0)
    assert Refund.objects.get().status == "failed"
