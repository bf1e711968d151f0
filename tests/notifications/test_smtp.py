"""Mails over a real line: whatever the server does, each is sent once or tried again."""

from datetime import timedelta

import pytest
from django.utils import timezone

from notifications.models import Message, MessageState
from notifications.services import outbox
from notifications.services.outbox import PAUSES, deliver, resend, try_again
from notifications.tasks import deliver_pending
from tests.accounts.factories import make_user

from .smtp import MailServer, free_port, use_server

pytestmark = pytest.mark.django_db


def queue_welcome(recipient=None):
    user = make_user(**({"email": recipient} if recipient else {}))
    return outbox.queue_message(
        kind="welcome",
        cause=str(user.pk),
        recipient=user.email,
        user=user,
        data={"user_id": str(user.pk)},
    )


def let_time_pass():
    Message.objects.update(next_attempt_at=timezone.now())


def state_of(message):
    message.refresh_from_db()
    return message.status, message.attempts


def test_mails_wait_while_the_server_is_away_and_go_out_once_afterwards(settings):
    use_server(settings, free_port())
    queued = [queue_welcome() for _ in range(20)]
    deliver_pending()
    assert {state_of(message) for message in queued} == {(MessageState.PENDING, 1)}
    deliver_pending()  # each waits for its own pause
    assert {state_of(message) for message in queued} == {(MessageState.PENDING, 1)}
    server = MailServer()
    use_server(settings, server.port)
    let_time_pass()
    deliver_pending()
    deliver_pending()
    server.stop()
    assert {state_of(message) for message in queued} == {(MessageState.SENT, 2)}
    assert server.ids == {str(message.pk): 1 for message in queued}


def test_an_address_that_is_refused_for_good_is_given_up_and_does_not_hold_up_the_next(
    mail_server, caplog
):
    mail_server.refusals = {"gone@example.com": "550 5.1.1 No such user"}
    gone, whole = queue_welcome("gone@example.com"), queue_welcome()
    deliver_pending()
    assert state_of(gone) == (MessageState.GIVEN_UP, 1)
    assert state_of(whole) == (MessageState.SENT, 1)
    assert "550" in gone.error
    assert "No such user" in gone.error
    told = [
        (record.levelname, record.message)
        for record in caplog.records
        if gone.kind in record.message
    ]
    assert told == [
        ("ERROR", f"Message {gone.pk} (welcome) is given up after try 1: SMTPRecipientsRefused")
    ]


@pytest.mark.parametrize("answer", ["421 4.3.2 Shutting down", "451 4.7.1 Try again later"])
def test_what_is_refused_for_now_is_tried_again_after_the_pauses(mail_server, answer):
    mail_server.refusals = {"asha@example.com": answer}
    message = queue_welcome("asha@example.com")
    for number, pause in enumerate(PAUSES, start=1):
        before = timezone.now()
        deliver_pending()
        assert state_of(message) == (MessageState.PENDING, number)
        assert pause <= message.next_attempt_at - before < pause + timedelta(seconds=10)
        let_time_pass()
    mail_server.refusals = {}
    deliver_pending()
    assert state_of(message) == (MessageState.SENT, 10)
    assert mail_server.ids == {str(message.pk): 1}


def test_a_server_that_falls_silent_is_left_after_the_time_out(mail_server, settings):
    settings.EMAIL_TIMEOUT = 0.3
    mail_server.hold("before")
    silent, later = queue_welcome(), queue_welcome()
    deliver(message_id=silent.pk)
    assert state_of(silent) == (MessageState.PENDING, 1)
    assert "Timeout" in silent.error or "timed out" in silent.error
    mail_server.hold(None)
    deliver(message_id=later.pk)
    assert state_of(later) == (MessageState.SENT, 1)


def test_a_refused_sender_is_no_fault_of_the_mails_which_wait(mail_server):
    mail_server.sender_refusal = "530 5.7.0 Authentication required"
    message = queue_welcome()
    deliver_pending()
    assert state_of(message) == (MessageState.PENDING, 1)
    mail_server.sender_refusal = None
    let_time_pass()
    deliver_pending()
    assert state_of(message) == (MessageState.SENT, 2)


def test_a_sweep_ends_in_time_and_what_it_did_not_take_keeps_its_tries(mail_server, monkeypatch):
    monkeypatch.setattr(outbox, "SWEEP_SECONDS", 0)
    message = queue_welcome()
    deliver_pending()
    assert state_of(message) == (MessageState.PENDING, 0)


def test_the_pauses_grow_to_ten_tries_within_a_day():
    assert len(PAUSES) == 9
    assert sorted(PAUSES) == PAUSES
    assert timedelta(hours=23) < sum(PAUSES, timedelta()) <= timedelta(hours=24)


def test_what_is_tried_again_has_all_its_tries_and_what_was_sent_is_left_alone():
    lost, sent, busy = queue_welcome(), queue_welcome(), queue_welcome()
    Message.objects.filter(pk=lost.pk).update(status=MessageState.GIVEN_UP, attempts=10)
    Message.objects.filter(pk=sent.pk).update(status=MessageState.SENT, attempts=1)
    lease = timezone.now() + timedelta(minutes=1)
    Message.objects.filter(pk=busy.pk).update(leased_until=lease, attempts=3)
    assert try_again(message_ids=[lost.pk, sent.pk, busy.pk]) == 1
    assert state_of(lost) == (MessageState.PENDING, 0)
    assert state_of(sent) == (MessageState.SENT, 1)
    assert state_of(busy) == (MessageState.PENDING, 3)
    assert not resend(message_id=busy.pk)
    assert resend(message_id=sent.pk)
    assert state_of(sent) == (MessageState.PENDING, 0)
