"""Customers and tokens as Razorpay's own SDK meets them."""

import pytest
import razorpay
import requests

from .conftest import KEYS

VISA = "4100280000001007"
ASHA = {"email": "asha@example.com", "contact": "+919000000000", "name": "Asha Rao"}


@pytest.fixture
def customer(client):
    return client.customer.create({**ASHA, "notes": {"user": "7"}})


@pytest.fixture
def pay(act, order, customer):
    """Pays as the customer; the status and the answer."""

    def post(**fields):
        return act("pay", order_id=order["id"], customer_id=customer["id"], **fields)

    return post


def refused(call, *given):
    with pytest.raises(razorpay.errors.BadRequestError) as refusal:
        call(*given)
    return str(refusal.value)


def test_a_customer_is_made_fetched_and_listed(client, customer):
    assert customer["id"].startswith("cust_")
    assert (customer["entity"], customer["gstin"]) == ("customer", None)
    assert {name: customer[name] for name in ASHA} == ASHA
    assert client.customer.fetch(customer["id"]) == customer
    assert client.customer.all()["items"] == [customer]


def test_a_customer_with_the_same_details_is_refused_or_found(client, customer):
    assert "already exists" in refused(client.customer.create, ASHA)
    found = client.customer.create({**ASHA, "name": "Somebody", "fail_existing": "0"})
    assert found == customer
    other = client.customer.create({"email": ASHA["email"], "fail_existing": "0"})
    assert other["id"] != customer["id"]


def test_a_customer_is_edited_within_what_is_unique_and_fits(client, customer):
    edited = client.customer.edit(customer["id"], {"name": "Erased customer"})
    assert edited == {**customer, "name": "Erased customer"}
    other = client.customer.create({"email": "other@example.com"})
    same = {"email": ASHA["email"], "contact": ASHA["contact"]}
    assert "already exists" in refused(client.customer.edit, other["id"], same)
    assert "name" in refused(client.customer.edit, other["id"], {"name": "x"})
    assert client.customer.fetch(other["id"]) == other


def test_a_card_that_is_to_be_saved_becomes_a_token_of_the_customer(client, order, customer, pay):
    status, _ = pay(card={"number": VISA, "expiry_month": "7", "expiry_year": "40"}, save=1)
    assert status == 200
    (payment,) = client.order.payments(order["id"])["items"]
    (token,) = client.token.all(customer["id"])["items"]
    assert (payment["token_id"], payment["customer_id"]) == (token["id"], customer["id"])
    assert client.token.fetch(customer["id"], token["id"]) == token
    assert (token["method"], token["status"]) == ("card", "active")
    assert token["card"]["last4"] == "1007"
    assert (token["card"]["expiry_month"], token["card"]["expiry_year"]) == (7, 2040)
    assert token["expired_at"] == 2227372199  # 31 July 2040, 23:59:59 in India
    assert VISA not in str(token)


@pytest.mark.parametrize(
    "fields",
    [
        {"card": VISA},
        {"vpa": "success@razorpay", "save": 1},
        {"card": "4100280000060003", "save": 1},
    ],
    ids=["not ticked", "no card", "declined"],
)
def test_what_is_not_to_be_saved_or_did_not_pay_is_no_token(client, order, customer, pay, fields):
    pay(**fields)
    (payment,) = client.order.payments(order["id"])["items"]
    assert (payment["customer_id"], payment.get("token_id")) == (customer["id"], None)
    assert client.token.all(customer["id"])["items"] == []


def test_a_token_pays_for_its_own_customer_alone(client, customer, pay, act):
    pay(card=VISA, save=1)
    (token,) = client.token.all(customer["id"])["items"]
    other = client.customer.create({"email": "other@example.com"})
    order = client.order.create({"amount": 5000, "currency": "INR"})
    used = {"order_id": order["id"], "token": token["id"]}
    assert act("pay", customer_id=other["id"], **used)[0] == 400
    assert client.order.fetch(order["id"]) == order
    assert act("pay", customer_id=customer["id"], save=1, **used)[0] == 200
    (payment,) = client.order.payments(order["id"])["items"]
    assert (payment["token_id"], payment["card"]["last4"]) == (token["id"], "1007")
    assert len(client.token.all(customer["id"])["items"]) == 1


def test_a_token_is_deleted_by_its_own_customer_once(client, customer, pay):
    pay(card=VISA, save=1)
    (token,) = client.token.all(customer["id"])["items"]
    other = client.customer.create({"email": "other@example.com"})
    assert "does not exist" in refused(client.token.fetch, other["id"], token["id"])
    assert "does not exist" in refused(client.token.delete, other["id"], token["id"])
    assert client.token.delete(customer["id"], token["id"]) == {"deleted": True}
    assert "does not exist" in refused(client.token.delete, customer["id"], token["id"])


def test_the_checkout_of_a_customer_shows_the_saved_cards(sandbox, client, customer, pay, order):
    pay(card=VISA, save=1)
    query = {"key_id": KEYS["key_id"], "order_id": order["id"], "customer_id": customer["id"]}
    address = f"{sandbox.url}/v1/checkout/embedded"
    (token,) = client.token.all(customer["id"])["items"]
    assert token["id"] in requests.get(address, params=query, timeout=5).text
    query["customer_id"] = "cust_unknown"
    assert token["id"] not in requests.get(address, params=query, timeout=5).text
