"""Messages go with their people and with time, and no line of the log names who they are for."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.services.erasing import erase_guest
from accounts.services.profiles import erase_user
from notifications.models import EventRecord, Message, Notification
from notifications.services import erasing
from notifications.services.erasing import delete_old_messages
from notifications.services.feed import delete_old_events, number_events
from notifications.services.notices import delete_old_notifications
from notifications.services.outbox import deliver
from notifications.tasks import delete_old_messages as task
from tests.accounts.factories import make_user
from tests.orders.factories import make_placed_order

from .factories import make_event
from .test_outbox import FORGETTING, queue_welcome

pytestmark = pytest.mark.django_db


def make_message(cause, days=0, **fields):
    fields = {"kind": "welcome", "recipient": "asha@example.com", "status": "sent"} | fields
    message = Message.objects.create(cause=cause, **fields)
    moment = timezone.now() - timedelta(days=days)
    Message.objects.filter(pk=message.pk).update(created_at=moment)
    return message


def test_messages_are_kept_as_long_as_the_shop_says(settings, monkeypatch):
    settings.MESSAGE_RETENTION_DAYS = 30
    monkeypatch.setattr(erasing, "_BATCH", 1)
    make_message("old", days=31)
    make_message("lost", days=31, status="given_up")
    kept = {make_message("young", days=29), make_message("waits", days=31, status="pending")}
    assert delete_old_messages() == 2
    assert set(Message.objects.all()) == kept
    assert delete_old_messages() == 0


def test_with_zero_days_messages_and_events_are_kept_for_ever(settings):
    settings.MESSAGE_RETENTION_DAYS = settings.EVENT_RETENTION_DAYS = 0
    settings.NOTIFICATION_RETENTION_DAYS = 0
    make_message("old", days=5000)
    Notification.objects.create(user=make_user(), kind="order_placed", cause="c", title="t")
    make_event()
    number_events()
    task()
    assert delete_old_events() == delete_old_notifications() == 0
    assert Notification.objects.exists()
    assert (Message.objects.count(), EventRecord.objects.count()) == (1, 1)


def test_messages_of_an_erased_person_go_but_for_orders_under_way():
    user, other = make_user(), make_user()
    order = make_placed_order(user=user)
    make_message("mine", user=user)
    theirs = make_message("theirs", user=other)
    erase_user(user_id=user.pk)
    left = Message.objects.exclude(pk=theirs.pk)
    assert [message.data for message in left] == [{"order_id": str(order.pk)}]
    assert Message.objects.filter(pk=theirs.pk).exists()


def test_messages_of_a_guest_go_whatever_the_case_of_the_address_and_nobody_elses():
    make_message("hers", recipient="ASHA@example.com")
    kept = {
        make_message("accented", recipient="ashá@example.com"),
        make_message("longer", recipient="asha@example.com.au"),
        make_message("of an account", user=make_user()),
    }
    assert erase_guest(email="asha@example.com")["messages"] == 1
    assert set(Message.objects.all()) == kept


def test_a_refused_recipient_is_in_the_row_and_not_in_the_log(settings, caplog):
    settings.EMAIL_BACKEND = FORGETTING
    message = queue_welcome(recipient="gone@example.com")
    assert not deliver(message_id=message.pk)
    message.refresh_from_db()
    assert "gone@example.com" in message.error
    assert "SMTPRecipientsRefused" in caplog.text
    assert "gone@example.com" not in caplog.text


def test_a_mistake_of_ours_is_in_the_log_with_its_traceback(caplog):
    message = queue_welcome(kind="no_such_kind")
    assert not deliver(message_id=message.pk)
    assert "KeyError: 'no_such_kind'" in caplog.text
