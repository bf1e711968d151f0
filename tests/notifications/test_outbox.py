from datetime import timedelta
from smtplib import SMTPRecipientsRefused, SMTPServerDisconnected
from threading import Barrier, Thread
from urllib.parse import unquote

import pytest
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend
from django.db import connection
from django.utils import timezone

from accounts.services.email_verification import verify_email
from accounts.services.profiles import update_profile
from config.errors import InvalidInput
from notifications.models import Message, MessageState
from notifications.services import outbox
from notifications.services.outbox import PAUSES, deliver, due_messages, queue_message, resend
from notifications.services.preferences import set_preferences
from notifications.tasks import deliver_pending
from tests.accounts.factories import make_user

pytestmark = pytest.mark.django_db


def queue_welcome(**fields):
    user = make_user(first_name="Asha")
    fields = {
        "kind": "welcome",
        "cause": str(user.pk),
        "recipient": user.email,
        "user": user,
        "data": {"user_id": str(user.pk)},
    } | fields
    return queue_message(**fields)


class RefusingBackend(EmailBackend):
    """A mail server that takes no mail."""

    error = SMTPServerDisconnected("Connection unexpectedly closed")

    def send_messages(self, messages):
        raise self.error


class ForgettingBackend(RefusingBackend):
    error = SMTPRecipientsRefused({"gone@example.com": (550, b"No such user")})


REFUSING = f"{__name__}.RefusingBackend"
FORGETTING = f"{__name__}.ForgettingBackend"


def test_a_message_is_delivered_as_text_and_html():
    message = queue_welcome()
    assert deliver(message_id=message.pk)
    (sent,) = mail.outbox
    assert sent.to == [message.recipient]
    assert sent.subject == "Welcome to Storefront"
    assert "Hello Asha" in sent.body
    assert "/verify-email?token=" in sent.body
    html, kind = sent.alternatives[0]
    assert kind == "text/html"
    assert "Confirm my address" in html
    message.refresh_from_db()
    assert message.status == MessageState.SENT


def test_the_same_cause_is_queued_once():
    message = queue_welcome()
    again = queue_message(kind="welcome", cause=str(message.user_id), recipient=message.recipient)
    assert again is None
    assert Message.objects.count() == 1


def test_nobody_is_written_to_without_an_address():
    assert queue_welcome(recipient="") is None
    assert not Message.objects.exists()


def test_a_sent_message_is_not_sent_again():
    message = queue_welcome()
    deliver(message_id=message.pk)
    assert not deliver(message_id=message.pk)
    assert len(mail.outbox) == 1


def test_a_message_keeps_its_id_in_every_try():
    message = queue_welcome()
    deliver(message_id=message.pk)
    resend(message_id=message.pk)
    deliver(message_id=message.pk)
    first, second = mail.outbox
    assert first.extra_headers["Message-ID"] == second.extra_headers["Message-ID"]


def test_a_message_that_was_not_taken_waits_before_the_next_try(settings):
    settings.EMAIL_BACKEND = REFUSING
    message = queue_welcome()
    before = timezone.now()
    assert not deliver(message_id=message.pk)
    message.refresh_from_db()
    assert (message.status, message.attempts) == (MessageState.PENDING, 1)
    assert message.next_attempt_at >= before + PAUSES[0]
    assert "SMTPServerDisconnected" in message.error
    assert due_messages() == []


def test_a_message_is_given_up_after_ten_tries_within_a_day(settings):
    settings.EMAIL_BACKEND = REFUSING
    message = queue_welcome()
    for _ in range(10):
        Message.objects.update(next_attempt_at=timezone.now())
        deliver(message_id=message.pk)
    message.refresh_from_db()
    assert (message.status, message.attempts) == (MessageState.GIVEN_UP, 10)
    assert timedelta(hours=23) < sum(PAUSES, timedelta()) <= timedelta(hours=24)


def test_a_refused_address_is_given_up_at_once(settings):
    settings.EMAIL_BACKEND = FORGETTING
    message = queue_welcome()
    deliver(message_id=message.pk)
    message.refresh_from_db()
    assert (message.status, message.attempts) == (MessageState.GIVEN_UP, 1)


def test_a_broken_message_does_not_hold_up_the_next():
    broken = queue_welcome(data={"user_id": "00000000-0000-0000-0000-000000000000"})
    whole = queue_welcome()
    deliver_pending()
    broken.refresh_from_db()
    whole.refresh_from_db()
    assert (broken.status, whole.status) == (MessageState.PENDING, MessageState.SENT)


def test_the_sweep_takes_up_a_message_whose_sender_died():
    message = queue_welcome()
    Message.objects.update(leased_until=timezone.now() - timedelta(seconds=1), attempts=1)
    deliver_pending()
    message.refresh_from_db()
    assert message.status == MessageState.SENT


def test_a_message_that_is_being_sent_is_left_alone():
    message = queue_welcome()
    Message.objects.update(leased_until=timezone.now() + timedelta(minutes=1))
    assert not deliver(message_id=message.pk)
    assert mail.outbox == []


def send_at_once(message_id, workers=8):
    barrier = Barrier(workers)

    def work():
        barrier.wait()
        try:
            deliver(message_id=message_id)
        finally:
            connection.close()

    threads = [Thread(target=work) for _ in range(workers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return len(mail.outbox)


@pytest.mark.django_db(transaction=True)
def test_eight_workers_send_a_message_once():
    assert send_at_once(queue_welcome().pk) == 1


@pytest.mark.django_db(transaction=True)
def test_control_without_the_claim_workers_send_it_more_than_once(monkeypatch):
    monkeypatch.setattr(outbox, "_claim", lambda pk: Message.objects.get(pk=pk))
    assert send_at_once(queue_welcome().pk) > 1


def test_a_late_mail_to_an_old_address_verifies_no_new_one():
    message = queue_welcome()
    user = message.user
    update_profile(user_id=user.pk, email="somebody.else@example.com")
    deliver(message_id=message.pk)
    token = unquote(mail.outbox[0].body.partition("?token=")[2].split()[0])
    with pytest.raises(InvalidInput):
        verify_email(token=token)
    user.refresh_from_db()
    assert not user.email_verified


def test_a_try_that_fails_late_leaves_a_sent_message_sent(monkeypatch):
    message = queue_welcome()

    def overtaken(late):
        Message.objects.filter(pk=late.pk).update(leased_until=timezone.now() - timedelta(1))
        monkeypatch.undo()
        assert deliver(message_id=late.pk)
        raise TimeoutError

    monkeypatch.setattr(outbox, "_send", overtaken)
    assert not deliver(message_id=message.pk)
    message.refresh_from_db()
    assert (message.status, len(mail.outbox)) == (MessageState.SENT, 1)


def test_what_is_out_of_date_when_it_is_sent_again_stays_in_the_log_as_sent():
    user = make_user()
    message = queue_message(
        kind="order_delivered", cause="1", recipient=user.email, user=user, data={}
    )
    first = timezone.now() - timedelta(days=1)
    Message.objects.update(status=MessageState.SENT, sent_at=first)
    set_preferences(user_id=user.pk, changes={"order_updates": {"email": False}})
    resend(message_id=message.pk)
    assert not deliver(message_id=message.pk)
    message.refresh_from_db()
    assert (message.status, message.sent_at) == (MessageState.SENT, first)
    assert message.error == "Not sent again: The person wants no more of these."
    assert mail.outbox == []
