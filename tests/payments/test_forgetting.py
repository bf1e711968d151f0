"""A person's cards and customers go with the person, also at the gateways."""

from datetime import timedelta

import pytest
from django.db import transaction
from django.utils import timezone

from accounts.services.profiles import erase_user
from config.errors import InvalidInput, NotFound
from payments import tasks
from payments.models import ForgottenCustomer, GatewayCustomer, SavedMethod
from payments.sandbox.razorpay.account import TOKEN
from payments.services.ask import ask_gateway
from payments.services.customers import (
    FIRST_PAUSE,
    LONGEST_PAUSE,
    customer_id_of,
    forget_customer,
    forget_pending_customers,
)
from payments.services.saved_methods import save_method
from tests.accounts.factories import PASSWORD, make_user
from tests.orders.factories import make_placed_order

from .bank import start
from .test_razorpay_cards import at_razorpay, pay_and_save, saved_card
from .test_saved_methods import at_stripe, save

pytestmark = pytest.mark.django_db

ME = "/api/v1/users/me/"


@pytest.fixture
def user():
    return make_user()


def kept_at_stripe(bank):
    return [method["id"] for method in at_stripe(bank, "methods") if method["customer"]]


def make_due():
    ForgottenCustomer.objects.update(next_attempt_at=timezone.now())


def test_cards_and_customers_go_with_the_person(bank, user):
    other = make_user()
    of_others = [saved_card(bank, other), save(bank, other)]
    mine = saved_card(bank, user)
    saved_card(bank, user, card="5500670000001002")
    save(bank, user)
    erase_user(user_id=user.pk)
    assert set(SavedMethod.objects.all()) == set(of_others)
    assert set(GatewayCustomer.objects.values_list("user", flat=True)) == {other.pk}
    rows = {row.gateway: row for row in ForgottenCustomer.objects.all()}
    assert {name: len(row.tokens) for name, row in rows.items()} == {"razorpay": 2, "stripe": 1}
    assert forget_pending_customers() == 2
    assert not ForgottenCustomer.objects.exists()
    assert [token["id"] for token in at_razorpay(bank, "tokens")] == [of_others[0].token]
    assert kept_at_stripe(bank) == [of_others[1].token]
    assert [one["id"] for one in at_stripe(bank, "customers")] == [of_others[1].customer_id]
    customers = {one["id"]: one for one in at_razorpay(bank, "customers")}
    assert customers[mine.customer_id]["email"] == f"{mine.customer_id}@example.com"
    assert customers[mine.customer_id]["name"] == "Erased customer"
    assert customers[of_others[0].customer_id]["email"] == other.email


def test_deleting_the_own_account_tells_the_gateways_after_the_commit(
    bank, api, user, django_capture_on_commit_callbacks
):
    saved_card(bank, user)
    api.force_authenticate(user)
    with django_capture_on_commit_callbacks(execute=False) as callbacks:
        answer = api.delete(ME, {"password": PASSWORD})
        assert answer.status_code == 204
        assert len(at_razorpay(bank, "tokens")) == 1
        customer = ForgottenCustomer.objects.get()
    assert callbacks
    tasks.forget_customer(str(customer.pk))
    assert at_razorpay(bank, "tokens") == []
    assert not ForgottenCustomer.objects.exists()


def test_no_gateway_is_called_while_a_person_is_erased(bank, user):
    saved_card(bank, user)
    save(bank, user)
    bank.fault("*", "error500", times=1)
    erase_user(user_id=user.pk)
    assert len(bank.server.faults.armed()) == 1
    assert ForgottenCustomer.objects.count() == 2


def test_an_erasure_that_fails_forgets_nothing(bank, user):
    method = saved_card(bank, user)
    with transaction.atomic():
        erase_user(user_id=user.pk)
        transaction.set_rollback(True)
    assert SavedMethod.objects.get() == method
    assert not ForgottenCustomer.objects.exists()


@pytest.mark.parametrize("gateway", ["razorpay", "stripe"])
def test_a_silent_gateway_is_asked_again_after_growing_pauses_until_it_answers(bank, user, gateway):
    (saved_card if gateway == "razorpay" else save)(bank, user)
    address = {"razorpay": "/v1/customers/*", "stripe": "/stripe/v1/customers/*"}[gateway]
    erase_user(user_id=user.pk)
    bank.fault(address, "error500", times=2)
    pauses = []
    for _ in range(2):
        before = timezone.now()
        assert forget_pending_customers() == 1
        row = ForgottenCustomer.objects.get()
        pauses.append(round((row.next_attempt_at - before) / FIRST_PAUSE))
        assert (row.leased_until, bool(row.error)) == (None, True)
        assert forget_pending_customers() == 0
        make_due()
    assert pauses == [2, 4]
    assert forget_pending_customers() == 1
    assert not ForgottenCustomer.objects.exists()
    assert at_razorpay(bank, "tokens") == kept_at_stripe(bank) == []


def test_a_wish_is_never_given_up(bank, user):
    save(bank, user)
    erase_user(user_id=user.pk)
    ForgottenCustomer.objects.update(attempts=5000)
    bank.fault("/stripe/v1/customers/*", "error500")
    forget_pending_customers()
    row = ForgottenCustomer.objects.get()
    assert row.next_attempt_at <= timezone.now() + LONGEST_PAUSE
    make_due()
    forget_pending_customers()
    assert not ForgottenCustomer.objects.exists()


def test_what_is_half_forgotten_is_finished(bank, user):
    saved_card(bank, user)
    saved_card(bank, user, card="5500670000001002")
    erase_user(user_id=user.pk)
    bank.fault("/v1/customers/*", "hang_after_commit", method="DELETE")
    forget_pending_customers()
    assert len(at_razorpay(bank, "tokens")) == 1
    make_due()
    forget_pending_customers()
    assert at_razorpay(bank, "tokens") == []
    assert not ForgottenCustomer.objects.exists()


def test_somebody_else_who_is_at_it_is_left_alone(bank, user):
    saved_card(bank, user)
    erase_user(user_id=user.pk)
    lease = timezone.now() + timedelta(minutes=1)
    ForgottenCustomer.objects.update(leased_until=lease)
    forget_customer(customer_pk=ForgottenCustomer.objects.get().pk)
    assert len(at_razorpay(bank, "tokens")) == 1
    assert ForgottenCustomer.objects.get().attempts == 0


def test_one_customer_that_fails_keeps_no_other_waiting(bank, user):
    saved_card(bank, user)
    erase_user(user_id=user.pk)
    early = timezone.now() - timedelta(days=1)
    ForgottenCustomer.objects.create(gateway="closed", customer_id="x", next_attempt_at=early)
    assert forget_pending_customers() == 2
    assert ForgottenCustomer.objects.get().gateway == "closed"


def test_customers_that_are_gone_already_are_forgotten(bank, user):
    saved_card(bank, user)
    save(bank, user)
    erase_user(user_id=user.pk)
    bank.server.store.reset()
    forget_pending_customers()
    assert not ForgottenCustomer.objects.exists()


def test_cards_that_razorpay_alone_knows_are_forgotten_too_and_expired_ones(bank, user):
    method = saved_card(bank, user)
    store = bank.server.store
    with store.transaction():  # no longer listed there, but known here
        store.save({**store.get(TOKEN, method.token), "expired_at": 1})
    unpaid = start(make_placed_order(user=user))
    pay_and_save(bank, unpaid)  # listed there, and nobody told us
    assert SavedMethod.objects.get() == method
    erase_user(user_id=user.pk)
    forget_pending_customers()
    assert at_razorpay(bank, "tokens") == []


def test_an_erased_person_gets_no_card_and_no_customer_any_more(bank, user):
    payment = start(make_placed_order(user=user))
    pay_and_save(bank, payment)
    known = customer_id_of(user=user, gateway_id="razorpay")
    erase_user(user_id=user.pk)
    ask_gateway(payment_id=payment.pk)
    with pytest.raises(NotFound):
        customer_id_of(user=user, gateway_id="stripe")
    assert not SavedMethod.objects.exists()
    assert not GatewayCustomer.objects.exists()
    assert forget_pending_customers() == 2  # also the one that Stripe had made meanwhile
    assert at_razorpay(bank, "tokens") == at_stripe(bank, "customers") == []
    assert [one["id"] for one in at_razorpay(bank, "customers")] == [known]


def test_whoever_comes_back_is_somebody_new(bank):
    user = make_user(email="asha@example.com")
    before = saved_card(bank, user)
    erase_user(user_id=user.pk)
    forget_pending_customers()
    again = make_user(email="asha@example.com")
    assert customer_id_of(user=again, gateway_id="razorpay") != before.customer_id
    with pytest.raises(InvalidInput):
        save_method(user=again, gateway_id="razorpay", token=before.token)
    assert not SavedMethod.objects.exists()
