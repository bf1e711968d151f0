"""No webhook and no mail of committed work is lost: the broker away, and a worker killed."""

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from celery import Celery
from django.db import connection, transaction
from django.utils import timezone

from config.celery import app
from notifications.models import (
    DeliveryState,
    EventRecord,
    Message,
    MessageState,
    WebhookDelivery,
)
from tests.accounts.factories import make_user
from tests.catalog.factories import make_variant
from tests.notifications.factories import Receiver, make_endpoint
from tests.notifications.smtp import MailServer
from tests.orders.factories import ADDRESS, make_cart, make_placed_order, make_shipping_method

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.xdist_group("broker")]
ORDERS = 50
ROOT = Path(__file__).parent.parent


def address_of_database():
    """Name the database of this test for another process."""
    known = connection.settings_dict
    name = known["NAME"]
    if connection.vendor == "sqlite":
        return f"sqlite:///{name}"
    scheme = {"postgresql": "postgres", "mysql": "mysql"}[connection.vendor]
    secret = f":{known['PASSWORD']}" if known["PASSWORD"] else ""
    return f"{scheme}://{known['USER']}{secret}@{known['HOST']}:{known['PORT']}/{name}"


def broker_in(folder):
    return f"sqla+sqlite:///{folder}/broker.sqlite3"


@contextmanager
def running_worker(folder, **variables):
    """A worker with beat in a process group of its own, on a broker of its own."""
    environment = os.environ | {
        "ENVIRONMENT": "test",
        "DATABASE_URL": address_of_database(),
        "CELERY_BROKER_URL": broker_in(folder),
        "REDIS_URL": "",
        **variables,
    }
    environment.pop("DJANGO_SETTINGS_MODULE", None)
    command = [sys.executable, "-m", "celery", "--quiet", "-A", "config", "worker", "--beat"]
    command += ["--pool", "threads", "--concurrency", "2", "--without-gossip", "--without-mingle"]
    command += ["--queues", "default,emails,reports", "--loglevel", "WARNING"]
    with Path(folder, "worker.log").open("ab") as log:
        process = subprocess.Popen(
            command, cwd=ROOT, env=environment, stdout=log, stderr=log, start_new_session=True
        )
    try:
        yield process
    finally:
        kill(process)


def kill(process):
    """Kill a worker and its beat without a word."""
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def wait_for(condition, seconds=120):
    deadline = time.monotonic() + seconds
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.05)
    assert condition()


@pytest.fixture
def folder():
    with tempfile.TemporaryDirectory(prefix="storefront-faults-") as name:
        yield name


@pytest.fixture
def no_broker(monkeypatch):
    monkeypatch.setattr(app.conf, "broker_write_url", "redis://127.0.0.1:9/0")
    monkeypatch.setattr(app.conf, "broker_url", "redis://127.0.0.1:9/0")
    app.pool.force_close_all()
    yield
    monkeypatch.undo()
    app.pool.force_close_all()


@pytest.fixture
def slow_receiver():
    receiver = Receiver()
    receiver.pause = 0.1
    yield receiver
    receiver.stop()


@pytest.fixture
def post_office():
    server = MailServer()
    yield server
    server.stop()


def sweep_now(folder, times):
    """Start sweeps of the outbox at once instead of waiting for beat."""
    # A connection of its own: CELERY_BROKER_URL would win over a broker that is given to an app.
    sender = Celery(set_as_current=False)
    with sender.connection(broker_in(folder)) as own, own.Producer() as producer:
        for _ in range(times):
            name = "notifications.tasks.deliver_pending"
            sender.send_task(name, queue="emails", producer=producer)


def place_over_http(api, variant, method):
    user = make_user()
    cart = make_cart(variant, user=user)
    api.force_authenticate(user)
    body = {"cart_id": str(cart.pk), "shipping_address": ADDRESS, "shipping_method": method.pk}
    answer = api.post("/api/v1/orders/", body)
    assert answer.status_code == 201, answer.content
    return answer.json()["id"]


def roll_back_an_order(variant, method):
    with transaction.atomic():
        made = make_placed_order(variants=[variant], method=method)
        transaction.set_rollback(True)
    return str(made.pk)


def test_a_dead_broker_and_a_killed_worker_lose_no_webhook(api, no_broker, slow_receiver, folder):
    make_endpoint(slow_receiver.url, events=["order.created"])
    variant, method = make_variant(on_hand=500), make_shipping_method()
    placed = {place_over_http(api, variant, method) for _ in range(ORDERS)}
    undone = {roll_back_an_order(variant, method) for _ in range(5)}

    trusted = {"WEBHOOK_ALLOWED_HOSTS": f"127.0.0.1:{slow_receiver.port}"}
    with running_worker(folder, **trusted) as process:
        wait_for(lambda: len(slow_receiver.calls) >= 15)
        kill(process)
    delivered = WebhookDelivery.objects.filter(status=DeliveryState.DELIVERED).count()
    assert 0 < delivered < ORDERS
    torn = WebhookDelivery.objects.filter(leased_until__isnull=False, status=DeliveryState.PENDING)
    torn_ids = {str(row.event.event_id) for row in torn.select_related("event")}
    assert 0 < len(torn_ids) <= 4
    torn.update(leased_until=timezone.now() - timedelta(seconds=1))

    waiting = WebhookDelivery.objects.exclude(status=DeliveryState.DELIVERED)
    with running_worker(folder, **trusted):
        wait_for(lambda: not waiting.exists())

    got = Counter(event["id"] for event in slow_receiver.events)
    told = {event["data"]["id"] for event in slow_receiver.events}
    assert told == placed
    assert not told & undone
    created = EventRecord.objects.filter(type="order.created").values_list("event_id", flat=True)
    assert set(got) == {str(event_id) for event_id in created}
    assert {event_id for event_id, times in got.items() if times > 1} <= torn_ids
    assert max(got.values()) <= 2


@pytest.mark.parametrize(
    ("moment", "times_taken"), [("before", 1), ("after", 2)], ids=["before", "after"]
)
def test_a_mail_is_repeated_only_where_the_worker_died_between_the_accept_and_our_note(
    api, no_broker, post_office, folder, moment, times_taken
):
    variant, method = make_variant(on_hand=500), make_shipping_method()
    placed = {place_over_http(api, variant, method) for _ in range(ORDERS)}
    undone = {roll_back_an_order(variant, method) for _ in range(5)}
    assert post_office.taken == []

    post_office.hold(moment, after=15)
    with running_worker(folder, EMAIL_URL=post_office.url) as process:
        sweep_now(folder, times=2)
        wait_for(lambda: post_office.held)
        kill(process)
    wait_for(lambda: not post_office.held)
    post_office.hold(None)
    unsent = Message.objects.filter(status=MessageState.PENDING)
    torn = {str(row.pk) for row in unsent.filter(leased_until__isnull=False)}
    assert 1 <= len(torn) <= 2  # the worker has two threads
    taken_then = {message for message in torn if post_office.ids[message]}
    unsent.update(leased_until=timezone.now() - timedelta(seconds=1))

    with running_worker(folder, EMAIL_URL=post_office.url):
        sweep_now(folder, times=2)
        wait_for(lambda: not unsent.exists())

    mails = {str(row.pk): row.data["order_id"] for row in Message.objects.all()}
    assert set(mails.values()) == placed
    assert len(mails) == ORDERS
    assert not set(mails.values()) & undone
    assert post_office.ids == {pk: 2 if pk in taken_then else 1 for pk in mails}
    assert max(post_office.ids.values()) == times_taken
    assert set(Message.objects.values_list("status", flat=True)) == {MessageState.SENT}
