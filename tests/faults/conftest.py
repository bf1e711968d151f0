import sys

import pytest
from celery.app.task import Task
from django.db import connection

from tests.payments.conftest import bank, running_bank  # noqa: F401

from .banks import SIDES
from .faults import Cut, Death


@pytest.fixture
def side(request, bank, settings, tmp_path, monkeypatch):  # noqa: F811
    """A gateway of the sandbox, and a mail server that keeps files.

    No broker takes a task: only the sweeps are left to find what is to be done.
    """
    monkeypatch.setattr(Task, "apply_async", lambda self, *args, **given: None)
    name = getattr(request, "param", "razorpay")
    settings.STORE_CURRENCY = SIDES[name].currency
    settings.EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    settings.EMAIL_FILE_PATH = str(tmp_path)
    return SIDES[name](bank)


@pytest.fixture(scope="session")
def table():
    """Collects a line for each outcome of a plan; `pytest -s` shows them at the end."""
    lines = []
    yield lines
    write = sys.__stdout__.write
    write(f"\n{'step':<22} {'gateway':<9} {'database':<11} deaths  cuts  seen afterwards\n")
    write("\n".join(lines))


@pytest.fixture
def note(table, side):
    def add(plan, report):
        for outcome, times in sorted(report.seen.items()):
            table.append(
                f"{plan.name:<22} {side.id:<9} {connection.vendor:<11} "
                f"{times[Death]:>6} {times[Cut]:>5}  {outcome}"
            )

    return add
