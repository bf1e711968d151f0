from concurrent.futures import ThreadPoolExecutor

import pytest
from razorpay.errors import BadRequestError, SignatureVerificationError

from payments.sandbox.razorpay.bank import CARDS

from .conftest import until

GOOD = [card for card in CARDS if not card.error]
BAD = [card for card in CARDS if card.error]
VISA = "4100 2800 0000 1007"


@pytest.mark.parametrize("card", GOOD, ids=lambda card: card.number)
def test_a_good_card_pays_the_order(client, order, act, card):
    status, answer = act("pay", order_id=order["id"], card=card.number, otp="1234")
    assert status == 200
    assert client.utility.verify_payment_signature(answer) is True
    payment = client.payment.fetch(answer["razorpay_payment_id"])
    assert (payment["status"], payment["captured"], payment["method"]) == ("captured", True, "card")
    assert (payment["fee"], payment["tax"]) == (2998, 458)
    assert payment["card"]["last4"] == card.number[-4:]
    assert payment["card"]["network"] == card.network
    assert payment["international"] is card.international
    paid = client.order.fetch(order["id"])
    assert (paid["status"], paid["amount_paid"], paid["amount_due"]) == ("paid", 149900, 0)
    assert paid["attempts"] == 1
    assert client.order.payments(order["id"])["items"] == [payment]


@pytest.mark.parametrize("card", BAD, ids=lambda card: card.error.reason)
def test_a_bad_card_fails_with_its_reason(client, order, act, card):
    status, answer = act("pay", order_id=order["id"], card=card.number)
    assert status == 400
    assert answer["error"]["reason"] == card.error.reason
    payment = client.payment.fetch(answer["error"]["metadata"]["payment_id"])
    assert (payment["status"], payment["captured"]) == ("failed", False)
    assert payment["error_reason"] == card.error.reason
    assert payment["error_code"] == answer["error"]["code"]
    tried = client.order.fetch(order["id"])
    assert (tried["status"], tried["amount_paid"], tried["attempts"]) == ("attempted", 0, 1)


def test_the_documented_reasons_are_all_there():
    assert {card.number: (card.error.reason, card.error.code) for card in BAD} == {
        "4100280000090000": ("payment_timed_out", "BAD_REQUEST_ERROR"),
        "4100280000080001": ("insufficient_fund", "BAD_REQUEST_ERROR"),
        "4100280000070002": ("payment_cancelled", "BAD_REQUEST_ERROR"),
        "4100280000060003": ("card_declined", "BAD_REQUEST_ERROR"),
        "4100280000030006": ("card_disabled_for_online_payments", "BAD_REQUEST_ERROR"),
        "4100280000010008": ("card_number_invalid", "BAD_REQUEST_ERROR"),
        "4100280000020007": ("gateway_technical_error", "GATEWAY_ERROR"),
        "4100280000000009": ("authentication_failed", "GATEWAY_ERROR"),
    }


@pytest.mark.parametrize(
    ("otp", "status"),
    [("123", 400), ("", 400), ("12ab", 400), ("1234", 200), ("1" * 10, 200), ("1" * 11, 400)],
)
def test_a_code_of_4_to_10_digits_is_good(client, order, act, otp, status):
    assert act("pay", order_id=order["id"], card=VISA, otp=otp)[0] == status
    state = "paid" if status == 200 else "attempted"
    assert client.order.fetch(order["id"])["status"] == state


def test_an_unknown_card_makes_no_payment(client, order, act):
    status, answer = act("pay", order_id=order["id"], card="4242424242424242")
    assert (status, answer["error"]["reason"]) == (400, "card_number_invalid")
    assert client.order.fetch(order["id"]) == order
    assert act("pay", order_id=order["id"], vpa="nobody@razorpay")[0] == 400
    assert client.order.fetch(order["id"]) == order


def test_success_by_upi_pays(client, order, act):
    status, answer = act("pay", order_id=order["id"], vpa="success@razorpay")
    assert status == 200
    assert client.utility.verify_payment_signature(answer)
    payment = client.payment.fetch(answer["razorpay_payment_id"])
    assert (payment["method"], payment["vpa"]) == ("upi", "success@razorpay")
    assert payment["status"] == "captured"


def test_failure_by_upi_fails_and_the_order_can_be_tried_again(client, order, act):
    status, answer = act("pay", order_id=order["id"], vpa="failure@razorpay")
    assert (status, answer["error"]["reason"]) == (400, "payment_failed")
    assert act("pay", order_id=order["id"], vpa="success@razorpay")[0] == 200
    assert client.order.fetch(order["id"])["attempts"] == 2
    states = [one["status"] for one in client.order.payments(order["id"])["items"]]
    assert states == ["captured", "failed"]


def test_a_payment_that_waits_stays_created(client, order, act):
    status, answer = act("pay", order_id=order["id"], vpa="pending@razorpay")
    assert (status, answer["status"]) == (200, "created")
    assert "razorpay_signature" not in answer
    assert client.payment.fetch(answer["razorpay_payment_id"])["status"] == "created"


def test_a_late_payment_fails_and_is_captured_after_all(client, order, act, shop):
    _, answer = act("pay", order_id=order["id"], vpa="late@razorpay")
    assert answer["status"] == "created"
    until(lambda: len(shop.events()) == 4)
    names = [one["json"]["event"] for one in shop.events()]
    assert names[0] == "payment.failed"
    assert sorted(names[1:]) == ["order.paid", "payment.authorized", "payment.captured"]
    payment = client.payment.fetch(answer["razorpay_payment_id"])
    assert (payment["status"], payment["error_code"]) == ("captured", None)


def test_a_late_payment_of_a_paid_order_is_refunded_at_once(client, order, act):
    _, late = act("pay", order_id=order["id"], vpa="late@razorpay")
    late_id = late["razorpay_payment_id"]
    until(lambda: client.payment.fetch(late_id)["status"] == "failed")
    assert act("pay", order_id=order["id"], card=VISA)[0] == 200
    until(lambda: client.payment.fetch(late_id)["status"] == "refunded")
    payment = client.payment.fetch(late_id)
    assert (payment["captured"], payment["amount_refunded"]) == (False, 149900)
    assert client.order.fetch(order["id"])["amount_paid"] == 149900


def test_an_authorized_payment_waits_for_its_capture(client, order, act):
    _, answer = act("pay", order_id=order["id"], vpa="authorized@razorpay")
    assert client.utility.verify_payment_signature(answer)
    payment_id = answer["razorpay_payment_id"]
    assert client.payment.fetch(payment_id)["status"] == "authorized"
    assert client.order.fetch(order["id"])["status"] == "attempted"
    assert client.order.all({"authorized": 1})["count"] == 1
    status, refused = act("pay", order_id=order["id"], card=VISA)
    assert status == 400
    assert "already paid" in refused["error"]["description"]
    captured = client.payment.capture(payment_id, 149900, {"currency": "INR"})
    assert (captured["status"], captured["captured"]) == ("captured", True)
    assert client.order.fetch(order["id"])["status"] == "paid"
    with pytest.raises(BadRequestError, match="This payment has already been captured"):
        client.payment.capture(payment_id, 149900, {"currency": "INR"})


@pytest.mark.parametrize(
    "rules", [{"payment": {"capture": "manual"}}, {"payment_capture": 0}], ids=["new", "old"]
)
def test_an_order_can_ask_for_manual_capture(client, act, rules):
    order = client.order.create({"amount": 5000, "currency": "INR", **rules})
    _, answer = act("pay", order_id=order["id"], card=VISA)
    assert client.payment.fetch(answer["razorpay_payment_id"])["status"] == "authorized"


@pytest.mark.parametrize(
    ("amount", "currency", "text"),
    [
        (149901, "INR", "Capture amount must be equal to the amount authorized"),
        (149900, "USD", "currency must be same"),
        (1499.5, "INR", "The amount must be an integer"),
    ],
)
def test_a_wrong_capture_changes_nothing(client, order, act, amount, currency, text):
    _, answer = act("pay", order_id=order["id"], vpa="authorized@razorpay")
    with pytest.raises(BadRequestError, match=text):
        client.payment.capture(answer["razorpay_payment_id"], amount, {"currency": currency})
    assert client.payment.fetch(answer["razorpay_payment_id"])["status"] == "authorized"


def test_a_failed_payment_cannot_be_captured(client, order, act):
    _, answer = act("pay", order_id=order["id"], vpa="failure@razorpay")
    payment_id = answer["error"]["metadata"]["payment_id"]
    with pytest.raises(BadRequestError, match="Only payments which have been authorized"):
        client.payment.capture(payment_id, 149900, {"currency": "INR"})
    assert client.payment.fetch(payment_id)["status"] == "failed"


def test_a_foreign_payment_tells_its_worth_in_rupees(client, act):
    order = client.order.create({"amount": 1000, "currency": "USD"})
    _, answer = act("pay", order_id=order["id"], card=VISA)
    payment = client.payment.fetch(answer["razorpay_payment_id"])
    assert (payment["base_amount"], payment["base_currency"]) == (84000, "INR")


def test_a_paid_order_takes_no_second_payment(client, order, act):
    assert act("pay", order_id=order["id"], card=VISA)[0] == 200
    status, answer = act("pay", order_id=order["id"], card=VISA)
    assert status == 400
    assert "already paid" in answer["error"]["description"]
    assert client.order.payments(order["id"])["count"] == 1


def test_a_foreign_signature_is_refused_by_the_sdk(client, order, act):
    _, answer = act("pay", order_id=order["id"], card=VISA)
    other = client.order.create({"amount": 100, "currency": "INR"})
    with pytest.raises(SignatureVerificationError):
        client.utility.verify_payment_signature({**answer, "razorpay_order_id": other["id"]})


def test_twenty_parallel_payments_pay_an_order_once(client, order, act, sandbox):
    with ThreadPoolExecutor(20) as pool:
        tries = list(pool.map(lambda _: act("pay", order_id=order["id"], card=VISA), range(20)))
    assert sorted(status for status, _ in tries) == [200] + [400] * 19
    assert client.order.payments(order["id"])["count"] == 1
    assert client.order.fetch(order["id"])["amount_paid"] == 149900
    events = [event.type for event in sandbox.store.events.all()]
    assert events == ["payment.authorized", "payment.captured", "order.paid"]
