import pytest

from .factories import Receiver


@pytest.fixture
def receiver(settings):
    """A receiver on this machine, to which webhooks may go."""
    receiver = Receiver()
    settings.WEBHOOK_ALLOWED_HOSTS = [f"127.0.0.1:{receiver.port}"]
    yield receiver
    receiver.stop()
