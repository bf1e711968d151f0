import socket
import time

import pytest
import razorpay
import requests

from .conftest import KEYS, client_of, until

AUTH = (KEYS["key_id"], KEYS["key_secret"])
ORDER = {"amount": 100, "currency": "INR", "receipt": "faulty"}


def test_a_server_error_undoes_nothing_and_ends_after_its_times(client, act):
    act("faults", path="/v1/orders", mode="error500", times=2)
    for _ in range(2):
        with pytest.raises(razorpay.errors.ServerError):
            client.order.create(ORDER)
    assert client.order.create(ORDER)["status"] == "created"
    assert client.order.all({"receipt": "faulty"})["count"] == 1


def test_html_instead_of_json(client, act):
    act("faults", path="/v1/orders", mode="html502")
    with pytest.raises(requests.JSONDecodeError):
        client.order.create(ORDER)
    assert client.order.all()["count"] == 0


def test_too_many_requests(client, act):
    act("faults", path="/v1/*", mode="error429", method="POST")
    assert client.order.all()["count"] == 0
    with pytest.raises(razorpay.errors.BadRequestError, match="Too many requests"):
        client.order.create(ORDER)


def test_a_dropped_connection_does_no_work(client, act):
    act("faults", path="/v1/orders", mode="drop_connection")
    with pytest.raises(requests.ConnectionError):
        client.order.create(ORDER)
    assert client.order.all()["count"] == 0


def test_a_time_out_does_no_work(client, act):
    act("faults", path="/v1/orders", mode="timeout", seconds=5)
    with pytest.raises(requests.Timeout):
        client.order.create(ORDER, timeout=0.3)
    assert client.order.all({"receipt": "faulty"})["count"] == 0


def test_a_hang_after_the_work_leaves_the_order_to_be_found(client, act):
    act("faults", path="/v1/orders", mode="hang_after_commit", seconds=5)
    with pytest.raises(requests.Timeout):
        client.order.create(ORDER, timeout=0.3)
    [found] = client.order.all({"receipt": "faulty"})["items"]
    assert found["amount"] == 100


def test_half_an_answer_is_an_error_and_leaves_the_order_to_be_found(client, act):
    act("faults", path="/v1/orders", mode="half_answer")
    with pytest.raises(requests.RequestException):
        client.order.create(ORDER)
    [found] = client.order.all({"receipt": "faulty"})["items"]
    assert found["amount"] == 100


def test_a_pattern_reaches_one_kind_of_address(client, order, act):
    _, answer = act("pay", order_id=order["id"], vpa="authorized@razorpay")
    payment_id = answer["razorpay_payment_id"]
    act("faults", path="/v1/payments/*/capture", mode="hang_after_commit")
    assert client.payment.fetch(payment_id)["status"] == "authorized"
    with pytest.raises(requests.ConnectionError):
        client.payment.capture(payment_id, 149900, {"currency": "INR"})
    assert client.payment.fetch(payment_id)["status"] == "captured"


def test_faults_can_be_disarmed(sandbox, client, act):
    act("faults", path="/v1/*", mode="error500", times=9)
    assert requests.get(f"{sandbox.url}/sandbox/faults", timeout=5).json()[0]["times"] == 9
    requests.delete(f"{sandbox.url}/sandbox/faults", timeout=5)
    assert client.order.all()["count"] == 0


@pytest.mark.parametrize(
    "fault",
    [
        {"path": "/v1/*", "mode": "fire"},
        {"mode": "error500"},
        {"path": "/", "mode": "timeout", "times": "x"},
    ],
)
def test_a_wrong_fault_is_refused(client, act, fault):
    status, answer = act("faults", **fault)
    assert status == 400
    assert answer["error"]
    assert client.order.all()["count"] == 0


def test_the_state_shows_every_record(sandbox, order, act):
    _, paid = act("pay", order_id=order["id"], vpa="success@razorpay")
    act("refund", payment_id=paid["razorpay_payment_id"], amount=100)
    state = requests.get(f"{sandbox.url}/sandbox/state", timeout=5).json()["razorpay"]
    assert [one["status"] for one in state["orders"]] == ["paid"]
    assert [one["amount_refunded"] for one in state["payments"]] == [100]
    assert [one["amount"] for one in state["refunds"]] == [100]
    assert state["disputes"] == []


def test_a_reset_forgets_everything(sandbox, order, act):
    act("pay", order_id=order["id"], vpa="success@razorpay")
    act("faults", path="/v1/*", mode="error500")
    act("webhooks", enabled=False)
    assert act("reset") == (200, {})
    state = requests.get(f"{sandbox.url}/sandbox/state", timeout=5).json()["razorpay"]
    assert state["orders"] == state["payments"] == []
    assert requests.get(f"{sandbox.url}/sandbox/events", timeout=5).json() == []
    assert client_of(sandbox).order.all()["count"] == 0
    assert sandbox.deliverer.habits.enabled is True


def test_a_page_of_another_site_cannot_act(sandbox, order):
    sent = {"order_id": order["id"], "vpa": "success@razorpay"}
    headers = {"Origin": "http://127.0.0.1:9999"}
    address = f"{sandbox.url}/sandbox/pay"
    assert requests.post(address, json=sent, headers=headers, timeout=5).status_code == 403
    assert client_of(sandbox).order.fetch(order["id"]) == order


@pytest.mark.parametrize("wrong", [{"speed": 1}, {"refunds": "never"}, {"late_after": "x"}])
def test_a_wrong_pace_is_refused(sandbox, act, wrong):
    before = sandbox.razorpay.account.pace
    assert act("pace", **wrong)[0] == 400
    assert sandbox.razorpay.account.pace == before


def test_a_held_payment_is_given_back_when_nobody_captures_it(client, order, act, sandbox):
    _, answer = act("pay", order_id=order["id"], vpa="authorized@razorpay")
    with sandbox.store.transaction():
        [timer] = sandbox.store.execute("SELECT * FROM timers")
        assert timer["action"] == "release"
        assert timer["due_at"] == pytest.approx(time.time() + 3 * 86400, abs=60)
        sandbox.store.execute("UPDATE timers SET due_at = 0")
    until(lambda: client.payment.fetch(answer["razorpay_payment_id"])["status"] == "refunded")


def test_the_home_page_lists_the_test_cards(sandbox):
    page = requests.get(sandbox.url, timeout=5)
    assert page.headers["Content-Type"] == "text/html; charset=utf-8"
    for text in ("4100 2800 0000 1007", "insufficient_fund", "late@razorpay", KEYS["key_id"]):
        assert text in page.text
    assert KEYS["key_secret"] not in page.text


def test_connections_are_kept_alive(sandbox):
    host, port = sandbox.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=5) as connection:
        for _ in range(2):
            connection.sendall(b"GET /v1/orders HTTP/1.1\r\nHost: x\r\n\r\n")
            assert b"401 Unauthorized" in connection.recv(4096)


def test_a_stopped_server_answers_nobody(start):
    server = start()
    session = requests.Session()
    assert session.get(f"{server.url}/sandbox/state", timeout=5).status_code == 200
    server.stop()
    with pytest.raises(requests.ConnectionError):
        session.get(f"{server.url}/sandbox/state", timeout=5)
