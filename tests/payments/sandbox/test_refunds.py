from concurrent.futures import ThreadPoolExecutor

import pytest
import requests
from razorpay.errors import BadRequestError

from .conftest import KEYS, client_of, until


@pytest.fixture
def payment_id(order, act):
    return act("pay", order_id=order["id"], vpa="success@razorpay")[1]["razorpay_payment_id"]


def refund_with_key(sandbox, payment_id, key, **fields):
    return requests.post(
        f"{sandbox.url}/v1/payments/{payment_id}/refund",
        json=fields,
        headers={"X-Refund-Idempotency": key},
        auth=(KEYS["key_id"], KEYS["key_secret"]),
        timeout=5,
    )


def test_parts_are_refunded_up_to_the_captured_amount(client, payment_id):
    first = client.payment.refund(payment_id, {"amount": 50000, "receipt": "ret-1"})
    assert first["id"].startswith("rfnd_")
    assert (first["amount"], first["payment_id"], first["receipt"]) == (50000, payment_id, "ret-1")
    assert (first["status"], first["speed_requested"]) == ("pending", "normal")
    payment = client.payment.fetch(payment_id)
    assert (payment["status"], payment["captured"]) == ("captured", True)
    assert (payment["amount_refunded"], payment["refund_status"]) == (50000, "partial")
    with pytest.raises(BadRequestError, match="total refund amount is greater"):
        client.payment.refund(payment_id, {"amount": 99901})
    assert client.payment.fetch(payment_id)["amount_refunded"] == 50000
    second = client.payment.refund(payment_id, {"amount": 99900})
    payment = client.payment.fetch(payment_id)
    assert (payment["status"], payment["captured"]) == ("refunded", True)
    assert (payment["amount_refunded"], payment["refund_status"]) == (149900, "full")
    with pytest.raises(BadRequestError, match="has been fully refunded already"):
        client.payment.refund(payment_id, {"amount": 100})
    listed = client.payment.fetch_multiple_refund(payment_id)["items"]
    assert [one["id"] for one in listed] == [second["id"], first["id"]]
    assert client.payment.fetch_refund_id(payment_id, first["id"])["id"] == first["id"]
    assert client.order.fetch(payment["order_id"])["status"] == "paid"


def test_a_refund_is_processed_in_time(client, payment_id, shop):
    made = client.payment.refund(payment_id, {"amount": 50000})
    until(lambda: client.refund.fetch(made["id"])["status"] == "processed")
    event = until(lambda: shop.events("refund.processed"))[0]["json"]
    assert event["contains"] == ["refund", "payment"]
    assert event["payload"]["refund"]["entity"]["id"] == made["id"]
    assert event["payload"]["payment"]["entity"]["amount_refunded"] == 50000
    assert len(until(lambda: shop.events("refund.created"))) == 1


def test_an_instant_refund_is_processed_at_once(client, payment_id):
    made = client.payment.refund(payment_id, {"speed": "optimum"})
    assert (made["status"], made["speed_processed"]) == ("processed", "instant")
    assert made["amount"] == 149900


def test_a_failed_refund_gives_its_amount_free(client, payment_id, act, shop):
    act("pace", refunds="failed")
    made = client.payment.refund(payment_id, {"amount": 50000})
    until(lambda: shop.events("refund.failed"))
    assert client.refund.fetch(made["id"])["status"] == "failed"
    payment = client.payment.fetch(payment_id)
    assert (payment["amount_refunded"], payment["refund_status"]) == (0, None)
    assert payment["status"] == "captured"


@pytest.mark.parametrize(
    ("fields", "text"),
    [
        ({"amount": 149901}, "The refund amount provided is greater than amount captured."),
        ({"amount": 99}, "The amount must be at least INR 1.00"),
        ({"amount": 100.5}, "The amount must be an integer."),
        ({"amount": 100, "why": "x"}, "why is/are not required and should not be sent"),
        ({"amount": 100, "speed": "light"}, "speed is invalid"),
    ],
)
def test_a_wrong_refund_changes_nothing(client, payment_id, fields, text):
    with pytest.raises(BadRequestError, match=text):
        client.payment.refund(payment_id, fields)
    assert client.payment.fetch(payment_id)["amount_refunded"] == 0
    assert client.refund.all()["items"] == []


def test_money_that_was_not_captured_is_not_refunded(client, order, act):
    _, answer = act("pay", order_id=order["id"], vpa="authorized@razorpay")
    with pytest.raises(BadRequestError, match="should be captured"):
        client.payment.refund(answer["razorpay_payment_id"], {"amount": 100})
    assert client.refund.all()["items"] == []


def test_the_same_key_and_body_replay_the_first_answer(sandbox, client, payment_id):
    first = refund_with_key(sandbox, payment_id, "refund-key-1", amount=50000)
    again = refund_with_key(sandbox, payment_id, "refund-key-1", amount=50000)
    assert (first.status_code, again.status_code) == (200, 200)
    assert again.json() == first.json()
    assert client.payment.fetch(payment_id)["amount_refunded"] == 50000


def test_the_sdk_passes_the_key(client, payment_id):
    sent = [
        client.payment.refund(
            payment_id, {"amount": 100}, headers={"X-Refund-Idempotency": "refund-key-2"}
        )
        for _ in range(2)
    ]
    assert sent[0] == sent[1]
    assert client.payment.fetch(payment_id)["amount_refunded"] == 100


def test_the_same_key_with_another_body_is_409(sandbox, client, payment_id):
    refund_with_key(sandbox, payment_id, "refund-key-3", amount=50000)
    other = refund_with_key(sandbox, payment_id, "refund-key-3", amount=40000)
    assert other.status_code == 409
    error = other.json()["error"]
    assert error["code"] == "BAD_REQUEST_ERROR"
    assert error["description"].startswith("Different request with the same idempotency key")
    assert (error["source"], error["step"], error["reason"]) == ("NA", "NA", "NA")
    assert client.payment.fetch(payment_id)["amount_refunded"] == 50000


@pytest.mark.parametrize("key", ["short", "has spaces inside", "ten.chars.."])
def test_a_bad_key_is_400(sandbox, client, payment_id, key):
    assert refund_with_key(sandbox, payment_id, key, amount=100).status_code == 400
    assert client.refund.all()["items"] == []


def test_ten_parallel_halves_pass_twice_at_most(sandbox, client, payment_id):
    def half(_):
        try:
            return client_of(sandbox).payment.refund(payment_id, {"amount": 74950})["id"]
        except BadRequestError:
            return None

    with ThreadPoolExecutor(10) as pool:
        made = [one for one in pool.map(half, range(10)) if one]
    assert len(made) == 2
    assert client.payment.fetch(payment_id)["amount_refunded"] == 149900
    assert client.refund.all()["count"] == 2


def test_a_refund_whose_answer_was_lost_is_found_by_its_key(sandbox, client, payment_id, act):
    act("faults", path="/v1/payments/*/refund", mode="hang_after_commit")
    with pytest.raises(requests.ConnectionError):
        refund_with_key(sandbox, payment_id, "lost-answer", amount=50000)
    again = refund_with_key(sandbox, payment_id, "lost-answer", amount=50000)
    assert again.json()["id"] == client.refund.all()["items"][0]["id"]
    assert client.payment.fetch(payment_id)["amount_refunded"] == 50000


def test_refunds_by_the_other_address_have_the_same_rules(client, payment_id):
    made = client.refund.create({"payment_id": payment_id, "amount": 149900})
    assert made["payment_id"] == payment_id
    with pytest.raises(BadRequestError, match="fully refunded"):
        client.refund.create({"payment_id": payment_id, "amount": 100})


def test_a_refund_can_be_kept_pending_and_ended_by_hand(client, payment_id, act, shop):
    act("pace", refunds="pending")
    made = client.payment.refund(payment_id, {"amount": 50000})
    until(lambda: shop.events("refund.created"))
    assert client.refund.fetch(made["id"])["status"] == "pending"
    status, ended = act("refund", refund_id=made["id"], status="failed")
    assert (status, ended["status"]) == (200, "failed")
    assert client.payment.fetch(payment_id)["amount_refunded"] == 0
    assert act("refund", refund_id=made["id"], status="processed")[0] == 400
    until(lambda: shop.events("refund.failed"))


def test_one_key_used_in_parallel_refunds_once(sandbox, client, payment_id):
    def send(_):
        return refund_with_key(sandbox, payment_id, "parallel-key", amount=100).json()["id"]

    with ThreadPoolExecutor(10) as pool:
        assert len(set(pool.map(send, range(10)))) == 1
    assert client.payment.fetch(payment_id)["amount_refunded"] == 100


def test_a_refund_begun_in_the_dashboard_reaches_the_shop(client, payment_id, act, shop):
    status, made = act("refund", payment_id=payment_id, amount=30000)
    assert status == 200
    event = until(lambda: shop.events("refund.created"))[0]["json"]
    assert event["payload"]["refund"]["entity"]["id"] == made["id"]
    assert client.payment.fetch(payment_id)["amount_refunded"] == 30000


def test_a_dispute_runs_its_course(client, payment_id, act, shop):
    _, made = act("dispute", payment_id=payment_id, amount=20000)
    assert (made["status"], made["phase"], made["amount_deducted"]) == ("open", "chargeback", 0)
    event = until(lambda: shop.events("payment.dispute.created"))[0]["json"]
    assert event["contains"] == ["payment", "dispute"]
    assert client.dispute.fetch(made["id"]) == made
    contested = client.dispute.contest(made["id"], {"summary": "it was sent", "action": "submit"})
    assert contested["status"] == "under_review"
    act("dispute", dispute_id=made["id"], status="lost")
    assert client.dispute.fetch(made["id"])["amount_deducted"] == 20000
    until(lambda: shop.events("payment.dispute.lost"))
    status, _ = act("dispute", dispute_id=made["id"], status="won")
    assert status == 400
