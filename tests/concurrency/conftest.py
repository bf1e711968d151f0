from tests.payments.conftest import bank, running_bank  # noqa: F401
