import pytest
import requests
from razorpay.errors import BadRequestError

from .conftest import KEYS, client_of


def test_a_new_order_has_razorpays_shape(client):
    order = client.order.create({"amount": 149900, "currency": "INR", "receipt": "web-10021"})
    assert order["id"].startswith("order_")
    assert len(order["id"]) == len("order_") + 14
    assert {k: v for k, v in order.items() if k not in ("id", "created_at")} == {
        "entity": "order",
        "amount": 149900,
        "amount_paid": 0,
        "amount_due": 149900,
        "currency": "INR",
        "receipt": "web-10021",
        "offer_id": None,
        "status": "created",
        "attempts": 0,
        "notes": [],
    }
    assert client.order.fetch(order["id"]) == order


def test_orders_are_found_by_receipt(client):
    made = [
        client.order.create({"amount": 100, "currency": "INR", "receipt": receipt})
        for receipt in ("a", "b", "a")
    ]
    found = client.order.all({"receipt": "a"})
    assert found == {"entity": "collection", "count": 2, "items": [made[2], made[0]]}
    assert client.order.all({"receipt": "c"})["items"] == []


def test_lists_are_paged(client):
    made = [client.order.create({"amount": 100 + n, "currency": "INR"}) for n in range(12)]
    assert client.order.all()["count"] == 10
    page = client.order.all({"count": 3, "skip": 10})
    assert [one["id"] for one in page["items"]] == [made[1]["id"], made[0]["id"]]
    with pytest.raises(BadRequestError, match="The count may not be greater than 100"):
        client.order.all({"count": 101})


def test_only_the_notes_of_an_order_change(client, order):
    changed = client.order.edit(order["id"], {"notes": {"cart": "8812"}})
    assert changed == {**order, "notes": {"cart": "8812"}}
    with pytest.raises(BadRequestError, match="amount is/are not required"):
        client.order.edit(order["id"], {"amount": 100, "notes": {}})
    assert client.order.fetch(order["id"]) == changed


@pytest.mark.parametrize(
    ("fields", "text"),
    [
        ({"currency": "INR"}, "The amount field is required."),
        ({"amount": 299.5, "currency": "INR"}, "The amount must be an integer."),
        ({"amount": "299", "currency": "INR"}, "The amount must be an integer."),
        ({"amount": True, "currency": "INR"}, "The amount must be an integer."),
        ({"amount": 99, "currency": "INR"}, "The amount must be at least INR 1.00"),
        ({"amount": 0, "currency": "USD"}, "The amount must be at least 1."),
        ({"amount": 99991, "currency": "KWD"}, "The last digit of the amount must be 0 for KWD."),
        ({"amount": 100, "currency": "XXX"}, "Currency is not supported"),
        ({"amount": 100}, "The currency field is required."),
        ({"amount": 100, "currency": "INR", "receipt": "x" * 41}, "may not be greater than 40"),
        ({"amount": 100, "currency": "INR", "notes": {"k": "x" * 257}}, "256 characters"),
        (
            {"amount": 100, "currency": "INR", "notes": {str(n): "" for n in range(16)}},
            "less than or equal to 15",
        ),
        ({"amount": 100, "currency": "INR", "colour": "red"}, "colour is/are not required"),
        ({"amount": 100, "currency": "INR", "payment": {"capture": "never"}}, "capture is invalid"),
        (
            {
                "amount": 100,
                "currency": "INR",
                "payment": {"capture_options": {"automatic_expiry_period": 11}},
            },
            "must be at least 12",
        ),
        (
            {
                "amount": 100,
                "currency": "INR",
                "payment": {"capture_options": {"manual_expiry_period": 7201}},
            },
            "between 0 and 7200",
        ),
    ],
)
def test_a_wrong_order_is_refused(client, fields, text):
    with pytest.raises(BadRequestError, match=text):
        client.order.create(fields)
    assert client.order.all()["items"] == []


def test_a_zero_decimal_currency_and_a_three_decimal_one_are_taken(client):
    assert client.order.create({"amount": 1, "currency": "JPY"})["amount"] == 1
    assert client.order.create({"amount": 99990, "currency": "KWD"})["amount"] == 99990


def test_an_unknown_id_is_400(client, sandbox):
    with pytest.raises(BadRequestError, match="The id provided does not exist"):
        client.order.fetch("order_nothing00000000")
    auth = (KEYS["key_id"], KEYS["key_secret"])
    answer = requests.get(f"{sandbox.url}/v1/orders/order_x", auth=auth, timeout=5)
    assert answer.status_code == 400
    assert answer.json()["error"]["code"] == "BAD_REQUEST_ERROR"


def test_a_field_error_names_its_field(sandbox):
    auth = (KEYS["key_id"], KEYS["key_secret"])
    answer = requests.post(
        f"{sandbox.url}/v1/orders", json={"amount": 1, "currency": "INR"}, auth=auth, timeout=5
    )
    assert answer.status_code == 400
    assert answer.json() == {
        "error": {
            "code": "BAD_REQUEST_ERROR",
            "description": "The amount must be at least INR 1.00",
            "source": "business",
            "step": "payment_initiation",
            "reason": "input_validation_failed",
            "metadata": {},
            "field": "amount",
        }
    }


def test_an_unknown_address_is_400(sandbox):
    auth = (KEYS["key_id"], KEYS["key_secret"])
    answer = requests.get(f"{sandbox.url}/v1/nothing", auth=auth, timeout=5)
    assert answer.status_code == 400
    assert answer.json()["error"]["description"] == "The requested URL was not found on the server."
    assert answer.json()["error"]["source"] == "NA"


def test_a_broken_body_is_400(sandbox):
    auth = (KEYS["key_id"], KEYS["key_secret"])
    answer = requests.post(f"{sandbox.url}/v1/orders", data=b"{", auth=auth, timeout=5)
    assert answer.status_code == 400
    assert answer.json()["error"]["code"] == "BAD_REQUEST_ERROR"


@pytest.mark.parametrize("keys", [{"key_id": "rzp_test_other"}, {"key_secret": "other"}])
def test_wrong_keys_are_401(sandbox, keys):
    with pytest.raises(BadRequestError, match="Authentication failed"):
        client_of(sandbox, **keys).order.create({"amount": 100, "currency": "INR"})
    assert client_of(sandbox).order.all()["items"] == []
    auth = (keys.get("key_id", KEYS["key_id"]), keys.get("key_secret", KEYS["key_secret"]))
    assert requests.get(f"{sandbox.url}/v1/orders", auth=auth, timeout=5).status_code == 401


def test_no_keys_and_another_scheme_are_401(sandbox):
    assert requests.get(f"{sandbox.url}/v1/orders", timeout=5).status_code == 401
    headers = {"Authorization": "basic cnpwOng="}
    assert requests.get(f"{sandbox.url}/v1/orders", headers=headers, timeout=5).status_code == 401
