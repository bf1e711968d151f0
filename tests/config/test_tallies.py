from collections import Counter
from threading import Barrier, Event, Thread

import pytest

from config import tallies
from config.tallies import Tally


@pytest.fixture
def written():
    return []


@pytest.fixture
def tally(written):
    return Tally(written.append)


def test_sums_are_written_together_and_once(tally, written):
    tally.add("mug", times=1)
    tally.add("mug", times=1, clicks=2)
    tally.add("lamp", times=1)
    assert written == []
    tally.write()
    tally.write()
    assert written == [{"mug": Counter(times=2, clicks=2), "lamp": Counter(times=1)}]


def test_no_count_of_many_threads_is_lost_or_doubled(tally, written):
    barrier = Barrier(8)

    def count():
        barrier.wait()
        for number in range(500):
            tally.add("mug", times=1)
            if number % 50 == 0:
                tally.write()

    threads = [Thread(target=count) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    tally.write()
    assert sum(sums["mug"]["times"] for sums in written) == 4000


def test_a_flood_of_different_keys_stays_small(tally, written, monkeypatch):
    monkeypatch.setattr(tallies, "MAX_KEYS", 3)
    for number in range(10):
        tally.add(number, times=1)
    tally.add(0, times=1)
    tally.write()
    assert written == [{0: Counter(times=2), 1: Counter(times=1), 2: Counter(times=1)}]


def test_they_are_written_by_themselves_and_again_after_that(settings):
    settings.TALLY_SECONDS = 0.01
    done, written = Event(), []

    def write(sums):
        written.append(dict(sums))
        done.set()

    tally = Tally(write)
    for _ in range(2):
        done.clear()
        tally.add("mug", times=1)
        assert done.wait(10)
    assert written == [{"mug": Counter(times=1)}] * 2


def test_what_cannot_be_written_is_given_up_and_counting_goes_on(settings, caplog):
    settings.TALLY_SECONDS = 0.01
    tried, written = Event(), []

    def write(sums):
        if not tried.is_set():
            tried.set()
            raise ValueError("no database")
        written.append(dict(sums))

    tally = Tally(write)
    tally.add("mug", times=1)
    assert tried.wait(10)
    settings.TALLY_SECONDS = 0
    tally.add("lamp", times=1)
    tally.write()
    assert written == [{"lamp": Counter(times=1)}]
