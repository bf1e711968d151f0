"""Threads with connections of their own, and ways to make a race certain instead of likely."""

import contextlib
import threading
from concurrent.futures import ThreadPoolExecutor

from django.db import OperationalError, connection, connections
from django.db.models import QuerySet

POOL = 20


def run_together(*jobs, deferred=False):
    """Run jobs in threads and return what each answered, or the OperationalError it met.

    SQLite lets one transaction in at a time by its IMMEDIATE mode: there `deferred` takes that
    lock away.
    """

    def run(job):
        try:
            connection.ensure_connection()
            if deferred and connection.vendor == "sqlite":
                connection.transaction_mode = None
            return job()
        except OperationalError as error:
            return error
        finally:
            connections.close_all()

    with ThreadPoolExecutor(POOL) as pool:
        return list(pool.map(run, jobs))


class Meeting:
    """Holds two threads after each one's first read of a table until both have read it.

    Where a lock keeps the second one out, the first goes on after `patience` seconds.
    """

    def __init__(self, table, patience=1):
        self.start = f'FROM "{table}"'
        self.barrier = threading.Barrier(2)
        self.patience = patience
        self.met = threading.local()

    def attend(self, job):
        def run():
            with connection.execute_wrapper(self):
                return job()

        return run

    def __call__(self, execute, sql, params, many, context):
        result = execute(sql, params, many, context)
        is_read = sql.startswith("SELECT") and self.start in sql.replace("`", '"')
        if is_read and not getattr(self.met, "already", False):
            self.met.already = True
            with contextlib.suppress(threading.BrokenBarrierError):
                self.barrier.wait(self.patience)
        return result


def meet_at(table, *jobs, deferred=False):
    """Run two jobs that both read a table before either goes on, if locks let them."""
    meeting = Meeting(table)
    return run_together(*(meeting.attend(job) for job in jobs), deferred=deferred)


def take_lock_away(monkeypatch, model):
    """Let `select_for_update` lock no row of a model."""
    real = QuerySet.select_for_update

    def select_for_update(self, *args, **kwargs):
        return self.all() if self.model is model else real(self, *args, **kwargs)

    monkeypatch.setattr(QuerySet, "select_for_update", select_for_update)
