"""A reader of the feed misses nothing, however the transactions that write it commit."""

import threading
import time

import pytest
from django.db import DatabaseError, connection, connections, transaction

from notifications.models import EventRecord, FeedHead
from notifications.services.feed import number_events, read_feed
from tests.notifications.factories import make_event

from .races import run_together, take_lock_away

pytestmark = pytest.mark.django_db(transaction=True)

WRITERS, EACH = 6, 8


@pytest.fixture(autouse=True)
def _head(transactional_db):
    FeedHead.objects.create(pk=1)


def write(writer):
    """Write events in transactions, some of which stay open long after their row is there."""
    for turn in range(EACH):
        with transaction.atomic():
            make_event(id=writer * EACH + turn)
            time.sleep(0.001 if connection.vendor == "sqlite" else 0.03 * ((writer + turn) % 4))


def follow(read):
    """Write in threads and read all the time; return what the reader got."""
    seen, is_over = [], threading.Event()

    def reader():
        place = 0
        while True:
            was_over = is_over.is_set()
            events = read(place)
            if events:
                seen.extend(event.data["id"] for event in events)
                place = events[-1].position or events[-1].pk
            elif was_over:
                return

    def writing(number):
        def run():
            try:
                write(number)
            finally:
                connections.close_all()

        return run

    threads = [threading.Thread(target=writing(number)) for number in range(WRITERS)]
    watch = threading.Thread(target=lambda: (reader(), connections.close_all()))
    for thread in [watch, *threads]:
        thread.start()
    for thread in threads:
        thread.join()
    is_over.set()
    watch.join()
    return seen


def read_numbered(place):
    number_events()
    return read_feed(after=place, event_type=None, limit=3)


def read_keys(place):
    return list(EventRecord.objects.filter(pk__gt=place).order_by("pk")[:3])


def test_a_reader_gets_every_event_once():
    seen = follow(read_numbered)
    assert sorted(seen) == list(range(WRITERS * EACH))


def test_control_a_reader_of_keys_misses_events():
    if connection.vendor == "sqlite":
        pytest.skip("SQLite lets one writer in at a time: keys are committed in their order.")
    seen = follow(read_keys)
    assert len(set(seen)) < WRITERS * EACH


def test_ten_at_once_number_each_event_once():
    for _ in range(60):
        make_event()
    numbered = run_together(*[number_events] * 10)
    assert sum(numbered) == 60
    positions = EventRecord.objects.order_by("position").values_list("position", flat=True)
    assert list(positions) == list(range(1, 61))


def test_control_without_the_lock_two_number_the_same_event(monkeypatch):
    if connection.vendor == "sqlite":
        pytest.skip("SQLite lets one transaction in at a time.")
    take_lock_away(monkeypatch, FeedHead)

    def goes_wrong():
        before = sum(FeedHead.objects.values_list("last", flat=True))
        for _ in range(60):
            make_event()
        numbered = run_together(*[lambda: _safely(number_events)] * 10)
        return sum(numbered) != 60 or FeedHead.objects.get().last != before + 60

    assert any(goes_wrong() for _ in range(20))


def _safely(job):
    try:
        return job()
    except DatabaseError:
        return -1
