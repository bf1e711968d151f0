"""A real worker on the broker that the environment names, woken by real commits."""

import time

import pytest
from celery.contrib.testing.worker import start_worker
from django.core import mail
from django.db import transaction

from config.celery import app
from config.events import enqueue
from notifications.models import Message, MessageState
from notifications.services.outbox import queue_message
from notifications.tasks import deliver_message
from tests.accounts.factories import make_user

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.xdist_group("broker")]


@pytest.fixture
def worker():
    with app.connection_for_write() as connection:
        for queue in app.conf.task_queues:
            queue(connection.default_channel).declare()
            queue(connection.default_channel).purge()
    queues = [queue.name for queue in app.conf.task_queues]
    with start_worker(
        app, pool="solo", queues=queues, perform_ping_check=False, shutdown_timeout=30
    ) as running:
        yield running


def queue_welcome():
    user = make_user()
    message = queue_message(
        kind="welcome",
        cause=str(user.pk),
        recipient=user.email,
        user=user,
        data={"user_id": str(user.pk)},
    )
    enqueue(deliver_message, message.pk)
    return message


def test_a_worker_sends_a_mail_as_soon_as_its_cause_is_committed(worker):
    with transaction.atomic():
        message = queue_welcome()
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        message.refresh_from_db()
        if message.status == MessageState.SENT:
            break
        time.sleep(0.05)
    assert message.status == MessageState.SENT
    assert len(mail.outbox) == 1


def test_nothing_is_sent_for_work_that_was_rolled_back(worker):
    with transaction.atomic():
        queue_welcome()
        transaction.set_rollback(True)
    with transaction.atomic():
        kept = queue_welcome()
    deadline = time.monotonic() + 20
    while not mail.outbox and time.monotonic() < deadline:
        time.sleep(0.05)
    assert [m.to for m in mail.outbox] == [[kept.recipient]]
    assert Message.objects.count() == 1


def test_a_dead_broker_does_not_fail_the_request_and_the_row_waits(monkeypatch):
    monkeypatch.setattr(app.conf, "broker_write_url", "redis://127.0.0.1:9/0")
    monkeypatch.setattr(app.conf, "broker_url", "redis://127.0.0.1:9/0")
    app.pool.force_close_all()
    try:
        with transaction.atomic():
            message = queue_welcome()
        message.refresh_from_db()
        assert message.status == MessageState.PENDING
    finally:
        monkeypatch.undo()
        app.pool.force_close_all()
