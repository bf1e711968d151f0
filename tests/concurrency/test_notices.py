"""Being told once, and counted once, whoever writes and reads at the same moment."""

import threading
from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from carts.models import Cart
from config.events import emit
from notifications.models import Message, Notification, Preference, Suppression, Topic
from notifications.services import notices, reminders
from notifications.services.preferences import set_preferences
from notifications.services.reminders import remind_carts
from notifications.services.unsubscribing import token_for, unsubscribe
from orders.signals import order_status_changed
from tests.accounts.factories import make_user
from tests.carts.factories import make_cart, make_item
from tests.notifications.factories import make_notification
from tests.orders.factories import make_placed_order

from .races import run_together

pytestmark = pytest.mark.django_db(transaction=True)


def make_left_cart():
    user = make_user()
    set_preferences(user_id=user.pk, changes={Topic.CART_REMINDERS: {"email": True}})
    cart = make_item(make_cart(user=user)).cart
    Cart.objects.update(updated_at=timezone.now() - timedelta(days=2))
    return cart


def test_ten_at_once_mark_each_notification_once_while_others_come():
    user = make_user()
    for _ in range(30):
        make_notification(user)
    writers = [lambda: make_notification(user) and 0] * 10
    markers = [lambda: notices.mark_all_read(user=user)] * 10
    marked = sum(
        run_together(*(job for pair in zip(markers, writers, strict=True) for job in pair))
    )
    rows = Notification.objects.all()
    assert rows.count() == 40
    assert rows.exclude(read_at=None).count() == marked
    assert notices.mark_all_read(user=user) == 40 - marked


def test_control_who_reads_first_and_marks_later_counts_some_twice():
    user = make_user()
    for _ in range(30):
        make_notification(user)
    barrier = threading.Barrier(2, timeout=10)

    def mark_carelessly():
        ids = list(Notification.objects.unread().values_list("pk", flat=True))
        barrier.wait()
        return Notification.objects.filter(pk__in=ids).update(read_at=timezone.now())

    assert sum(run_together(mark_carelessly, mark_carelessly)) == 60


def test_eight_workers_remind_of_a_cart_once():
    for _ in range(5):
        make_left_cart()
    reminded = run_together(*[remind_carts] * 8)
    assert sum(reminded) == 5
    assert Message.objects.count() == 5


def test_control_without_the_claim_they_count_a_cart_more_than_once(monkeypatch):
    monkeypatch.setattr(reminders, "claim_reminder", lambda **ids: True)
    for _ in range(5):
        make_left_cart()
    assert sum(run_together(*[remind_carts] * 8)) > 5


def test_the_same_cause_told_by_eight_at_once_is_told_once():
    order = make_placed_order()

    def tell():
        with transaction.atomic():
            emit(order_status_changed, order_id=order.pk, from_status="", to_status="confirmed")

    assert run_together(*[tell] * 8) == [None] * 8
    assert Notification.objects.filter(kind="order_confirmed").count() == 1
    assert Message.objects.filter(kind="order_confirmed").count() == 1


def test_changes_of_different_ways_at_once_are_all_kept():
    user = make_user()

    def change(topic, way):
        return lambda: set_preferences(user_id=user.pk, changes={topic: {way: True}})

    jobs = [change(topic, way) for topic in Topic.values for way in ("email", "in_app", "sms")]
    assert run_together(*jobs) == [None] * 12
    rows = Preference.objects.all()
    assert len(rows) == 4
    assert all(row.email and row.in_app and row.sms for row in rows)


@pytest.mark.parametrize("has_account", [True, False])
def test_a_link_opened_by_eight_at_once_unsubscribes_once(has_account):
    user = make_user() if has_account else None
    message = Message(kind="back_in_stock", recipient="asha@example.com", user=user)
    token = token_for(message)
    answers = run_together(*[lambda: unsubscribe(token=token)] * 8)
    assert len(set(answers)) == 1
    if has_account:
        assert not Preference.objects.get().email
    else:
        assert Suppression.objects.count() == 1


def test_the_database_refuses_a_second_notification_of_a_cause():
    user = make_user()
    make_notification(user, cause="1")
    with pytest.raises(IntegrityError):
        make_notification(user, cause="1")
    assert Notification.objects.count() == 1
