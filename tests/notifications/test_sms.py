import threading
from base64 import b64decode
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs

import pytest
from django.core.exceptions import ImproperlyConfigured

from notifications.models import Channel, Message, MessageState
from notifications.services.outbox import PAUSES, deliver, queue_message
from notifications.sms import send_sms
from tests.accounts.factories import make_user

pytestmark = pytest.mark.django_db

PHONE = "+919876543210"


@pytest.fixture
def twilio(settings):
    """A provider on this machine: it keeps what it is asked and answers what it is told to."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            kept = (self.path, self.headers["Authorization"], parse_qs(body))
            self.server.asked.append(kept)
            self.send_response(self.server.status)
            self.send_header("Content-Length", str(len(self.server.answer)))
            self.end_headers()
            self.wfile.write(self.server.answer)

        def log_message(self, *args):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.asked, server.status, server.answer = [], 201, b"{}"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    settings.SMS_BACKEND = "twilio"
    settings.TWILIO_BASE_URL = f"http://127.0.0.1:{server.server_port}"
    settings.TWILIO_ACCOUNT_SID, settings.TWILIO_AUTH_TOKEN = "AC1", "token"
    settings.TWILIO_FROM = "+14155550100"
    yield server
    server.shutdown()
    server.server_close()


def queue_warning():
    user = make_user(email=None, phone=PHONE)
    return queue_message(
        kind="contact_replaced", cause="1", recipient=PHONE, channel=Channel.SMS, user=user
    )


def test_without_a_provider_an_sms_is_a_line_of_a_file(settings, tmp_path):
    settings.SMS_FILE = tmp_path / "var" / "sms.log"
    assert deliver(message_id=queue_warning().pk)
    (line,) = settings.SMS_FILE.read_text().splitlines()
    _time, phone, text = line.split(" ", 2)
    assert (phone, text[:35]) == (PHONE, "This phone number no longer belongs")
    assert Message.objects.get().status == MessageState.SENT


def test_twilio_is_asked_as_its_interface_wants_it(twilio):
    assert deliver(message_id=queue_warning().pk)
    ((path, key, form),) = twilio.asked
    assert path == "/2010-04-01/Accounts/AC1/Messages.json"
    assert b64decode(key.removeprefix("Basic ")) == b"AC1:token"
    assert (form["To"], form["From"]) == ([PHONE], ["+14155550100"])
    assert form["Body"][0].startswith("This phone number no longer belongs to your Storefront")


def test_an_sms_can_be_a_line_of_the_console(settings, capsys):
    settings.SMS_BACKEND = "console"
    assert deliver(message_id=queue_warning().pk)
    assert capsys.readouterr().out.startswith(f"SMS to {PHONE}: This phone number no longer")


@pytest.mark.parametrize("status", [429, 500, 503])
def test_a_provider_that_cannot_now_is_asked_again_later(twilio, status):
    twilio.status = status
    message = queue_warning()
    assert not deliver(message_id=message.pk)
    message.refresh_from_db()
    assert (message.status, message.attempts) == (MessageState.PENDING, 1)
    assert message.next_attempt_at > message.created_at + PAUSES[0] * 0.9


@pytest.mark.parametrize("answer", [b'{"code": 21211}', b"[]", b"no json"])
def test_a_phone_that_the_provider_refuses_is_given_up_at_once(twilio, answer):
    twilio.status, twilio.answer = 400, answer
    message = queue_warning()
    assert not deliver(message_id=message.pk)
    message.refresh_from_db()
    assert (message.status, message.attempts) == (MessageState.GIVEN_UP, 1)
    assert "Refused: Twilio answered 400" in message.error


def test_a_backend_that_does_not_exist_is_named_with_those_that_do(settings):
    settings.SMS_BACKEND = "pigeon"
    with pytest.raises(ImproperlyConfigured, match="file, twilio"):
        send_sms(to=PHONE, text="Hello")
