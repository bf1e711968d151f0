"""What several tests of payments through Stripe do."""

from payments.models import Payment
from payments.services.initiate import initiate_payment


def start(order):
    return initiate_payment(order_id=order.pk, gateway_id="stripe").payment


def pay(bank, payment, **how):
    return bank.act("pay", gateway="stripe", intent_id=payment.gateway_order_id, **how)


def intents(bank):
    return bank.server.protocol("stripe").state()["intents"]


def refunds(bank):
    return bank.server.protocol("stripe").state()["refunds"]


def make_due():
    payment = Payment.objects.order_by("created_at").first()
    Payment.objects.update(next_ask_at=payment.created_at)
