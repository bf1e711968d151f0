"""Real threads with real connections, let go at the same moment."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from django.db import connection


def at_once(number, call):
    """Call `call(index)` in as many threads at once; return the results or exceptions."""
    gate = Barrier(number)

    def run(index):
        try:
            gate.wait(timeout=20)
            return call(index)
        except Exception as error:  # noqa: BLE001  what a thread raised is its result
            return error
        finally:
            connection.close()

    with ThreadPoolExecutor(number) as pool:
        return list(pool.map(run, range(number)))
