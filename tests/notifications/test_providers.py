"""Mails through the HTTP interface of a provider: its key, its refusals, and no secret in sight."""

import json

import pytest
from django.core.management import CommandError, call_command

from config.settings.mail import mail_settings
from notifications.models import MessageState
from notifications.services.outbox import deliver, queue_message

pytestmark = pytest.mark.django_db
SECRET = "geheim-7"
REFUSED = {
    "ErrorCode": 406,
    "Message": "Found inactive addresses: asha@example.com. Inactive recipients are ones that "
    "have generated a hard bounce or a spam complaint.",
}
TAKEN = {"ErrorCode": 0, "Message": "OK", "MessageID": "1", "To": "asha@example.com"}


@pytest.fixture
def postmark(settings, receiver):
    """Postmark as a receiver on this machine."""
    url = f"postmark://{SECRET}@?api_url=http://127.0.0.1:{receiver.port}/"
    for name, value in mail_settings(url).items():
        setattr(settings, name, value)
    receiver.body = json.dumps(TAKEN).encode()
    return receiver


def refuse(receiver, status, answer):
    receiver.status, receiver.body = status, json.dumps(answer).encode()


def make_message():
    return queue_message(kind="test_mail", cause="c", recipient="asha@example.com")


def test_a_provider_gets_the_mail_with_its_key_and_our_id(postmark):
    message = make_message()
    assert deliver(message_id=message.pk)
    ((path, headers, body),) = postmark.calls
    assert (path, headers["X-Postmark-Server-Token"]) == ("/email", SECRET)
    sent = json.loads(body)
    assert sent["To"] == "asha@example.com"
    assert {"Name": "Message-ID", "Value": f"<{message.pk}@localhost>"} in sent["Headers"]


def test_an_address_that_a_provider_refuses_is_given_up_at_once(postmark):
    refuse(postmark, 422, REFUSED)
    message = make_message()
    assert not deliver(message_id=message.pk)
    message.refresh_from_db()
    assert (message.status, message.attempts) == (MessageState.GIVEN_UP, 1)


@pytest.mark.parametrize("status", [401, 429, 500])
def test_what_is_wrong_with_the_provider_or_the_key_is_tried_again(postmark, status, caplog):
    refuse(postmark, status, {"ErrorCode": 10, "Message": "Not now"})
    message = make_message()
    assert not deliver(message_id=message.pk)
    message.refresh_from_db()
    assert (message.status, message.attempts) == (MessageState.PENDING, 1)
    assert SECRET not in message.error
    assert SECRET not in caplog.text


def test_the_command_says_what_the_provider_says(postmark, capsys, caplog):
    call_command("send_test_email", "asha@example.com")
    assert "Postmark took the mail to asha@example.com." in capsys.readouterr().out
    refuse(postmark, 401, {"ErrorCode": 10, "Message": "Bad token"})
    with pytest.raises(CommandError, match="Bad token") as refusal:
        call_command("send_test_email", "asha@example.com")
    assert SECRET not in str(refusal.value) + caplog.text
