"""Signs of life of beat and of each queue's workers."""

from datetime import timedelta
from io import StringIO
from uuid import uuid4

import pytest
from celery.contrib.testing.worker import start_worker
from django.core.management import CommandError, call_command
from django.utils import timezone

from config import heartbeats
from config.celery import app
from config.heartbeats import BEAT, note_beat, note_life, queue_names
from config.models import Heartbeat
from tests.concurrency.races import run_together

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.xdist_group("broker")]
COMMAND = "test_celery_tasks"


def run(**options):
    out = StringIO()
    try:
        call_command(COMMAND, stdout=out, **options)
    except CommandError as error:
        return str(error), out.getvalue()
    return "", out.getvalue()


@pytest.fixture
def worker():
    with app.connection_for_write() as connection:
        for queue in app.conf.task_queues:
            queue(connection.default_channel).declare()
            queue(connection.default_channel).purge()
    with start_worker(
        app, pool="solo", queues=queue_names(), perform_ping_check=False, shutdown_timeout=30
    ):
        # Redis may hand a first message to what an earlier test's worker left waiting there.
        while "no worker answered" in run(timeout=5)[1]:
            pass
        yield


def test_the_command_is_content_when_everything_runs(worker):
    note_life(BEAT)
    error, told = run(timeout=20)
    assert error == ""
    assert [line.split("  ")[0] for line in told.splitlines()] == [
        "broker",
        "beat",
        "queue default",
        "queue emails",
        "queue reports",
        "Everything runs.",
    ]


def test_the_command_names_a_queue_that_nobody_reads(monkeypatch):
    note_life(BEAT)
    lonely = f"test-{uuid4().hex}"
    monkeypatch.setattr(heartbeats, "queue_names", lambda: [lonely])
    error, told = run(timeout=0.5)
    assert error
    assert f"queue {lonely} FAILED no worker answered within 0.5 s" in told


@pytest.mark.parametrize("age", [None, timedelta(minutes=5)])
def test_the_command_sees_that_beat_is_gone(age):
    if age:
        Heartbeat.objects.create(name=BEAT, at=timezone.now() - age)
    error, told = run(timeout=0.5)
    assert error
    assert "beat             FAILED" in told


def test_the_command_sees_that_the_broker_is_gone(monkeypatch):
    monkeypatch.setattr(app.conf, "broker_write_url", "redis://127.0.0.1:9/0")
    error, told = run(timeout=5)
    assert error
    assert "broker           FAILED does not answer" in told
    assert told.count("was not asked") == 3


def test_beat_gives_a_sign_when_it_asks_the_workers_for_theirs():
    note_beat(sender="config.tasks.clean_embedded_broker")
    assert not Heartbeat.objects.exists()
    note_beat(sender=heartbeats.TASK)
    assert heartbeats.last_sign(BEAT) is not None


def test_many_signs_at_once_are_one_row():
    run_together(*[lambda: note_life("default")] * 8)
    assert Heartbeat.objects.count() == 1


def test_what_beat_asks_for_reaches_each_queue_and_does_not_pile_up(settings):
    schedule = settings.CELERY_BEAT_SCHEDULE
    asked = {
        entry["args"][0]: entry["options"]["queue"]
        for entry in schedule.values()
        if entry["task"] == heartbeats.TASK
    }
    assert asked == {name: name for name in queue_names()}
    for name, entry in schedule.items():
        assert 0 < entry["options"]["expires"] <= 3600, name
