import pytest

from .bank import Bank


@pytest.fixture(scope="session")
def running_bank(tmp_path_factory):
    bank = Bank(tmp_path_factory.mktemp("bank") / "sandbox.sqlite3")
    yield bank
    bank.server.stop()


@pytest.fixture
def bank(running_bank, settings):
    """The payment sandbox, empty and without faults; the shop talks to it."""
    settings.RAZORPAY_BASE_URL = running_bank.server.url
    settings.CHAPA_BASE_URL = f"{running_bank.server.url}/chapa"
    settings.STRIPE_BASE_URL = f"{running_bank.server.url}/stripe"
    running_bank.server.control.reset({})
    return running_bank
