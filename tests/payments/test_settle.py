import json
from contextlib import contextmanager
from decimal import Decimal

import pytest

from config.errors import NotFound
from orders.models import OrderHistory, OrderStatus, PaymentStatus
from orders.services.lifecycle import SYSTEM, cancel_order
from payments.errors import GatewayError, SignatureInvalid
from payments.gateways import gateway_for
from payments.models import EventState, GatewayEvent, Payment, PaymentState, Refund, RefundState
from payments.services.ask import ask_gateway
from payments.services.events import handle_again
from payments.services.refunds import send_pending_refunds
from payments.services.settle import settle
from payments.services.verify import find_signed, verify_signed
from payments.signals import payment_needs_person, payment_succeeded
from tests.orders.factories import make_placed_order

from .bank import DECLINED, VISA, deliver, post_webhook, settled, start

pytestmark = pytest.mark.django_db


@contextmanager
def heard(signal):
    ids = []

    def note(payment_id, **kwargs):
        ids.append(payment_id)

    signal.connect(note)
    yield ids
    signal.disconnect(note)


@pytest.fixture
def told():
    """Every payment that was told to be paid."""
    with heard(payment_succeeded) as ids:
        yield ids


@pytest.fixture
def needing():
    """Every payment of which staff were told."""
    with heard(payment_needs_person) as ids:
        yield ids


def verify(answer):
    return verify_signed(
        payment=find_signed(answer["razorpay_order_id"]),
        gateway_payment_id=answer["razorpay_payment_id"],
        signature=answer["razorpay_signature"],
    )


def assert_paid_once(payment, told):
    payment = settled(payment)
    order = payment.order
    assert (payment.status, payment.amount_captured) == (PaymentState.SUCCEEDED, payment.amount)
    assert payment.open_for is None
    assert (order.status, order.payment_status) == (OrderStatus.CONFIRMED, PaymentStatus.PAID)
    assert order.amount_paid == order.total_amount
    assert told == [payment.pk]
    moves = OrderHistory.objects.filter(order=order, to_status=OrderStatus.CONFIRMED)
    assert moves.count() == 1
    assert not Refund.objects.exists()


def test_a_webhook_pays_the_order(bank, api, told):
    payment = start(make_placed_order())
    bank.pay(payment)
    deliver(api, *bank.events("payment.captured"))
    assert_paid_once(payment, told)
    assert settled(payment).method == "card"
    assert settled(payment).gateway_payment_id.startswith("pay_")


def test_verify_before_the_webhooks_pays_once(bank, api, told):
    payment = start(make_placed_order())
    verify(bank.pay(payment))
    assert_paid_once(payment, told)
    deliver(api, *bank.events())
    assert_paid_once(payment, told)


def test_verify_after_the_webhooks_pays_once(bank, api, told):
    payment = start(make_placed_order())
    answer = bank.pay(payment)
    deliver(api, *bank.events())
    verify(answer)
    assert_paid_once(payment, told)


def test_five_deliveries_of_one_webhook_pay_once(bank, api, told):
    payment = start(make_placed_order())
    bank.pay(payment)
    (captured,) = bank.events("payment.captured")
    deliver(api, *[captured] * 5)
    assert GatewayEvent.objects.count() == 1
    assert_paid_once(payment, told)


def test_the_order_of_webhooks_does_not_matter(bank, api, told):
    payment = start(make_placed_order())
    bank.pay(payment)
    deliver(api, *bank.events("order.paid", "payment.captured", "payment.authorized"))
    assert_paid_once(payment, told)
    assert not GatewayEvent.objects.exclude(status=EventState.HANDLED).exists()


def test_an_event_handled_again_changes_nothing(bank, api, told):
    payment = start(make_placed_order())
    bank.pay(payment)
    deliver(api, *bank.events())
    for event in GatewayEvent.objects.all():
        handle_again(event_id=event.pk)
    assert_paid_once(payment, told)


def test_a_declined_card_fails_and_a_second_try_of_the_same_checkout_pays(bank, api, told):
    payment = start(make_placed_order())
    bank.pay(payment, card=DECLINED)
    deliver(api, *bank.events("payment.failed"))
    failed = settled(payment)
    assert (failed.status, failed.open_for) == (PaymentState.FAILED, None)
    assert failed.error == "The card was declined by the bank."
    assert failed.order.payment_status == PaymentStatus.FAILED
    assert failed.order.status == OrderStatus.PENDING
    bank.pay(payment, card=VISA)
    deliver(api, *bank.events("payment.captured"))
    assert_paid_once(payment, told)
    assert settled(payment).error == ""


def test_a_failure_that_is_told_after_the_capture_changes_nothing(bank, api, told):
    payment = start(make_placed_order())
    bank.pay(payment, card=DECLINED)
    bank.pay(payment, card=VISA)
    deliver(api, *bank.events("payment.captured", "payment.failed"))
    assert_paid_once(payment, told)


def test_a_late_failure_of_the_captured_try_itself_changes_nothing(bank, api, told):
    payment = start(make_placed_order())
    verify(bank.pay(payment))
    body = json.loads(bank.events("payment.captured")[0].body)
    body["event"] = "payment.failed"
    body["payload"]["payment"]["entity"] |= {"status": "failed", "captured": False}
    assert post_webhook(api, body).status_code == 200
    deliver(api, *bank.events("order.paid"))
    assert_paid_once(payment, told)


def test_money_that_is_found_late_pays_the_failed_payment(bank, api, told):
    payment = start(make_placed_order())
    answer = bank.pay(payment, vpa="late@razorpay")
    from payments.sandbox.razorpay.payments import authorize_late, time_out

    account, late = bank.server.razorpay.account, answer["razorpay_payment_id"]
    with account.store.transaction():
        time_out(account, late)
    deliver(api, *bank.events("payment.failed"))
    assert settled(payment).status == PaymentState.FAILED
    with account.store.transaction():
        authorize_late(account, late)
    deliver(api, *bank.events("payment.authorized"))
    assert_paid_once(payment, told)


def test_held_money_is_captured_by_the_shop(bank, api, told):
    payment = start(make_placed_order())
    bank.hold(payment)
    deliver(api, *bank.events("payment.authorized"))
    assert_paid_once(payment, told)


def test_held_money_waits_where_the_capture_gets_no_answer(bank, api, told):
    payment = start(make_placed_order())
    answer = bank.hold(payment)
    bank.fault("/v1/payments/*/capture", "error500")
    with pytest.raises(GatewayError):
        verify(answer)
    waiting = settled(payment)
    assert (waiting.status, waiting.order.status) == (PaymentState.AUTHORIZED, OrderStatus.PENDING)
    ask_gateway(payment_id=payment.pk)
    assert_paid_once(payment, told)


def test_a_capture_whose_answer_is_lost_is_settled_by_the_next_question(bank, told, settings):
    settings.PAYMENT_TIMEOUT = 0.3
    payment = start(make_placed_order())
    answer = bank.hold(payment)
    bank.fault("/v1/payments/*/capture", "hang_after_commit", seconds=1)
    with pytest.raises(GatewayError):
        verify(answer)
    verify(answer)
    assert_paid_once(payment, told)


def test_held_money_of_a_cancelled_order_is_not_captured(bank, api):
    payment = start(make_placed_order())
    bank.hold(payment)
    cancel_order(order_id=payment.order_id, actor=SYSTEM)
    deliver(api, *bank.events("payment.authorized"))
    assert settled(payment).status == PaymentState.CANCELLED
    assert settled(payment).amount_captured == 0
    (asked,) = gateway_for("razorpay").payments_of(payment.gateway_order_id)
    assert asked.state == "authorized"


def test_a_wrong_signature_changes_nothing(bank):
    payment = start(make_placed_order())
    answer = bank.pay(payment)
    with pytest.raises(SignatureInvalid):
        verify({**answer, "razorpay_signature": "0" * 64})
    assert settled(payment).status == PaymentState.PENDING


def test_a_genuine_signature_is_worth_nothing_on_another_order(bank):
    paid, other = start(make_placed_order()), start(make_placed_order())
    answer = bank.pay(paid)
    with pytest.raises(SignatureInvalid):
        verify({**answer, "razorpay_order_id": other.gateway_order_id})
    assert settled(other).status == PaymentState.PENDING
    assert settled(other).order.payment_status == PaymentStatus.PENDING


def test_an_unknown_gateway_order_is_not_found(bank):
    with pytest.raises(NotFound):
        find_signed("order_of_nobody")


@pytest.mark.parametrize("change", [{"amount": 100}, {"currency": "USD"}])
def test_another_amount_or_currency_pays_nothing_and_asks_for_a_person(bank, change, needing):
    payment = start(make_placed_order())
    answer = bank.pay(payment)
    bank.edit_payment(answer["razorpay_payment_id"], **change)
    verify(answer)
    verify(answer)
    odd = settled(payment)
    assert (odd.status, odd.amount_captured) == (PaymentState.PENDING, 0)
    assert "not what was asked for" in odd.needs_person
    assert (odd.order.status, odd.order.amount_paid) == (OrderStatus.PENDING, 0)
    assert needing == [payment.pk]


def test_the_first_of_two_payments_pays_and_the_second_goes_back(bank, api, told):
    order = make_placed_order()
    first = start(order)
    bank.pay(first, card=DECLINED)
    deliver(api, *bank.events("payment.failed"))
    second = start(order)
    verify(bank.pay(second))
    verify(bank.pay(first))
    assert told == [second.pk]
    surplus = settled(first)
    assert (surplus.status, surplus.is_surplus) == (PaymentState.SUCCEEDED, True)
    assert "paid already" in surplus.needs_person
    assert (surplus.order.amount_paid, surplus.order.status) == (
        order.total_amount,
        OrderStatus.CONFIRMED,
    )
    send_pending_refunds()
    bank.end_refunds()
    deliver(api, *bank.events("refund.processed"))
    back = settled(first)
    assert (back.status, back.amount_refunded) == (PaymentState.REFUNDED, back.amount)
    assert (back.order.payment_status, back.order.amount_refunded) == (PaymentStatus.PAID, 0)
    assert settled(second).amount_refunded == 0


def test_a_capture_on_a_closed_payment_pays_and_closes_the_open_one(bank, api, told):
    order = make_placed_order()
    first = start(order)
    bank.pay(first, card=DECLINED)
    deliver(api, *bank.events("payment.failed"))
    second = start(order)
    verify(bank.pay(first))
    assert_paid_once(first, told)
    closed = settled(second)
    assert (closed.status, closed.open_for) == (PaymentState.CANCELLED, None)


def test_a_second_capture_on_one_gateway_order_is_recorded_and_refunded(bank, api, told):
    payment = start(make_placed_order())
    verify(bank.pay(payment))
    body = json.loads(bank.events("payment.captured")[0].body)
    body["payload"]["payment"]["entity"]["id"] = "pay_second00000000"
    for _ in range(2):
        post_webhook(api, body)
        deliver(api, *bank.events("order.paid"))
    second = Payment.objects.exclude(pk=payment.pk).get()
    assert (second.gateway_payment_id, second.is_surplus) == ("pay_second00000000", True)
    assert (second.status, second.amount_captured) == (PaymentState.SUCCEEDED, payment.amount)
    refund = Refund.objects.get()
    assert (refund.payment, refund.amount) == (second, payment.amount)
    assert told == [payment.pk]


def test_money_for_a_cancelled_order_goes_back_by_itself(bank, api, told):
    payment = start(make_placed_order())
    cancel_order(order_id=payment.order_id, actor=SYSTEM)
    answer = bank.pay(payment)
    verify(answer)
    deliver(api, *bank.events())
    late = settled(payment)
    assert (late.status, late.amount_captured) == (PaymentState.SUCCEEDED, payment.amount)
    assert (late.order.status, late.order.amount_paid) == (OrderStatus.CANCELLED, payment.amount)
    assert told == []
    refund = Refund.objects.get()
    assert (refund.status, refund.amount) == (RefundState.PENDING, payment.amount)
    send_pending_refunds()
    bank.end_refunds()
    deliver(api, *bank.events("refund.processed"))
    back = settled(payment)
    assert back.status == PaymentState.REFUNDED
    assert back.order.payment_status == PaymentStatus.REFUNDED
    assert back.order.amount_refunded == payment.amount
    assert back.order.paid_at is None


def test_held_money_that_the_gateway_lets_go_fails_the_payment(bank, api):
    payment = start(make_placed_order())
    bank.fault("/v1/payments/*/capture", "error500", times=5)
    answer = bank.hold(payment)
    with pytest.raises(GatewayError):
        verify(answer)
    from payments.sandbox.razorpay.payments import release

    account = bank.server.razorpay.account
    with account.store.transaction():
        release(account, answer["razorpay_payment_id"])
    deliver(api, *bank.events("refund.processed"))
    let_go = settled(payment)
    assert (let_go.status, let_go.amount_captured) == (PaymentState.FAILED, 0)
    assert let_go.order.status == OrderStatus.PENDING
    assert not Refund.objects.exists()


def test_news_of_a_payment_of_somebody_else_is_ignored(bank):
    payment = start(make_placed_order())
    answer = bank.pay(payment)
    news = gateway_for("razorpay").fetch_payment(answer["razorpay_payment_id"])
    payment.gateway_order_id = "order_other"
    payment.save()
    settle("razorpay", news)
    assert settled(payment).status == PaymentState.PENDING


def test_a_dispute_asks_for_a_person(bank, api):
    payment = start(make_placed_order())
    answer = bank.pay(payment)
    verify(answer)
    bank.act("dispute", payment_id=answer["razorpay_payment_id"])
    deliver(api, *bank.events("payment.dispute.created"))
    assert "Dispute disp_" in settled(payment).needs_person
    assert settled(payment).amount_refunded == Decimal(0)
