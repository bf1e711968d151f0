"""Saved cards under real threads and commits."""

from threading import Thread

import pytest
from django.db import connection, connections
from django.db.models import QuerySet

from accounts.services.profiles import erase_user
from payments.models import ForgottenCustomer, GatewayCustomer, SavedMethod
from payments.services.ask import ask_gateway
from payments.services.checkout import checkout_block
from payments.services.customers import forget_pending_customers
from payments.services.initiate import initiate_payment
from tests.accounts.factories import make_user
from tests.orders.factories import make_placed_order
from tests.payments.bank import start
from tests.payments.test_razorpay_cards import at_razorpay, customer_of, pay_and_save

from .test_payments import at_once, needs_parallel_writers

pytestmark = pytest.mark.django_db(transaction=True)


def first_payment(order, user):
    started = initiate_payment(order_id=order.pk, gateway_id="razorpay")
    return checkout_block(payment=started.payment, payer=user)["customer_id"]


def test_ten_first_payments_at_once_make_one_customer(bank):
    user = make_user()
    orders = [make_placed_order(user=user) for _ in range(10)]
    calls = [lambda order=order: first_payment(order, user) for order in orders]
    named = at_once(calls)
    (customer,) = at_razorpay(bank, "customers")
    assert named == [customer["id"]] * 10
    assert GatewayCustomer.objects.get().customer_id == customer["id"]


def test_ten_who_hear_of_a_capture_remember_the_card_once(bank):
    user = make_user()
    payment = start(make_placed_order(user=user))
    pay_and_save(bank, payment)
    at_once([lambda: ask_gateway(payment_id=payment.pk)] * 10)
    assert SavedMethod.objects.get().default_for == user


def test_ten_workers_forget_a_customer_once(bank):
    user = make_user()
    payment = start(make_placed_order(user=user))
    pay_and_save(bank, payment)
    ask_gateway(payment_id=payment.pk)
    erase_user(user_id=user.pk)
    at_once([forget_pending_customers] * 10)
    assert not ForgottenCustomer.objects.exists()
    assert at_razorpay(bank, "tokens") == []


class Erasing:
    """Erases a person after another thread has read this one, before that thread goes on.

    Where a lock keeps the erasure out, the thread goes on after a second.
    """

    def __init__(self, user):
        self.thread = Thread(target=self.erase, args=[user.pk])

    def erase(self, user_pk):
        try:
            erase_user(user_id=user_pk)
        finally:
            connections.close_all()

    def __call__(self, execute, sql, params, many, context):
        result = execute(sql, params, many, context)
        is_read = sql.startswith("SELECT") and 'FROM "accounts_user"' in sql.replace("`", '"')
        if is_read and not self.thread.ident:
            self.thread.start()
            self.thread.join(1)
        return result


def make_customer_while_erased(user):
    """Let a person be erased while a customer is recorded; how many are left here."""
    erasing = Erasing(user)
    with connection.execute_wrapper(erasing):
        customer_of(user)
    erasing.thread.join()
    return GatewayCustomer.objects.count()


def test_a_customer_made_while_the_person_is_erased_is_forgotten(bank):
    user = make_user()
    assert make_customer_while_erased(user) == 0
    forget_pending_customers()
    (customer,) = at_razorpay(bank, "customers")
    assert customer["email"] == f"{customer['id']}@example.com"


@needs_parallel_writers
def test_control_without_the_lock_a_customer_is_left(bank, monkeypatch):
    user = make_user()
    monkeypatch.setattr(QuerySet, "select_for_update", lambda self, **how: self.all())
    assert make_customer_while_erased(user) == 1
