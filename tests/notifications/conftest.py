import pytest

from .factories import Receiver
from .smtp import MailServer, use_server


@pytest.fixture
def receiver(settings):
    """A receiver on this machine, to which webhooks may go."""
    receiver = Receiver()
    settings.WEBHOOK_ALLOWED_HOSTS = [f"127.0.0.1:{receiver.port}"]
    yield receiver
    receiver.stop()


@pytest.fixture
def mail_server(settings):
    """A mail server that the shop's mails go to."""
    server = MailServer()
    use_server(settings, server.port)
    yield server
    server.stop()
