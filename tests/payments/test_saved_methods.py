import json

import pytest
import requests
from django.conf import settings
from django.db import transaction

from accounts.signals import user_erased
from config.errors import InvalidInput, NotFound
from config.events import emit
from orders.services.access import token_of as token_of_order
from payments.errors import GatewayError
from payments.models import GatewayCustomer, Payment, PaymentState, SavedMethod
from payments.services.saved_methods import delete_method, save_method, set_default_method
from tests.accounts.factories import make_user
from tests.orders.factories import make_placed_order

from .bank import settled
from .stripe_calls import intents, pay, start

pytestmark = pytest.mark.django_db

METHODS = "/api/v1/payment-methods/"


def token_of(bank, number="4242424242424242"):
    """What Stripe gives the browser for a card."""
    return bank.act("card", gateway="stripe", number=number)["id"]


def save(bank, user, **card):
    return save_method(user=user, gateway_id="stripe", token=token_of(bank, **card))


def at_stripe(bank, kind):
    return bank.server.protocol("stripe").state()[kind]


@pytest.fixture
def user(api):
    user = make_user()
    api.force_authenticate(user)
    return user


def test_a_card_is_saved_by_its_token_and_shown_without_it(bank, api, user):
    token = token_of(bank, "5555555555554444")
    answer = api.post(METHODS, {"gateway": "stripe", "token": token})
    method = SavedMethod.objects.get()
    assert answer.status_code == 201
    assert answer.json() == {
        "id": str(method.pk),
        "gateway": "stripe",
        "brand": "mastercard",
        "last4": "4444",
        "exp_month": 8,
        "exp_year": 2030,
        "is_default": True,
    }
    (customer,) = at_stripe(bank, "customers")
    (kept,) = at_stripe(bank, "methods")
    assert kept["customer"] == customer["id"] == method.customer_id
    assert customer["metadata"] == {"user": str(user.pk)}
    stored = json.dumps([*SavedMethod.objects.values()], default=str)
    assert "5555555555554444" not in stored
    assert api.get(METHODS).json()["results"] == [answer.json()]
    assert answer.headers["Location"] == f"http://testserver{METHODS}{method.pk}/"
    assert api.get(answer.headers["Location"]).json() == answer.json()


def test_saving_the_same_card_twice_keeps_one(bank, user):
    token = token_of(bank)
    first = save_method(user=user, gateway_id="stripe", token=token)
    assert save_method(user=user, gateway_id="stripe", token=token) == first
    assert SavedMethod.objects.count() == GatewayCustomer.objects.count() == 1
    assert len(at_stripe(bank, "customers")) == 1


def test_a_test_token_makes_a_card_of_its_own_for_each_who_saves_it(bank, api, user):
    body = {"gateway": "stripe", "token": "pm_card_visa"}
    assert api.post(METHODS, body).json()["last4"] == "4242"
    api.force_authenticate(other := make_user())
    assert api.post(METHODS, body).status_code == 201
    mine, theirs = SavedMethod.objects.get(user=user), SavedMethod.objects.get(user=other)
    kept = {one["id"]: one["customer"] for one in at_stripe(bank, "methods") if one["customer"]}
    assert kept == {mine.token: mine.customer_id, theirs.token: theirs.customer_id}


def test_a_card_of_somebody_else_is_refused_on_token(bank, api, user):
    theirs = save(bank, make_user())
    answer = api.post(METHODS, {"gateway": "stripe", "token": theirs.token})
    assert (answer.status_code, list(answer.json()["details"])) == (400, ["token"])
    assert SavedMethod.objects.get() == theirs


@pytest.mark.parametrize("token", ["pm_unknown", "4242424242424242", "../customers", ""])
def test_what_is_no_token_is_refused(bank, api, user, token):
    answer = api.post(METHODS, {"gateway": "stripe", "token": token})
    assert (answer.status_code, list(answer.json()["details"])) == (400, ["token"])
    assert not SavedMethod.objects.exists()


@pytest.mark.parametrize("address", [METHODS, f"{METHODS}setup/"])
@pytest.mark.parametrize("gateway", ["chapa", "cod", "piggybank"])
def test_a_gateway_that_keeps_no_cards_is_refused(bank, api, user, address, gateway):
    answer = api.post(address, {"gateway": gateway, "token": "pm_1"})
    assert (answer.status_code, list(answer.json()["details"])) == (400, ["gateway"])


def test_a_setup_answers_what_the_browser_needs(bank, api, user, settings):
    answer = api.post(f"{METHODS}setup/", {"gateway": "stripe"})
    assert answer.status_code == 200
    assert answer.json()["publishable_key"] == settings.STRIPE_PUBLISHABLE_KEY
    assert answer.json()["client_secret"].startswith("seti_")


def confirm_setup(bank, setup, **fields):
    """What Stripe.js does in the customer's browser."""
    secret = setup["client_secret"]
    address = (
        f"{settings.STRIPE_BASE_URL}/v1/setup_intents/{secret.partition('_secret_')[0]}/confirm"
    )
    headers = {"Authorization": f"Bearer {setup['publishable_key']}"}
    return requests.post(address, {"client_secret": secret, **fields}, headers=headers)


def test_a_card_is_added_without_an_order_in_the_browser_and_then_saved(bank, api, user):
    setup = api.post(f"{METHODS}setup/", {"gateway": "stripe"}).json()
    refused = confirm_setup(bank, setup, payment_method="4000000000000002")
    assert (refused.status_code, refused.json()["error"]["code"]) == (402, "card_declined")
    stranger = {**setup, "client_secret": setup["client_secret"][:-1]}
    assert confirm_setup(bank, stranger, payment_method="pm_card_visa").status_code == 401
    done = confirm_setup(bank, setup, payment_method="pm_card_mastercard").json()
    assert done["status"] == "succeeded"
    answer = api.post(METHODS, {"gateway": "stripe", "token": done["payment_method"]})
    assert (answer.status_code, answer.json()["last4"]) == (201, "4444")
    method = SavedMethod.objects.get()
    assert (method.token, method.customer_id) == (done["payment_method"], done["customer"])


def test_one_card_is_the_default_and_another_can_be_made_it(bank, api, user):
    first, second = save(bank, user), save(bank, user)
    assert (first.is_default, second.is_default) == (True, False)
    answer = api.post(f"{METHODS}{second.pk}/set-default/")
    assert (answer.status_code, answer.json()["is_default"]) == (200, True)
    assert SavedMethod.objects.get(default_for=user) == second


def test_a_deleted_card_is_forgotten_at_the_gateway_and_the_newest_left_is_the_default(
    bank, api, user
):
    first, second = save(bank, user), save(bank, user)
    assert api.delete(f"{METHODS}{first.pk}/").status_code == 204
    assert SavedMethod.objects.get() == second
    assert SavedMethod.objects.get().is_default
    kept = {one["id"]: one["customer"] for one in at_stripe(bank, "methods")}
    assert kept == {first.token: None, second.token: second.customer_id}


def test_a_card_that_the_gateway_forgot_already_can_be_deleted(bank, user):
    method = save(bank, user)
    bank.server.store.reset()
    delete_method(method=method)
    assert not SavedMethod.objects.exists()


def test_a_card_stays_while_the_gateway_is_silent(bank, api, user):
    method = save(bank, user)
    bank.fault("/stripe/v1/payment_methods/*", "error500")
    assert api.delete(f"{METHODS}{method.pk}/").status_code == 502
    assert SavedMethod.objects.get() == method


def test_nothing_is_saved_while_the_gateway_is_silent(bank, user):
    token = token_of(bank)
    bank.fault("/stripe/v1/payment_methods/*", "drop_connection")
    with pytest.raises(GatewayError):
        save_method(user=user, gateway_id="stripe", token=token)
    assert not SavedMethod.objects.exists()


def test_cards_of_others_cannot_be_seen_or_touched(bank, api, user):
    theirs = save(bank, make_user())
    assert api.get(METHODS).json()["results"] == []
    assert api.get(f"{METHODS}{theirs.pk}/").status_code == 404
    assert api.delete(f"{METHODS}{theirs.pk}/").status_code == 404
    assert api.post(f"{METHODS}{theirs.pk}/set-default/").status_code == 404
    assert SavedMethod.objects.get() == theirs


def test_the_list_costs_two_queries(bank, api, user, django_assert_num_queries):
    for _ in range(3):
        save(bank, user)
    with django_assert_num_queries(2):
        assert len(api.get(METHODS).json()["results"]) == 3


# Paying with one


def initiate(api, order, method, gateway="stripe"):
    body = {"order_id": str(order.pk), "gateway": gateway, "payment_method_id": str(method.pk)}
    return api.post("/api/v1/payments/initiate/", body)


def test_an_order_is_paid_with_a_saved_card(bank, api, user):
    method, order = save(bank, user), make_placed_order(user=user)
    assert initiate(api, order, method).status_code == 201
    (made,) = intents(bank)
    assert (made["customer"], made["payment_method"]) == (method.customer_id, method.token)
    payment = Payment.objects.get()
    bank.act("pay", gateway="stripe", intent_id=made["id"], card=method.token)
    api.post("/api/v1/payments/verify/", {"payment_id": str(payment.pk)})
    assert settled(payment).order.payment_status == "paid"
    assert initiate(api, order, method).json()["code"] == "already_paid"


def test_a_card_chosen_later_closes_the_payment_without_it(bank, api, user):
    method, order = save(bank, user), make_placed_order(user=user)
    first = start(order)
    assert initiate(api, order, method).status_code == 201
    assert settled(first).status == PaymentState.CANCELLED
    assert initiate(api, order, method).status_code == 200
    pay(bank, first)
    assert Payment.objects.count() == 2


@pytest.mark.parametrize("is_logged_in", [True, False])
def test_nobody_else_goes_on_with_a_payment_that_holds_ones_card(bank, api, user, is_logged_in):
    method, order = save(bank, user), make_placed_order(email="asha@example.com")
    address = f"/api/v1/payments/initiate/?token={token_of_order(order)}"
    body = {"order_id": str(order.pk), "gateway": "stripe"}
    mine = api.post(address, {**body, "payment_method_id": str(method.pk)}).json()
    assert api.post(address, body).json() == mine
    api.force_authenticate(make_user() if is_logged_in else None)
    theirs = api.post(address, body)
    assert theirs.status_code == 201
    assert theirs.json()["stripe"]["client_secret"] != mine["stripe"]["client_secret"]
    made = {one["client_secret"]: one["payment_method"] for one in intents(bank)}
    assert made[theirs.json()["stripe"]["client_secret"]] is None
    assert api.post(address, body).json()["payment_id"] == theirs.json()["payment_id"]
    assert Payment.objects.get(pk=mine["payment_id"]).status == PaymentState.CANCELLED


@pytest.mark.parametrize("whose", ["nobody", "somebody"])
def test_a_card_that_is_not_ones_own_pays_nothing(bank, api, user, whose):
    theirs, order = save(bank, make_user()), make_placed_order(user=user)
    if whose == "nobody":
        theirs.delete()
        theirs.pk = "0192f0c0-0000-7000-8000-000000000000"
    answer = initiate(api, order, theirs)
    assert (answer.status_code, list(answer.json()["details"])) == (400, ["payment_method_id"])
    assert not Payment.objects.exists()


def test_a_card_of_another_gateway_is_refused(bank, api, user):
    method, order = save(bank, user), make_placed_order(user=user)
    answer = initiate(api, order, method, gateway="razorpay")
    assert (answer.status_code, list(answer.json()["details"])) == (400, ["payment_method_id"])
    assert not Payment.objects.exists()


def test_setting_a_default_that_was_deleted_meanwhile_is_refused(bank, user):
    method = save(bank, user)
    SavedMethod.objects.all().delete()
    with pytest.raises(NotFound):
        set_default_method(method=method)
    with pytest.raises(InvalidInput):
        save_method(user=user, gateway_id="cod", token="pm_1")


def test_an_erased_person_leaves_no_card_behind(bank, user):
    mine, theirs = save(bank, user), save(bank, make_user())
    with transaction.atomic():
        emit(user_erased, user_id=user.pk)
    assert SavedMethod.objects.get() == theirs != mine
    assert not GatewayCustomer.objects.filter(user=user).exists()
