from decimal import Decimal

import pytest

from config.errors import InvalidInput
from orders.errors import InvalidTransition
from orders.models import Invoice, Order, OrderStatus, PaymentStatus
from orders.services.lifecycle import SYSTEM, advance_order, cancel_order
from payments.models import Payment, PaymentState, Refund, RefundState
from payments.services.ask import ask_gateway
from payments.services.choice import gateways_for
from payments.services.collect import collect_payment
from payments.services.expiry import expire_unpaid_orders
from payments.services.initiate import initiate_payment
from payments.services.refunds import request_refund, send_pending_refunds, send_refund
from tests.accounts.factories import make_staff, make_user
from tests.orders.factories import make_placed_order, make_shipping_method

from .bank import DECLINED, deliver, settled, start

pytestmark = pytest.mark.django_db


def make_cash_order(*, most=None, **fields):
    method = make_shipping_method(cash_on_delivery=True, cash_on_delivery_max=most)
    return make_placed_order(method=method, **fields)


def start_cash(order):
    return initiate_payment(order_id=order.pk, gateway_id="cod")


def test_cash_on_delivery_confirms_the_order_at_once_and_it_does_not_expire():
    order = make_cash_order()
    started = start_cash(order)
    payment = settled(started.payment)
    assert started.is_new
    assert (payment.status, payment.next_ask_at, payment.open_for) == ("pending", None, None)
    assert (payment.amount, payment.amount_captured) == (order.total_amount, 0)
    assert (payment.order.status, payment.order.expires_at) == (OrderStatus.CONFIRMED, None)
    assert (payment.order.payment_status, payment.order.gateway) == (PaymentStatus.PENDING, "cod")
    assert expire_unpaid_orders() == 0


def test_a_second_start_finds_the_cash_that_waits():
    order = make_cash_order()
    first, second = start_cash(order), start_cash(order)
    assert (second.payment, second.is_new) == (first.payment, False)
    assert Payment.objects.count() == 1


@pytest.mark.parametrize(
    ("allowed", "most", "takes"),
    [(True, None, True), (True, "0.01", False), (False, None, False)],
)
def test_the_shipping_method_says_whether_cash_is_taken(allowed, most, takes):
    method = make_shipping_method(cash_on_delivery=allowed, cash_on_delivery_max=most)
    order = make_placed_order(method=method)
    assert ("cod" in gateways_for(order)) is takes
    if takes:
        start_cash(order)
        return
    with pytest.raises(InvalidInput) as refusal:
        start_cash(order)
    assert list(refusal.value.details) == ["gateway"]
    assert not Payment.objects.exists()
    order.refresh_from_db()
    assert order.status == OrderStatus.PENDING


def test_cash_is_taken_up_to_the_limit_and_not_above():
    order = make_cash_order()
    method = make_shipping_method(cash_on_delivery=True, cash_on_delivery_max=order.total_amount)
    asked = Order(currency="INR", total_amount=order.total_amount, shipping_method_id=method.pk)
    assert "cod" in gateways_for(asked)
    asked.total_amount += Decimal("0.01")
    assert "cod" not in gateways_for(asked)


def test_collected_cash_pays_the_order():
    payment = start_cash(make_cash_order()).payment
    collect_payment(payment_id=payment.pk)
    after = settled(payment)
    assert (after.status, after.amount_captured, after.method) == (
        PaymentState.SUCCEEDED,
        payment.amount,
        "cash",
    )
    assert (after.order.payment_status, after.order.status) == ("paid", OrderStatus.CONFIRMED)
    assert after.order.amount_paid == after.order.total_amount


def test_staff_collect_by_the_api_and_only_once(api):
    payment = start_cash(make_cash_order()).payment
    address = f"/api/v1/payments/{payment.pk}/collect/"
    api.force_authenticate(make_staff())
    first = api.post(address)
    assert (first.status_code, first.json()["status"]) == (200, "succeeded")
    second = api.post(address)
    assert (second.status_code, second.json()["code"]) == (409, "already_paid")
    assert settled(payment).order.amount_paid == payment.amount


def test_staff_without_the_permission_collect_nothing(api):
    payment = start_cash(make_cash_order()).payment
    api.force_authenticate(make_staff(is_superuser=False))
    assert api.post(f"/api/v1/payments/{payment.pk}/collect/").status_code == 403
    assert settled(payment).status == PaymentState.PENDING


def test_the_api_starts_cash_without_a_block_for_the_browser(api):
    user = make_user()
    order = make_cash_order(user=user)
    api.force_authenticate(user)
    answer = api.post("/api/v1/payments/initiate/", {"order_id": str(order.pk), "gateway": "cod"})
    assert answer.status_code == 201
    assert set(answer.json()) == {"payment_id", "gateway", "amount", "currency", "status"}


def test_cash_that_does_not_fit_is_refused_on_gateway_by_the_api(api):
    user = make_user()
    order = make_placed_order(user=user)
    api.force_authenticate(user)
    answer = api.post("/api/v1/payments/initiate/", {"order_id": str(order.pk), "gateway": "cod"})
    assert answer.status_code == 400
    assert list(answer.json()["details"]) == ["gateway"]


def test_money_that_comes_online_cancels_the_uncollected_cash(bank, api):
    order = make_cash_order()
    cash = start_cash(order).payment
    online = start(order)
    assert settled(cash).status == PaymentState.PENDING
    bank.pay(online)
    deliver(api, *bank.events("payment.captured"))
    assert settled(cash).status == PaymentState.CANCELLED
    assert settled(online).order.payment_status == PaymentStatus.PAID
    with pytest.raises(InvalidTransition, match="no cash to collect"):
        collect_payment(payment_id=cash.pk)
    assert settled(online).order.amount_paid == order.total_amount


def test_collected_cash_sends_a_later_online_payment_back(bank, api):
    order = make_cash_order()
    cash, online = start_cash(order).payment, start(order)
    collect_payment(payment_id=cash.pk)
    assert settled(online).status == PaymentState.CANCELLED
    bank.pay(online)
    deliver(api, *bank.events("payment.captured"))
    assert settled(online).is_surplus
    assert Refund.objects.get().payment == online
    assert settled(cash).order.amount_paid == order.total_amount


def test_starting_cash_closes_an_open_online_payment(bank):
    order = make_cash_order()
    online = start(order)
    assert start_cash(order).is_new
    assert (settled(online).status, settled(online).open_for) == (PaymentState.CANCELLED, None)


def test_a_cancelled_order_cancels_its_uncollected_cash():
    payment = start_cash(make_cash_order()).payment
    cancel_order(order_id=payment.order_id, actor=SYSTEM)
    assert settled(payment).status == PaymentState.CANCELLED
    with pytest.raises(InvalidTransition, match="no cash to collect"):
        collect_payment(payment_id=payment.pk)
    assert settled(payment).order.amount_paid == 0


def test_cash_of_a_cancelled_order_is_to_be_handed_back_by_staff():
    payment = start_cash(make_cash_order()).payment
    collect_payment(payment_id=payment.pk)
    cancel_order(order_id=payment.order_id, actor=SYSTEM)
    send_pending_refunds()
    after = settled(payment)
    assert (after.status, after.amount_refunded) == (PaymentState.REFUNDED, payment.amount)
    assert after.order.payment_status == PaymentStatus.REFUNDED
    assert "it was paid in cash" in after.needs_person


def test_a_part_of_the_cash_is_handed_back_and_never_more_than_came():
    payment = start_cash(make_cash_order()).payment
    collect_payment(payment_id=payment.pk)
    refund = request_refund(payment_id=payment.pk, amount=Decimal("10.00"))
    send_refund(refund_id=refund.pk)
    refund.refresh_from_db()
    assert refund.status == RefundState.PROCESSED
    with pytest.raises(InvalidInput):
        request_refund(payment_id=payment.pk, amount=payment.amount)
    assert settled(payment).amount_refunded == Decimal("10.00")


def test_nobody_is_asked_about_cash():
    payment = start_cash(make_cash_order()).payment
    collect_payment(payment_id=payment.pk)
    assert ask_gateway(payment_id=payment.pk).status == PaymentState.SUCCEEDED
    assert settled(payment).next_ask_at is None


def test_cash_takes_no_webhooks(api):
    answer = api.post("/api/v1/payments/webhooks/cod/", {"event": "collected"})
    assert (answer.status_code, answer.json()["code"]) == (400, "signature_invalid")


# Its invoice


def send_all(order):
    return advance_order(order_id=order.pk, to_status=OrderStatus.SHIPPED, actor=SYSTEM)


def test_the_first_parcel_makes_the_invoice_also_after_a_failed_try_online(bank):
    order = make_cash_order()
    start_cash(order)
    online = start(order)
    bank.pay(online, card=DECLINED)
    ask_gateway(payment_id=online.pk)
    assert settled(online).order.gateway == "razorpay"
    assert not Invoice.objects.exists()
    send_all(order)
    assert Invoice.objects.get().order == order
    assert settled(online).order.payment_status == PaymentStatus.FAILED


def test_money_that_came_online_instead_makes_the_invoice_and_the_parcel_no_second_one(bank):
    order = make_cash_order()
    cash, online = start_cash(order).payment, start(order)
    bank.pay(online)
    ask_gateway(payment_id=online.pk)
    invoice = Invoice.objects.get()
    assert (invoice.order, settled(cash).status) == (order, PaymentState.CANCELLED)
    send_all(order)
    assert Invoice.objects.get() == invoice


def test_cash_that_comes_after_the_parcel_makes_no_second_invoice():
    order = make_cash_order()
    payment = start_cash(order).payment
    send_all(order)
    invoice = Invoice.objects.get()
    collect_payment(payment_id=payment.pk)
    assert settled(payment).order.payment_status == PaymentStatus.PAID
    assert Invoice.objects.get() == invoice


def test_cash_that_comes_before_the_parcel_makes_the_invoice():
    order = make_cash_order()
    collect_payment(payment_id=start_cash(order).payment.pk)
    assert Invoice.objects.get().order == order


def test_an_order_that_was_to_be_paid_in_cash_and_was_cancelled_has_no_invoice():
    order = make_cash_order()
    start_cash(order)
    cancel_order(order_id=order.pk, actor=SYSTEM)
    assert not Invoice.objects.exists()
