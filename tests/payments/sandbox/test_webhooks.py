import sqlite3

import pytest
import razorpay
import requests

from payments.sandbox import webhooks

from .conftest import KEYS, client_of, until

PAID = ["order.paid", "payment.authorized", "payment.captured"]


def names(shop):
    return sorted(one["json"]["event"] for one in shop.events())


def events(sandbox):
    return requests.get(f"{sandbox.url}/sandbox/events", timeout=5).json()


def test_a_payment_sends_three_signed_events(client, order, act, shop):
    act("pay", order_id=order["id"], vpa="success@razorpay")
    until(lambda: names(shop) == PAID)
    for one in shop.events():
        assert one["headers"]["Content-Type"] == "application/json"
        assert client.utility.verify_webhook_signature(
            one["body"].decode(), one["headers"]["X-Razorpay-Signature"], KEYS["webhook_secret"]
        )
    assert len({one["headers"]["X-Razorpay-Event-Id"] for one in shop.events()}) == 3


def test_events_have_the_documented_shape(client, order, act, shop):
    act("pay", order_id=order["id"], vpa="success@razorpay")
    paid = until(lambda: shop.events("order.paid"))[0]["json"]
    assert set(paid) == {"entity", "account_id", "event", "contains", "payload", "created_at"}
    assert (paid["entity"], paid["contains"]) == ("event", ["payment", "order"])
    entity = paid["payload"]["order"]["entity"]
    assert entity == client.order.fetch(order["id"])
    payment = paid["payload"]["payment"]["entity"]
    assert {**client.payment.fetch(payment["id"]), "base_amount": 149900} == payment


def test_an_event_shows_the_payment_as_it_was_then(order, act, shop):
    act("pay", order_id=order["id"], vpa="success@razorpay")
    early = until(lambda: shop.events("payment.authorized"))[0]["json"]
    entity = early["payload"]["payment"]["entity"]
    assert (entity["status"], entity["captured"], entity["fee"]) == ("authorized", False, None)


def test_a_failed_payment_is_told(order, act, shop):
    act("pay", order_id=order["id"], card="4100280000060003")
    event = until(lambda: shop.events())[0]["json"]
    assert (event["event"], event["contains"]) == ("payment.failed", ["payment"])
    assert event["payload"]["payment"]["entity"]["error_reason"] == "card_declined"


def test_a_refused_event_comes_again_under_the_same_id(order, act, shop, sandbox):
    shop.statuses = [500, 302, 404]
    act("pay", order_id=order["id"], card="4100280000060003")
    until(lambda: len(shop.events()) == 4)
    assert len({one["headers"]["X-Razorpay-Event-Id"] for one in shop.events()}) == 1
    assert len({one["body"] for one in shop.events()}) == 1
    assert len({one["headers"]["X-Razorpay-Signature"] for one in shop.events()}) == 1
    until(lambda: events(sandbox)[0]["delivered_at"])
    assert (events(sandbox)[0]["attempts"], events(sandbox)[0]["outcome"]) == (4, "200")


def test_an_answer_that_comes_too_late_does_not_count(order, act, shop, sandbox, monkeypatch):
    monkeypatch.setattr(webhooks, "PATIENCE", 0.2)
    shop.pauses = [0.6]
    act("pay", order_id=order["id"], card="4100280000060003")
    until(lambda: events(sandbox)[0]["delivered_at"])
    assert events(sandbox)[0]["attempts"] == 2
    assert len(shop.events()) == 2


def test_an_event_older_than_a_day_is_given_up(order, act, shop, sandbox):
    shop.statuses = [500]
    act("webhooks", enabled=False)
    act("pay", order_id=order["id"], card="4100280000060003")
    with sandbox.store.transaction():
        sandbox.store.execute("UPDATE events SET created_at = created_at - 86400")
    act("webhooks", enabled=True)
    until(lambda: events(sandbox)[0]["attempts"] == 1)
    assert events(sandbox)[0]["next_attempt_at"] is None
    assert events(sandbox)[0]["delivered_at"] is None


def test_an_event_that_was_delivered_does_not_come_again(order, act, shop, sandbox):
    act("pay", order_id=order["id"], vpa="success@razorpay")
    until(lambda: all(one["delivered_at"] for one in events(sandbox)))
    assert names(shop) == PAID


def test_webhooks_can_be_doubled(order, act, shop):
    act("webhooks", duplicate=1)
    act("pay", order_id=order["id"], card="4100280000060003")
    until(lambda: len(shop.events()) == 2)
    first, second = shop.events()
    assert first["body"] == second["body"]
    assert first["headers"]["X-Razorpay-Event-Id"] == second["headers"]["X-Razorpay-Event-Id"]


def test_webhooks_can_be_withheld_and_let_go(order, act, shop, sandbox):
    act("webhooks", enabled=False)
    act("pay", order_id=order["id"], vpa="success@razorpay")
    assert sorted(one["type"] for one in events(sandbox)) == PAID
    assert [one["attempts"] for one in events(sandbox)] == [0, 0, 0]
    assert shop.events() == []
    act("webhooks", enabled=True, shuffle=True)
    until(lambda: names(shop) == PAID)


def test_webhooks_can_be_delayed(order, act, shop, sandbox):
    act("webhooks", delay=0.4)
    act("pay", order_id=order["id"], vpa="success@razorpay")
    row = events(sandbox)[0]
    assert row["next_attempt_at"] - row["created_at"] == pytest.approx(0.4, abs=0.01)
    until(lambda: names(shop) == PAID)


def test_an_event_can_be_replayed(order, act, shop, sandbox):
    act("pay", order_id=order["id"], card="4100280000060003")
    until(lambda: events(sandbox)[0]["delivered_at"])
    event_id = events(sandbox)[0]["id"]
    assert act(f"events/{event_id}/replay")[0] == 200
    until(lambda: len(shop.events()) == 2)
    assert shop.events()[1]["headers"]["X-Razorpay-Event-Id"] == event_id
    assert act("events/evt_none/replay")[0] == 400


def test_a_restart_keeps_the_records_and_delivers_the_rest(start, shop):
    closed = "http://127.0.0.1:9/hooks"
    first = start(webhook_url=closed)
    order = client_of(first).order.create({"amount": 5000, "currency": "INR"})
    requests.post(
        f"{first.url}/sandbox/pay",
        json={"order_id": order["id"], "vpa": "success@razorpay"},
        timeout=5,
    )
    until(lambda: all(one["attempts"] for one in events(first)))
    kept = [one["id"] for one in events(first)]
    first.stop()
    second = start(webhook_url=shop.url)
    assert client_of(second).order.fetch(order["id"])["status"] == "paid"
    until(lambda: names(shop) == PAID)
    assert sorted(kept) == sorted(one["headers"]["X-Razorpay-Event-Id"] for one in shop.events())


def test_a_restart_keeps_what_was_put_off(start):
    first = start()
    order = client_of(first).order.create({"amount": 5000, "currency": "INR"})
    sent = {"order_id": order["id"], "vpa": "late@razorpay"}
    paid = requests.post(f"{first.url}/sandbox/pay", json=sent, timeout=5).json()
    first.stop()
    client = client_of(start())
    until(lambda: client.payment.fetch(paid["razorpay_payment_id"])["status"] == "captured")


def test_an_old_event_is_signed_with_the_secret_of_its_day(start, shop):
    first = start(webhook_url=None)
    order = client_of(first).order.create({"amount": 5000, "currency": "INR"})
    sent = {"order_id": order["id"], "vpa": "failure@razorpay"}
    requests.post(f"{first.url}/sandbox/pay", json=sent, timeout=5)
    first.stop()
    second = start(webhook_url=shop.url, webhook_secret="another")
    one = until(lambda: shop.events())[0]
    assert client_of(second).utility.verify_webhook_signature(
        one["body"].decode(), one["headers"]["X-Razorpay-Signature"], KEYS["webhook_secret"]
    )


def test_without_a_secret_there_is_no_signature(start, shop):
    server = start(webhook_url=shop.url, webhook_secret="")
    order = client_of(server).order.create({"amount": 5000, "currency": "INR"})
    sent = {"order_id": order["id"], "vpa": "failure@razorpay"}
    requests.post(f"{server.url}/sandbox/pay", json=sent, timeout=5)
    assert "X-Razorpay-Signature" not in until(lambda: shop.events())[0]["headers"]


def test_the_records_hold_no_torn_write(sandbox, tmp_path):
    with pytest.raises(razorpay.errors.BadRequestError):
        client_of(sandbox).order.create({"amount": 1, "currency": "INR"})
    with sqlite3.connect(tmp_path / "sandbox.sqlite3") as db:
        assert db.execute("SELECT count(*) FROM records").fetchone() == (0,)
