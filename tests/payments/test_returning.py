"""The money of returns: each approval owes one refund, through the payment of its order."""

from decimal import Decimal

import pytest

from orders.models import CreditNote, Order, PaymentStatus
from orders.services.lifecycle import SYSTEM, advance_order
from orders.services.returning import Wish, approve_return, request_return
from payments.models import Payment, Refund, RefundState
from payments.services.ask import ask_gateway
from payments.services.collect import collect_payment
from payments.services.initiate import initiate_payment
from payments.services.refunds import request_refund, send_pending_refunds
from tests.catalog.factories import make_variant
from tests.orders.factories import make_placed_order, make_shipping_method, store_actor

from .bank import deliver, settled, start

pytestmark = pytest.mark.django_db


@pytest.fixture
def payment(bank):
    """The payment of a delivered order of three pieces of 100.00 and shipping of 50.00."""
    order = make_placed_order(variants=[make_variant(price="100.00")], quantity=3)
    payment = start(order)
    bank.pay(payment)
    ask_gateway(payment_id=payment.pk)
    for status in ("shipped", "delivered"):
        advance_order(order_id=order.pk, to_status=status, actor=SYSTEM)
    return settled(payment)


def send_back(payment, quantity, **fields):
    line = payment.order.lines.get()
    wish = Wish(line.pk, quantity, "Too small")
    made = request_return(order_id=payment.order_id, actor=SYSTEM, wishes=[wish])
    return approve_return(return_id=made.pk, actor=store_actor(), **fields)


def test_an_approved_return_is_refunded_through_its_payment(bank, api, payment):
    made = send_back(payment, 1)
    refund = Refund.objects.get()
    assert (refund.payment, refund.amount) == (payment, Decimal("100.00"))
    assert refund.cause == f"return:{made.pk}:{payment.pk}"
    send_pending_refunds()
    bank.end_refunds()
    deliver(api, *bank.events("refund.processed"))
    refund.refresh_from_db()
    order = Order.objects.get()
    assert refund.status == RefundState.PROCESSED
    assert (order.amount_refunded, order.payment_status) == (
        Decimal("100.00"),
        PaymentStatus.PARTIALLY_REFUNDED,
    )
    note = CreditNote.objects.get()
    assert (note.amount, note.invoice.order) == (Decimal("100.00"), order)
    assert note.return_request == made


def test_the_return_of_everything_with_its_shipping_takes_all(payment):
    send_back(payment, 2)
    send_back(payment, 1, refund_shipping=True)
    assert [refund.amount for refund in Refund.objects.all()] == [200, 150]
    assert not settled(payment).needs_person


def test_no_more_goes_back_than_the_payment_holds_and_staff_are_told(payment):
    request_refund(payment_id=payment.pk, amount=Decimal("300.00"))
    send_back(payment, 1)
    assert [refund.amount for refund in Refund.objects.all()] == [300, 50]
    assert settled(payment).needs_person == "A return is worth 50.00 INR more than what is left."


def test_an_order_without_a_captured_payment_owes_nothing(payment):
    Payment.objects.update(status="cancelled", amount_captured=0)
    assert send_back(payment, 1).status == "approved"
    assert not Refund.objects.exists()


def test_cash_that_comes_after_the_pieces_went_back_is_handed_back_for_them():
    method = make_shipping_method(cash_on_delivery=True)
    variants = [make_variant(price="100.00")]
    order = make_placed_order(variants=variants, quantity=3, method=method)
    payment = initiate_payment(order_id=order.pk, gateway_id="cod").payment
    for status in ("shipped", "delivered"):
        advance_order(order_id=order.pk, to_status=status, actor=SYSTEM)
    made = [send_back(payment, 1), send_back(payment, 1, refund_shipping=True)]
    assert [each.refund_amount for each in made] == [0, 0]
    assert not Refund.objects.exists()
    collect_payment(payment_id=payment.pk)
    assert [(each.cause, each.amount) for each in Refund.objects.order_by("amount")] == [
        (f"return:{made[0].pk}:{payment.pk}", Decimal("100.00")),
        (f"return:{made[1].pk}:{payment.pk}", Decimal("150.00")),
    ]
    assert [each.refund_amount for each in order.returns.order_by("decided_at")] == [100, 150]
    send_pending_refunds()
    order.refresh_from_db()
    assert (order.amount_paid, order.amount_refunded) == (Decimal("350.00"), Decimal("250.00"))
    assert CreditNote.objects.filter(invoice__order=order).count() == 2
