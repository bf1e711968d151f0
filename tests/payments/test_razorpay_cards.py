"""Cards that Razorpay keeps: saved at its Checkout, remembered when the money came."""

import json
import time

import pytest

from orders.services.access import token_of
from payments.errors import GatewayError
from payments.gateways.razorpay_cards import RazorpayCards
from payments.models import GatewayCustomer, Payment, PaymentState, SavedMethod
from payments.sandbox.razorpay.account import TOKEN
from payments.services.ask import ask_gateway
from payments.services.customers import customer_id_of
from payments.services.saved_methods import delete_method, save_method
from tests.accounts.factories import make_user
from tests.orders.factories import make_placed_order

from .bank import DECLINED, VISA, deliver, settled, start

pytestmark = pytest.mark.django_db

METHODS = "/api/v1/payment-methods/"
CUSTOMERS = "/v1/customers"


def at_razorpay(bank, kind):
    return bank.server.razorpay.state()[kind]


def initiate(api, order, **fields):
    body = {"order_id": str(order.pk), "gateway": "razorpay", **fields}
    return api.post("/api/v1/payments/initiate/", body)


def customer_of(user):
    return customer_id_of(user=user, gateway_id="razorpay")


def pay_and_save(bank, payment, card=VISA, customer_id=None, **fields):
    """Pay in the place of the customer, who ticks that the card is to be kept."""
    customer_id = customer_id or customer_of(payment.order.user)
    return bank.pay(payment, card=card, customer_id=customer_id, save=1, **fields)


def saved_card(bank, user, **fields):
    """A card that a user saved while paying; the row."""
    payment = start(make_placed_order(user=user))
    pay_and_save(bank, payment, **fields)
    ask_gateway(payment_id=payment.pk)
    return SavedMethod.objects.filter(user=user).latest("created_at")


def edit_token(bank, token, **fields):
    store = bank.server.store
    with store.transaction():
        store.save({**store.get(TOKEN, token), **fields})


@pytest.fixture
def user(api):
    user = make_user()
    api.force_authenticate(user)
    return user


# What Checkout is given


def test_a_user_is_named_to_checkout_as_a_customer_and_keeps_that_name(bank, api, user):
    order = make_placed_order(user=user)
    first, again = initiate(api, order), initiate(api, order)
    (customer,) = at_razorpay(bank, "customers")
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json()["razorpay"]["customer_id"] == customer["id"]
    assert first.json()["razorpay"]["remember_customer"] is True
    assert again.json()["razorpay"] == first.json()["razorpay"]
    assert customer["email"] == user.email
    assert customer["notes"] == {"user": str(user.pk)}
    assert GatewayCustomer.objects.get().customer_id == customer["id"]


def test_a_guest_is_not_named(bank, api):
    order = make_placed_order(email="asha@example.com")
    address = f"/api/v1/payments/initiate/?token={token_of(order)}"
    answer = api.post(address, {"order_id": str(order.pk)})
    assert answer.status_code == 201
    assert not {"customer_id", "remember_customer"} & set(answer.json()["razorpay"])
    assert at_razorpay(bank, "customers") == []


def test_whoever_else_pays_an_order_by_its_token_does_not_get_its_owners_cards(bank, api, user):
    owner = make_user()
    order = make_placed_order(user=owner)
    customer_of(owner)
    answer = api.post(
        f"/api/v1/payments/initiate/?token={token_of(order)}", {"order_id": str(order.pk)}
    )
    assert answer.status_code == 201
    assert "customer_id" not in answer.json()["razorpay"]
    assert GatewayCustomer.objects.get().user == owner


@pytest.mark.parametrize("mode", ["error500", "drop_connection", "html502"])
def test_a_customer_that_cannot_be_made_stops_no_payment(bank, api, user, mode):
    order = make_placed_order(user=user)
    bank.fault(CUSTOMERS, mode)
    answer = initiate(api, order)
    assert answer.status_code == 201
    assert "customer_id" not in answer.json()["razorpay"]
    assert not GatewayCustomer.objects.exists()
    assert initiate(api, order).json()["razorpay"]["customer_id"].startswith("cust_")


def test_a_customer_whose_answer_was_lost_is_found_again(bank, user):
    bank.fault(CUSTOMERS, "hang_after_commit")
    with pytest.raises(GatewayError):
        customer_of(user)
    (made,) = at_razorpay(bank, "customers")
    assert customer_of(user) == made["id"]
    assert len(at_razorpay(bank, "customers")) == 1


def test_an_address_that_was_somebody_elses_does_not_lead_to_their_cards(bank):
    first = make_user(email="asha@example.com")
    theirs = customer_of(first)
    first.email = "asha.rao@example.com"
    first.save()
    second = make_user(email="asha@example.com")
    assert customer_of(second) != theirs
    assert customer_of(first) == theirs
    emails = {one["id"]: one["email"] for one in at_razorpay(bank, "customers")}
    assert emails == {theirs: "asha@example.com", customer_of(second): f"{second.pk}@example.com"}


def test_a_user_without_an_address_is_a_customer_all_the_same(bank):
    user = make_user(email=None, phone="+919876543210")
    customer_of(user)
    (customer,) = at_razorpay(bank, "customers")
    assert (customer["email"], customer["contact"]) == (f"{user.pk}@example.com", None)


def test_a_customer_id_that_another_user_has_is_refused(bank, user, monkeypatch):
    taken = customer_of(make_user())
    monkeypatch.setattr(RazorpayCards, "create_customer", lambda self, user: taken)
    with pytest.raises(GatewayError):
        customer_of(user)
    assert not GatewayCustomer.objects.filter(user=user).exists()


# Remembering


def test_a_card_that_is_saved_while_paying_is_listed_by_itself(bank, api, user):
    payment = start(make_placed_order(user=user))
    customer_id = customer_of(user)
    pay_and_save(bank, payment)
    deliver(api, *bank.events("payment.captured"))
    method = SavedMethod.objects.get()
    assert settled(payment).status == PaymentState.SUCCEEDED
    assert (method.user, method.gateway, method.customer_id) == (user, "razorpay", customer_id)
    (token,) = at_razorpay(bank, "tokens")
    assert method.token == token["id"]
    assert api.get(METHODS).json()["results"] == [
        {
            "id": str(method.pk),
            "gateway": "razorpay",
            "brand": "visa",
            "last4": "1007",
            "exp_month": 12,
            "exp_year": token["card"]["expiry_year"],
            "is_default": True,
        }
    ]
    stored = json.dumps([*SavedMethod.objects.values()], default=str)
    assert VISA not in stored


def test_every_way_to_hear_of_a_capture_remembers_the_card_once(bank, api, user):
    payment = start(make_placed_order(user=user))
    signed = pay_and_save(bank, payment)
    answer = api.post("/api/v1/payments/verify/", signed)
    assert answer.status_code == 200
    deliver(api, *bank.events("payment.authorized", "payment.captured", "order.paid"))
    ask_gateway(payment_id=payment.pk)
    assert SavedMethod.objects.get().is_default


def test_money_that_the_shop_captures_remembers_the_card(bank, user):
    payment = start(make_placed_order(user=user))
    signed = pay_and_save(bank, payment)
    bank.edit_payment(signed["razorpay_payment_id"], status="authorized", captured=False)
    order = bank.server.store.get("razorpay.order", payment.gateway_order_id)
    with bank.server.store.transaction():
        bank.server.store.save({**order, "status": "attempted"})
    ask_gateway(payment_id=payment.pk)
    assert settled(payment).status == PaymentState.SUCCEEDED
    assert SavedMethod.objects.count() == 1


def test_reconciliation_finds_the_card_that_could_not_be_looked_up(bank, api, user):
    payment = start(make_placed_order(user=user))
    pay_and_save(bank, payment)
    bank.fault(f"{CUSTOMERS}/*/tokens/*", "error500")
    deliver(api, *bank.events("payment.captured"))
    assert settled(payment).status == PaymentState.SUCCEEDED
    assert not SavedMethod.objects.exists()
    ask_gateway(payment_id=payment.pk)
    assert SavedMethod.objects.get().user == user


def test_a_card_that_was_not_to_be_saved_is_not(bank, user):
    payment = start(make_placed_order(user=user))
    bank.pay(payment, card=VISA, customer_id=customer_of(user))
    ask_gateway(payment_id=payment.pk)
    assert settled(payment).status == PaymentState.SUCCEEDED
    assert not SavedMethod.objects.exists()
    assert at_razorpay(bank, "tokens") == []


def test_a_card_that_did_not_pay_is_not_remembered(bank, user):
    payment = start(make_placed_order(user=user))
    pay_and_save(bank, payment, card=DECLINED)
    ask_gateway(payment_id=payment.pk)
    assert settled(payment).status == PaymentState.FAILED
    assert not SavedMethod.objects.exists()


def test_a_card_saved_for_another_customer_is_remembered_for_nobody(bank, user):
    theirs = customer_of(make_user())
    payment = start(make_placed_order(user=user))
    customer_of(user)
    pay_and_save(bank, payment, customer_id=theirs)
    ask_gateway(payment_id=payment.pk)
    assert settled(payment).status == PaymentState.SUCCEEDED
    assert not SavedMethod.objects.exists()


def test_a_card_that_was_deleted_does_not_come_back(bank, user):
    method = saved_card(bank, user)
    delete_method(method=method)
    ask_gateway(payment_id=Payment.objects.get().pk)
    assert not SavedMethod.objects.exists()
    assert at_razorpay(bank, "tokens") == []


def test_a_known_card_is_not_looked_up_again(bank, user):
    saved_card(bank, user)
    bank.fault(f"{CUSTOMERS}/*", "error500")
    ask_gateway(payment_id=Payment.objects.get().pk)
    assert bank.server.faults.armed() != []


# Saving by token


def test_a_card_can_be_saved_by_its_token(bank, api, user):
    method = saved_card(bank, user, card="340256000401007")
    token = method.token
    method.delete()
    answer = api.post(METHODS, {"gateway": "razorpay", "token": token})
    assert (answer.status_code, answer.json()["brand"]) == (201, "amex")
    assert SavedMethod.objects.get().token == token


def test_a_token_of_somebody_else_is_refused(bank, api, user):
    theirs = saved_card(bank, make_user())
    answer = api.post(METHODS, {"gateway": "razorpay", "token": theirs.token})
    assert (answer.status_code, list(answer.json()["details"])) == (400, ["token"])
    assert SavedMethod.objects.get() == theirs


@pytest.mark.parametrize(
    "fields",
    [
        {"method": "upi", "card": None},
        {"status": "deactivated"},
        {"card": {"network": "Visa", "last4": "1007", "expiry_month": 1, "expiry_year": 2020}},
        {"card": {"network": "Visa", "last4": "1007"}, "expired_at": int(time.time()) - 40 * 86400},
    ],
    ids=["no card", "deactivated", "expired", "expired by its end"],
)
def test_a_token_that_is_no_good_card_is_refused(bank, api, user, fields):
    method = saved_card(bank, user)
    method.delete()
    edit_token(bank, method.token, **fields)
    answer = api.post(METHODS, {"gateway": "razorpay", "token": method.token})
    assert (answer.status_code, list(answer.json()["details"])) == (400, ["token"])
    assert not SavedMethod.objects.exists()


def test_the_month_of_a_card_is_read_from_the_end_of_its_token(bank, user):
    method = saved_card(bank, user)
    method.delete()
    # The last second of 2034 in India.
    edit_token(
        bank, method.token, expired_at=2051202599, card={"network": "RuPay", "last4": "1005"}
    )
    again = save_method(user=user, gateway_id="razorpay", token=method.token)
    assert (again.brand, again.exp_month, again.exp_year) == ("rupay", 12, 2034)


def test_a_whole_number_is_never_kept(bank, user):
    method = saved_card(bank, user)
    method.delete()
    edit_token(bank, method.token, card={"network": "Visa", "last4": VISA, "expiry_month": 12})
    with pytest.raises(GatewayError):
        save_method(user=user, gateway_id="razorpay", token=method.token)
    assert not SavedMethod.objects.exists()


def test_no_card_can_be_added_without_an_order(bank, api, user):
    answer = api.post(f"{METHODS}setup/", {"gateway": "razorpay"})
    assert (answer.status_code, list(answer.json()["details"])) == (400, ["gateway"])
    assert at_razorpay(bank, "customers") == []


# Deleting, and paying


def test_a_deleted_card_is_deleted_at_razorpay(bank, api, user):
    method, kept = saved_card(bank, user), saved_card(bank, user, card="5500670000001002")
    assert api.delete(f"{METHODS}{method.pk}/").status_code == 204
    assert [token["id"] for token in at_razorpay(bank, "tokens")] == [kept.token]
    assert SavedMethod.objects.get().is_default


def test_a_card_that_is_gone_at_razorpay_can_be_deleted(bank, user):
    method = saved_card(bank, user)
    bank.server.store.remove(method.token)
    delete_method(method=method)
    assert not SavedMethod.objects.exists()


def test_a_card_stays_while_razorpay_is_silent(bank, api, user):
    method = saved_card(bank, user)
    bank.fault(f"{CUSTOMERS}/*", "error500")
    assert api.delete(f"{METHODS}{method.pk}/").status_code == 502
    assert SavedMethod.objects.get() == method


def test_an_order_is_paid_with_a_saved_card(bank, api, user):
    method, order = saved_card(bank, user), make_placed_order(user=user)
    answer = initiate(api, order, payment_method_id=str(method.pk))
    assert answer.status_code == 201
    assert answer.json()["razorpay"]["customer_id"] == method.customer_id
    payment = Payment.objects.get(order=order)
    bank.pay(payment, token=method.token, customer_id=method.customer_id)
    ask_gateway(payment_id=payment.pk)
    assert settled(payment).order.payment_status == "paid"
    assert SavedMethod.objects.get() == method


def test_a_card_of_somebody_else_pays_nothing(bank, api, user):
    theirs, order = saved_card(bank, make_user()), make_placed_order(user=user)
    answer = initiate(api, order, payment_method_id=str(theirs.pk))
    assert (answer.status_code, list(answer.json()["details"])) == (400, ["payment_method_id"])
    assert not Payment.objects.filter(order=order).exists()


def test_own_cards_can_pay_the_order_of_somebody_who_gave_its_token(bank, api, user):
    method, order = saved_card(bank, user), make_placed_order(user=make_user())
    body = {"order_id": str(order.pk), "payment_method_id": str(method.pk)}
    answer = api.post(f"/api/v1/payments/initiate/?token={token_of(order)}", body)
    assert answer.json()["razorpay"]["customer_id"] == method.customer_id
    api.force_authenticate(None)
    answer = api.post(
        f"/api/v1/payments/initiate/?token={token_of(order)}", body | {"payment_method_id": None}
    )
    assert answer.status_code == 201
    assert "customer_id" not in answer.json()["razorpay"]
