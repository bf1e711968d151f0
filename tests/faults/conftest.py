import pytest
from celery.app.task import Task
from django.db import connection

from tests.payments.conftest import bank, running_bank  # noqa: F401

from .banks import SIDES
from .faults import TIMEOUT


@pytest.fixture
def side(request, bank, settings, tmp_path, monkeypatch):  # noqa: F811
    """A gateway of the sandbox, and a mail server that keeps files; there is no broker."""
    monkeypatch.setattr(Task, "apply_async", lambda self, *args, **given: None)
    name = getattr(request, "param", "razorpay")
    settings.STORE_CURRENCY = SIDES[name].currency
    settings.PAYMENT_TIMEOUT = TIMEOUT
    settings.EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    settings.EMAIL_FILE_PATH = str(tmp_path)
    return SIDES[name](bank)


@pytest.fixture(scope="session")
def table():
    """Collects a row for each plan; `pytest -s` shows them at the end."""
    rows = []
    yield rows
    print(f"\n{'step':<22} {'gateway':<9} {'database':<11} {'fault':<6} points  seen afterwards")
    for row in rows:
        print(row)


@pytest.fixture
def note(table, side):
    def add(plan, kind, report):
        for outcome, times in report.seen.items():
            table.append(
                f"{plan.name:<22} {side.id:<9} {connection.vendor:<11} {kind:<6} "
                f"{times:>6}  {outcome}"
            )

    return add
