"""People who are erased while something of theirs is under way, under real threads and commits."""

from threading import Thread

import pytest
from django.db import IntegrityError, connection, connections
from django.test import Client

from accounts.models import Address, User
from accounts.services.addresses import create_address
from accounts.services.profiles import erase_user, update_profile
from notifications.services.preferences import set_preferences
from orders.models import Order
from orders.services.lifecycle import SYSTEM, advance_order
from orders.services.placing import place_order
from tests.accounts.factories import make_staff, make_user
from tests.accounts.test_admin import LIST, change_form
from tests.catalog.factories import make_variant
from tests.orders.factories import ADDRESS, make_cart, make_shipped_order, make_shipping_method

from .races import take_lock_away
from .test_payments import at_once, needs_parallel_writers

pytestmark = pytest.mark.django_db(transaction=True)


class Erasing:
    """Erases a person after this thread has read a table, before it goes on.

    Where a lock keeps the erasure out, this thread goes on after a second.
    """

    def __init__(self, user, table):
        self.start = f'FROM "{table}"'
        self.thread = Thread(target=self.erase, args=[user.pk])

    def erase(self, user_pk):
        try:
            erase_user(user_id=user_pk)
        finally:
            connections.close_all()

    def __call__(self, execute, sql, params, many, context):
        result = execute(sql, params, many, context)
        is_read = sql.startswith("SELECT") and self.start in sql.replace("`", '"')
        if is_read and not self.thread.ident:
            self.thread.start()
            self.thread.join(1)
        return result


def erase_during(user, job, table="accounts_user"):
    """Do a job and erase the person in the middle of it; what the job raised, if it did."""
    erasing = Erasing(user, table)
    refusal = None
    with connection.execute_wrapper(erasing):
        try:
            job()
        except Exception as error:  # noqa: BLE001  what a job raised is its result
            refusal = error
    erasing.thread.join()
    return refusal


@pytest.fixture
def asha():
    return make_user(email="asha@example.com", first_name="Asha", email_verified=True)


def seen(user):
    row = User.objects.get(pk=user.pk)
    return row.erased_at is not None, row.email, row.first_name


GONE = (True, None, "")


def test_a_profile_that_is_changed_meanwhile_is_erased(asha):
    def change():
        update_profile(user_id=asha.pk, first_name="Asha Rani", username="asha")

    assert erase_during(asha, change) is None
    assert seen(asha) == GONE


@needs_parallel_writers
def test_control_without_the_lock_the_database_refuses_the_change(asha, monkeypatch):
    take_lock_away(monkeypatch, User)

    def change():
        update_profile(user_id=asha.pk, first_name="Asha Rani", username="asha")

    assert isinstance(erase_during(asha, change), IntegrityError)
    assert seen(asha) == GONE


def save_address(user):
    create_address(user_id=user.pk, **ADDRESS)


def test_an_address_that_is_saved_meanwhile_is_erased(asha):
    assert erase_during(asha, lambda: save_address(asha)) is None
    assert seen(asha) == GONE
    assert not Address.objects.exists()


@needs_parallel_writers
def test_control_without_the_lock_an_address_is_left(asha, monkeypatch):
    take_lock_away(monkeypatch, User)
    erase_during(asha, lambda: save_address(asha))
    assert Address.objects.get().user_id == asha.pk


def order_with(cart, user, method):
    return lambda: place_order(
        cart_id=cart.pk,
        user=user,
        email=user.email,
        shipping_address=ADDRESS,
        shipping_method_id=method.pk,
    )


def test_an_order_that_is_placed_meanwhile_is_erased_at_its_end(asha):
    job = order_with(make_cart(make_variant()), asha, make_shipping_method())
    assert erase_during(asha, job) is None
    order = Order.objects.get()
    assert (order.user_id, order.erases_at_end) == (asha.pk, True)
    advance_order(order_id=order.pk, to_status="cancelled", actor=SYSTEM)
    assert Order.objects.get().email == ""


@needs_parallel_writers
def test_control_without_the_lock_an_order_is_placed_for_nobody(asha, monkeypatch):
    take_lock_away(monkeypatch, User)
    job = order_with(make_cart(make_variant()), asha, make_shipping_method())
    assert erase_during(asha, job) is None
    order = Order.objects.get()
    assert (order.email, order.erases_at_end) == ("asha@example.com", False)


def deliver(order):
    return lambda: advance_order(order_id=order.pk, to_status="delivered", actor=SYSTEM)


def test_an_order_that_ends_meanwhile_is_erased(asha):
    order = make_shipped_order(user=asha)
    assert erase_during(asha, deliver(order), table="orders_order") is None
    order = Order.objects.get()
    assert (order.status, order.email, order.shipping_address["city"]) == ("delivered", "", "")
    assert order.erased_at is not None


@needs_parallel_writers
def test_control_without_the_lock_an_order_that_ends_meanwhile_keeps_its_address(monkeypatch):
    # By phone alone, and without news: what is written to them would lock their row, too.
    user = make_user(email=None, phone="+919876543210")
    set_preferences(user_id=user.pk, changes={"order_updates": {"in_app": False}})
    order = make_shipped_order(user=user)
    take_lock_away(monkeypatch, Order)
    assert erase_during(user, deliver(order)) is None
    assert seen(user) == GONE
    order = Order.objects.get()
    assert (order.status, order.shipping_address["city"]) == ("delivered", "Bengaluru")


def test_a_form_of_the_admin_that_is_sent_meanwhile_brings_nothing_back(asha):
    client = Client()
    client.force_login(make_staff())
    body = change_form(asha) | {"first_name": "Asha Rani"}
    answers = at_once(
        [
            lambda: client.post(f"{LIST}{asha.pk}/change/", body).status_code,
            lambda: erase_user(user_id=asha.pk),
        ]
    )
    assert answers[0] in (302, 403)
    assert answers[1] is None
    assert seen(asha) == GONE


def test_of_ten_erasures_at_once_one_erases(asha):
    make_shipped_order(user=asha)
    assert at_once([lambda: erase_user(user_id=asha.pk)] * 10) == [None] * 10
    assert seen(asha) == GONE
    assert Order.objects.get().erases_at_end
