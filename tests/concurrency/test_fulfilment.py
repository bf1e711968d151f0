"""Invoices, parcels and returns at the same moment; each race has a control without its lock."""

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.models import QuerySet
from django.utils import timezone

from catalog.models import Stock
from config.errors import DomainError
from config.transactions import TryAgain, retried
from orders.models import (
    CreditNote,
    Invoice,
    NumberSeries,
    Order,
    OrderLine,
    ReturnLine,
    ReturnRequest,
)
from orders.services.lifecycle import cancel_order, lock_order, record_payment, record_refund
from orders.services.moves import SYSTEM
from orders.services.numbering import take_number
from orders.services.returning import Wish, approve_return, request_return
from orders.services.shipping import make_shipment
from tests.catalog.factories import make_variant
from tests.orders.factories import (
    make_delivered_order,
    make_paid_order,
    make_placed_order,
    store_actor,
)

from .races import meet_at, run_together, take_lock_away

pytestmark = pytest.mark.django_db(transaction=True)

needs_parallel_writers = pytest.mark.skipif(
    connection.vendor == "sqlite", reason="on SQLite a transaction is alone"
)


def refusable(job):
    """A job whose answer is the code of its refusal, or "done"."""

    def run():
        try:
            job()
        except DomainError as refusal:
            return refusal.code
        return "done"

    return run


@retried
@transaction.atomic
def pay(order):
    order = lock_order(order.pk)
    record_payment(order, order.total_amount, gateway="razorpay")


@retried
@transaction.atomic
def refund(order):
    record_refund(lock_order(order.pk), order.total_amount)


def places(model):
    """The places that the numbers of a series take, in order."""
    return sorted(int(number[-6:]) for number in model.objects.values_list("number", flat=True))


# Numbers


def test_a_hundred_payments_at_once_number_their_invoices_without_gap_or_repeat():
    NumberSeries.objects.all().delete()
    variant = make_variant(on_hand=200)
    orders = [make_placed_order(variants=[variant]) for _ in range(100)]
    jobs = [refusable(lambda order=order: pay(order)) for order in orders]
    again = [refusable(lambda order=order: pay(order)) for order in orders[:20]]
    answers = run_together(*jobs, *again)
    assert answers.count("done") == 100
    assert answers.count("invalid_transition") == 20
    assert places(Invoice) == list(range(1, 101))
    assert NumberSeries.objects.get(name__startswith="INV").last == 100
    assert run_together(*(refusable(lambda order=order: refund(order)) for order in orders)) == (
        ["done"] * 100
    )
    assert places(CreditNote) == list(range(1, 101))


def test_payments_that_fail_half_way_leave_no_gap():
    variant = make_variant(on_hand=50)
    orders = [make_placed_order(variants=[variant]) for _ in range(30)]

    @transaction.atomic
    def fail(order):
        row = lock_order(order.pk)
        record_payment(row, row.total_amount, gateway="razorpay")
        raise DomainError

    jobs = [fail if place % 3 == 0 else pay for place in range(30)]
    run_together(
        *(
            refusable(lambda order=order, job=job: job(order))
            for order, job in zip(orders, jobs, strict=True)
        )
    )
    assert places(Invoice) == list(range(1, 21))


def test_a_new_years_series_is_opened_by_many_at_once_without_a_deadlock():
    now = timezone.now()
    NumberSeries.objects.all().delete()
    take = transaction.atomic(lambda: take_number("INV", now))

    def open_and_take():
        try:
            return take()
        except TryAgain as wish:
            wish.prepare()
        return take()

    # Repeated once by hand and never for a deadlock, which would be an answer.
    numbers = run_together(*[open_and_take] * 40)
    assert sorted(int(str(number)[-6:]) for number in numbers) == list(range(1, 41))


@needs_parallel_writers
def test_control_without_the_lock_of_the_series_a_number_is_taken_twice(monkeypatch):
    pay(make_placed_order())
    orders = [make_placed_order(), make_placed_order()]
    take_lock_away(monkeypatch, NumberSeries)
    failures = []

    def job(order):
        try:
            pay(order)
        except IntegrityError:  # the unique number is what is left to stop it
            failures.append(order)

    answers = meet_at("orders_numberseries", *(lambda order=order: job(order) for order in orders))
    assert (len(answers), len(failures)) == (2, 1)
    assert places(Invoice) == [1, 2]


# Parcels against cancellations


def send_against_cancel(**options):
    """Race a parcel with the cancellation of its order; the stock is another order's too."""
    variant = make_variant(on_hand=5)
    order, _ = make_paid_order(variants=[variant]), make_paid_order(variants=[variant])
    actor = store_actor()
    answers = meet_at(
        "orders_orderline",
        refusable(
            lambda: make_shipment(
                order_id=order.pk, actor=actor, carrier="DHL", tracking_number="1"
            )
        ),
        refusable(lambda: cancel_order(order_id=order.pk, actor=actor)),
        **options,
    )
    stock = Stock.objects.get(pk=variant.pk)
    return answers, Order.objects.get(pk=order.pk), (stock.on_hand, stock.reserved)


def test_an_order_is_either_sent_or_cancelled():
    answers, order, figures = send_against_cancel()
    assert sorted(answers) == ["done", "invalid_transition"]
    if answers[0] == "done":
        assert (order.status, figures) == ("shipped", (4, 1))
    else:
        assert (order.status, figures) == ("cancelled", (5, 1))


@needs_parallel_writers
def test_control_without_the_lock_an_order_is_sent_and_cancelled(monkeypatch):
    take_lock_away(monkeypatch, Order)
    answers, order, _ = send_against_cancel()
    assert answers == ["done", "done"]
    moves = set(order.history.values_list("to_status", flat=True))
    assert {"shipped", "cancelled"} <= moves


# Returns


def two_returns(**options):
    """Race two returns that each want both pieces of the same line."""
    order = make_delivered_order(quantity=2)
    wish = Wish(order.lines.get().pk, 2, "Too small")
    job = refusable(lambda: request_return(order_id=order.pk, actor=SYSTEM, wishes=[wish]))
    return meet_at("orders_returnline", job, job, **options)


def test_a_piece_is_asked_for_once_by_returns_at_the_same_moment():
    assert sorted(two_returns()) == ["done", "validation_error"]
    assert ReturnLine.objects.get().quantity == 2


@needs_parallel_writers
def test_control_without_the_lock_a_piece_is_asked_for_twice(monkeypatch):
    take_lock_away(monkeypatch, Order)
    assert two_returns() == ["done", "done"]
    assert sum(ReturnLine.objects.values_list("quantity", flat=True)) == 4


def approvals_at_once(count, **options):
    """Race approvals of one return of one piece out of three; what they told is owed."""
    variant = make_variant(on_hand=3, price="100.00")
    order = make_delivered_order(variants=[variant], quantity=3)
    wish = Wish(order.lines.get().pk, 1, "Too small")
    made = request_return(order_id=order.pk, actor=SYSTEM, wishes=[wish])
    job = refusable(lambda: approve_return(return_id=made.pk, actor=SYSTEM))
    if count == 2:
        return meet_at("orders_returnline", job, job, **options), variant
    return run_together(*[job] * count), variant


def test_one_of_many_approvals_moves_the_money_and_the_piece():
    answers, variant = approvals_at_once(10)
    assert (answers.count("done"), answers.count("invalid_transition")) == (1, 9)
    assert Stock.objects.get(pk=variant.pk).on_hand == 1
    assert OrderLine.objects.get().returned_quantity == 1


@needs_parallel_writers
def test_control_without_the_locks_a_piece_comes_back_twice(monkeypatch):
    take_lock_away(monkeypatch, Order)
    real = QuerySet.select_for_update
    monkeypatch.setattr(
        QuerySet,
        "select_for_update",
        lambda rows, *args, **kwargs: (
            rows.all() if rows.model is ReturnRequest else real(rows, *args, **kwargs)
        ),
    )
    answers, variant = approvals_at_once(2)
    assert answers == ["done", "done"]
    assert Stock.objects.get(pk=variant.pk).on_hand == 2
