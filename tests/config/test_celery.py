from threading import Event
from uuid import uuid4

import pytest
from celery import shared_task
from celery.contrib.testing.worker import start_worker
from django.db import OperationalError, transaction
from django.dispatch import Signal
from kombu import Queue

from catalog.models import Category
from config import transactions
from config.celery import app
from config.errors import ServiceUnavailable
from config.events import emit, enqueue
from config.transactions import retried

done = Event()
heard = []


@shared_task
def tell(word):
    heard.append(word)
    done.set()


def test_every_scheduled_or_routed_task_exists(settings):
    app.loader.import_default_modules()
    scheduled = {entry["task"] for entry in settings.CELERY_BEAT_SCHEDULE.values()}
    assert scheduled | set(settings.CELERY_TASK_ROUTES) <= set(app.tasks)


def test_every_route_leads_to_a_queue_that_workers_read(settings):
    queues = {queue.name for queue in settings.CELERY_TASK_QUEUES}
    assert {route["queue"] for route in settings.CELERY_TASK_ROUTES.values()} <= queues


@pytest.fixture
def own_queue(monkeypatch):
    """A queue of one test alone; later workers read again what workers read before it."""
    queues, name = app.amqp.queues, f"test-{uuid4().hex}"
    monkeypatch.setattr(queues, "_consume_from", queues._consume_from)
    queues.add(Queue(name, auto_delete=True))
    yield name
    del queues[name]


@pytest.mark.xdist_group("broker")
@pytest.mark.django_db(transaction=True)
def test_a_worker_does_what_was_enqueued_over_the_real_broker(monkeypatch, own_queue):
    monkeypatch.setattr(tell, "queue", own_queue, raising=False)
    with start_worker(
        app, pool="solo", queues=[own_queue], perform_ping_check=False, shutdown_timeout=20
    ):
        with transaction.atomic():
            enqueue(tell, 17)
            assert not done.wait(0.3)
        assert done.wait(20)
    assert heard == ["17"]


def test_workers_read_every_queue_after_a_test_had_one_of_its_own(settings):
    assert set(app.amqp.queues.consume_from) == {
        queue.name for queue in settings.CELERY_TASK_QUEUES
    }


@pytest.mark.django_db(transaction=True)
def test_an_event_outside_a_transaction_is_a_mistake():
    with pytest.raises(transaction.TransactionManagementError):
        emit(Signal(), order_id=1)


@pytest.mark.django_db(transaction=True)
def test_what_a_receiver_raises_undoes_the_work():
    happened = Signal()

    def refuse(**ids):
        raise ValueError(ids["order_id"])

    happened.connect(refuse)

    @transaction.atomic
    def work():
        Category.objects.create(name="mugs", slug="mugs")
        emit(happened, order_id=7)

    with pytest.raises(ValueError, match="7"):
        work()
    assert not Category.objects.exists()


class Deadlock(Exception):
    sqlstate = "40P01"


def losing(times, error):
    calls = []

    @retried
    def service():
        calls.append(1)
        if len(calls) <= times:
            raise error
        return len(calls)

    return service, calls


def lost():
    error = OperationalError("deadlock")
    error.__cause__ = Deadlock()
    return error


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("error", [lost(), OperationalError(1213, "x"), OperationalError(1205, "")])
def test_a_lost_transaction_is_repeated_three_times(error):
    service, _ = losing(3, error)
    assert service() == 4


@pytest.mark.django_db(transaction=True)
def test_a_transaction_that_loses_every_time_is_given_up():
    service, calls = losing(9, lost())
    with pytest.raises(ServiceUnavailable):
        service()
    assert len(calls) == transactions.ATTEMPTS


@pytest.mark.django_db(transaction=True)
def test_another_error_of_the_database_is_not_repeated():
    service, calls = losing(1, OperationalError("disk full"))
    with pytest.raises(OperationalError):
        service()
    assert len(calls) == 1


@pytest.mark.django_db(transaction=True)
def test_inside_a_transaction_nothing_is_repeated():
    service, calls = losing(1, lost())
    with pytest.raises(OperationalError), transaction.atomic():
        service()
    assert len(calls) == 1
