from contextlib import contextmanager
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import transaction
from django.utils import timezone

from catalog.models import MovementKind, Product, Stock, StockMovement
from config.errors import NotFound
from orders import signals
from orders.errors import InvalidTransition
from orders.models import ActorKind, Order, OrderLine, OrderStatus, PaymentStatus
from orders.models.order import MOVES
from orders.services import lifecycle
from orders.services.lifecycle import SYSTEM, Actor
from tests.accounts.factories import make_staff, make_user
from tests.catalog.factories import make_variant

from .factories import make_paid_order, make_placed_order, make_shipped_order

pytestmark = pytest.mark.django_db

CUSTOMER = Actor(ActorKind.CUSTOMER)


@contextmanager
def locked(order):
    with transaction.atomic():
        yield lifecycle.lock_order(order.pk)


@contextmanager
def refused_and_unchanged(order):
    """What happens inside is refused, and changes neither the order nor the stock."""
    before = snapshot(order)
    with pytest.raises(InvalidTransition), transaction.atomic():
        yield
    assert snapshot(order) == before


def snapshot(order):
    return (
        Order.objects.filter(pk=order.pk).values().get(),
        list(order.lines.values()),
        list(order.history.values()),
        list(Stock.objects.order_by("pk").values()),
        StockMovement.objects.count(),
    )


def figures(variant):
    stock = Stock.objects.get(pk=variant.pk)
    return stock.on_hand, stock.reserved


def moves_of(order):
    return [(row.from_status, row.to_status) for row in order.history.all()]


def advance(order, status, actor=SYSTEM, **fields):
    return lifecycle.advance_order(order_id=order.pk, to_status=status, actor=actor, **fields)


# The table of states


def test_the_table_of_states_is_the_contracts():
    assert {status: {str(to) for to in tos} for status, tos in MOVES.items()} == {
        "pending": {"confirmed", "cancelled"},
        "confirmed": {"processing", "cancelled"},
        "processing": {"shipped", "cancelled"},
        "shipped": {"delivered"},
        "delivered": {"returned"},
        "cancelled": set(),
        "returned": set(),
    }


@pytest.mark.parametrize("status", OrderStatus.values)
@pytest.mark.parametrize("to_status", OrderStatus.values)
def test_only_moves_of_the_table_are_made(status, to_status):
    order = make_placed_order()
    Order.objects.filter(pk=order.pk).update(status=status)
    if to_status in MOVES[status]:
        with locked(order) as row:
            lifecycle.record_move(row, to_status, SYSTEM)
        assert Order.objects.get(pk=order.pk).status == to_status
        assert moves_of(order)[-1] == (status, to_status)
        return
    with refused_and_unchanged(order), locked(order) as row:
        lifecycle.record_move(row, to_status, SYSTEM)


@pytest.mark.parametrize("to_status", ["pending", "confirmed", "returned"])
def test_staff_cannot_make_what_payments_and_returns_make(to_status):
    order = make_placed_order()
    with refused_and_unchanged(order):
        advance(order, to_status)


def test_an_order_that_does_not_exist_is_not_found():
    with pytest.raises(NotFound):
        lifecycle.cancel_order(order_id=Order().pk, actor=SYSTEM)


def test_a_move_tells_where_from_and_where_to():
    order, told = make_paid_order(), []

    def receiver(**ids):
        told.append((ids["order_id"], ids["from_status"], ids["to_status"]))

    signals.order_status_changed.connect(receiver)
    try:
        advance(order, "processing")
    finally:
        signals.order_status_changed.disconnect(receiver)
    assert told == [(order.pk, "confirmed", "processing")]


def test_a_move_keeps_what_a_receiver_wrote_on_the_same_order():
    order = make_paid_order()

    def receiver(order_id, **ids):
        Order.objects.filter(pk=order_id).update(staff_note="Written by a receiver")

    signals.order_status_changed.connect(receiver)
    try:
        advance(order, "shipped")
    finally:
        signals.order_status_changed.disconnect(receiver)
    order.refresh_from_db()
    assert (order.status, order.staff_note) == ("shipped", "Written by a receiver")


# Who acts


def test_staff_act_for_the_store_and_everybody_else_for_themselves():
    staff, user = make_staff(), make_user()
    assert Actor.of(staff) == Actor("store", staff)
    assert Actor.of(user) == Actor("customer", user)
    assert Actor.of(None) == Actor("customer", None)


# Paying


def test_a_payment_confirms_a_pending_order_and_ends_its_expiry(heard):
    order = make_placed_order()
    heard.clear()
    with locked(order) as row:
        lifecycle.record_payment(row, row.total_amount, gateway="razorpay")
    order.refresh_from_db()
    assert (order.status, order.payment_status) == ("confirmed", "paid")
    assert (order.amount_paid, order.gateway) == (order.total_amount, "razorpay")
    assert order.expires_at is None
    assert order.paid_at is not None
    assert moves_of(order) == [("", "pending"), ("pending", "confirmed")]
    assert order.history.last().actor_kind == "system"
    assert heard == ["order_status_changed", "order_confirmed", "order_paid"]


def test_a_payment_for_a_confirmed_order_pays_it_where_it_stands(heard):
    order = make_placed_order()
    with locked(order) as row:
        lifecycle.confirm_order(row)
    heard.clear()
    with locked(order) as row:
        lifecycle.record_payment(row, row.total_amount, gateway="cod")
    order.refresh_from_db()
    assert (order.status, order.payment_status) == ("confirmed", "paid")
    assert heard == ["order_paid"]


def test_a_second_payment_is_refused():
    order = make_paid_order()
    with refused_and_unchanged(order), locked(order) as row:
        lifecycle.record_payment(row, row.total_amount, gateway="razorpay")


def test_a_payment_for_a_cancelled_order_is_refused():
    order = make_placed_order()
    lifecycle.cancel_order(order_id=order.pk, actor=CUSTOMER)
    with refused_and_unchanged(order), locked(order) as row:
        lifecycle.record_payment(row, row.total_amount, gateway="razorpay")


def test_a_payment_for_a_refunded_order_is_refused():
    order = make_paid_order()
    with locked(order) as row:
        lifecycle.record_refund(row, row.total_amount)
    with refused_and_unchanged(order), locked(order) as row:
        lifecycle.record_payment(row, row.total_amount, gateway="razorpay")


def test_a_failed_payment_leaves_the_order_payable():
    order = make_placed_order()
    with locked(order) as row:
        lifecycle.record_payment_failure(row)
    assert Order.objects.get(pk=order.pk).payment_status == PaymentStatus.FAILED
    with locked(order) as row:
        lifecycle.record_payment(row, row.total_amount, gateway="razorpay")
    assert Order.objects.get(pk=order.pk).payment_status == PaymentStatus.PAID


def test_a_failed_payment_does_not_unpay_a_paid_order():
    order = make_paid_order()
    with locked(order) as row:
        lifecycle.record_payment_failure(row)
    assert Order.objects.get(pk=order.pk).payment_status == PaymentStatus.PAID


def test_money_that_comes_late_is_recorded_on_the_cancelled_order_and_goes_back(heard):
    order = make_placed_order()
    lifecycle.cancel_order(order_id=order.pk, actor=CUSTOMER)
    heard.clear()
    with locked(order) as row:
        lifecycle.record_late_payment(row, row.total_amount, gateway="razorpay")
    order.refresh_from_db()
    assert (order.status, order.payment_status) == ("cancelled", "paid")
    assert (order.amount_paid, order.paid_at) == (order.total_amount, None)
    with locked(order) as row:
        lifecycle.record_refund(row, row.total_amount)
    order.refresh_from_db()
    assert (order.status, order.payment_status) == ("cancelled", "refunded")
    assert heard == []


def test_the_gateway_of_the_newest_payment_is_noted():
    order = make_placed_order()
    with locked(order) as row:
        lifecycle.record_gateway(row, "razorpay")
    assert Order.objects.get(pk=order.pk).gateway == "razorpay"


def test_refunds_add_up_until_all_is_refunded():
    order = make_paid_order()
    with locked(order) as row:
        lifecycle.record_refund(row, Decimal("30"))
    order.refresh_from_db()
    assert (order.payment_status, order.amount_refunded) == ("partially_refunded", Decimal("30"))
    with locked(order) as row:
        lifecycle.record_refund(row, order.total_amount - 30)
    order.refresh_from_db()
    assert (order.payment_status, order.amount_refunded) == ("refunded", order.total_amount)


# Expiry


def test_starting_a_payment_gives_at_least_fifteen_minutes_once():
    order = make_placed_order()
    Order.objects.update(expires_at=timezone.now() + timedelta(minutes=1))
    with locked(order) as row:
        lifecycle.extend_expiry(row)
    order.refresh_from_db()
    left = order.expires_at - timezone.now()
    assert timedelta(minutes=14) < left <= timedelta(minutes=15)
    assert order.is_expiry_extended
    soon = timezone.now() + timedelta(minutes=1)
    Order.objects.update(expires_at=soon)
    with locked(order) as row:
        lifecycle.extend_expiry(row)
    assert Order.objects.get(pk=order.pk).expires_at == soon


def test_starting_a_payment_never_takes_time_away():
    order = make_placed_order()
    with locked(order) as row:
        lifecycle.extend_expiry(row)
    assert Order.objects.get(pk=order.pk).expires_at == order.expires_at


def test_a_paid_order_gets_no_expiry():
    order = make_paid_order()
    with locked(order) as row:
        lifecycle.extend_expiry(row)
    assert Order.objects.get(pk=order.pk).expires_at is None


def test_an_unpaid_order_past_its_time_is_cancelled_and_its_stock_returned(heard):
    variant = make_variant(on_hand=5)
    order = make_placed_order(variants=[variant], quantity=2)
    Order.objects.update(expires_at=timezone.now())
    heard.clear()
    assert list(Order.objects.unpaid_past(timezone.now())) == [order]
    assert lifecycle.expire_order(order_id=order.pk) is True
    order.refresh_from_db()
    assert (order.status, order.payment_status) == ("cancelled", "pending")
    assert order.cancelled_at is not None
    assert figures(variant) == (5, 0)
    row = order.history.last()
    assert (row.actor_kind, row.actor, row.note) == ("system", None, "Not paid in time.")
    assert heard == ["order_status_changed", "order_cancelled"]
    assert lifecycle.expire_order(order_id=order.pk) is False
    assert order.history.count() == 2


def test_an_order_with_time_left_does_not_expire():
    order = make_placed_order()
    assert lifecycle.expire_order(order_id=order.pk) is False
    assert not Order.objects.unpaid_past(timezone.now()).exists()
    assert Order.objects.get(pk=order.pk).status == "pending"


def test_a_paid_order_does_not_expire():
    order = make_paid_order()
    Order.objects.update(expires_at=timezone.now())
    assert lifecycle.expire_order(order_id=order.pk) is False
    assert Order.objects.get(pk=order.pk).status == "confirmed"


# Cancelling


@pytest.mark.parametrize("status", ["pending", "confirmed", "processing"])
def test_cancelling_returns_the_stock(status, heard):
    variant = make_variant(on_hand=5)
    make = make_placed_order if status == "pending" else make_paid_order
    order = make(variants=[variant], quantity=2)
    if status == "processing":
        advance(order, "processing")
    heard.clear()
    user = make_user()
    actor = Actor(ActorKind.CUSTOMER, user)
    cancelled = lifecycle.cancel_order(order_id=order.pk, actor=actor, reason="Too late")
    order.refresh_from_db()
    assert cancelled.status == order.status == "cancelled"
    assert (order.expires_at, order.can_cancel) == (None, False)
    assert order.cancelled_at is not None
    assert figures(variant) == (5, 0)
    row = order.history.last()
    assert (row.from_status, row.to_status) == (status, "cancelled")
    assert (row.actor_kind, row.actor, row.note) == ("customer", user, "Too late")
    assert heard == ["order_status_changed", "order_cancelled"]


def test_the_last_pieces_come_back_into_the_shop_when_an_order_is_cancelled():
    variant = make_variant(on_hand=2)
    order = make_placed_order(variants=[variant], quantity=2)
    assert not Product.objects.get(pk=variant.product_id).in_stock
    lifecycle.cancel_order(order_id=order.pk, actor=CUSTOMER)
    assert Product.objects.get(pk=variant.product_id).in_stock


def test_cancelling_twice_is_refused_and_releases_once():
    variant = make_variant(on_hand=5)
    order = make_placed_order(variants=[variant], quantity=2)
    lifecycle.cancel_order(order_id=order.pk, actor=CUSTOMER)
    with refused_and_unchanged(order):
        lifecycle.cancel_order(order_id=order.pk, actor=CUSTOMER)
    assert StockMovement.objects.filter(kind=MovementKind.RELEASE).count() == 1


def test_a_sent_order_cannot_be_cancelled():
    order = make_shipped_order()
    with refused_and_unchanged(order):
        lifecycle.cancel_order(order_id=order.pk, actor=SYSTEM)


def test_an_order_of_which_a_part_was_sent_cannot_be_cancelled():
    order = make_paid_order(quantity=2)
    advance(order, "processing")
    OrderLine.objects.update(shipped_quantity=1)
    assert not Order.objects.get(pk=order.pk).can_cancel
    with refused_and_unchanged(order):
        lifecycle.cancel_order(order_id=order.pk, actor=SYSTEM)


def test_what_a_receiver_raises_undoes_the_cancelling():
    variant = make_variant(on_hand=5)
    order = make_placed_order(variants=[variant])

    def refuse(**ids):
        raise RuntimeError("no")

    signals.order_cancelled.connect(refuse)
    try:
        with pytest.raises(RuntimeError):
            lifecycle.cancel_order(order_id=order.pk, actor=SYSTEM)
    finally:
        signals.order_cancelled.disconnect(refuse)
    assert Order.objects.get(pk=order.pk).status == "pending"
    assert figures(variant) == (5, 1)


# Sending


def test_shipping_a_confirmed_order_sends_all_and_passes_processing():
    one, two = make_variant(on_hand=5), make_variant(on_hand=5)
    order = make_paid_order(variants=[one, two], quantity=2)
    staff = make_staff()
    advance(order, "shipped", actor=Actor.of(staff), note="By hand")
    order.refresh_from_db()
    assert (order.status, order.can_cancel) == ("shipped", False)
    assert order.shipped_at is not None
    assert [line.shipped_quantity for line in order.lines.all()] == [2, 2]
    assert (figures(one), figures(two)) == ((3, 0), (3, 0))
    assert moves_of(order)[-2:] == [("confirmed", "processing"), ("processing", "shipped")]
    assert [row.actor for row in order.history.all()][-2:] == [staff, staff]
    assert order.history.last().note == "By hand"


def test_shipping_sends_only_what_is_left():
    variant = make_variant(on_hand=5)
    order = make_paid_order(variants=[variant], quantity=3)
    OrderLine.objects.update(shipped_quantity=1)
    Stock.objects.update(on_hand=4, reserved=2)
    advance(order, "shipped")
    assert figures(variant) == (2, 0)
    assert order.lines.get().shipped_quantity == 3


def test_a_pending_order_cannot_be_sent():
    order = make_placed_order()
    with refused_and_unchanged(order):
        advance(order, "shipped")


def test_delivering_notes_the_moment():
    order = make_shipped_order()
    before = timezone.now()
    advance(order, "delivered")
    order.refresh_from_db()
    assert order.status == "delivered"
    assert before <= order.delivered_at <= timezone.now()


def test_an_order_cannot_be_delivered_before_it_is_sent():
    order = make_paid_order()
    with refused_and_unchanged(order):
        advance(order, "delivered")
