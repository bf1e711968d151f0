"""How apps tell others what happened: events inside the transaction, tasks after it."""

import logging
from typing import Any

from celery import Task
from django.db import transaction
from django.dispatch import Signal

logger = logging.getLogger(__name__)


def emit(event: Signal, **ids: Any) -> None:  # noqa: ANN401
    """Tell the receivers inside the running transaction; what they raise undoes it."""
    if not transaction.get_connection().in_atomic_block:
        raise transaction.TransactionManagementError("An event belongs to a transaction.")
    event.send(sender=None, **ids)


def enqueue(task: Task, *args: Any) -> None:  # noqa: ANN401
    """Start a task after commit; without a broker the row waits for its sweep."""
    transaction.on_commit(lambda: _publish(task, args), robust=True)


def _publish(task: Task, args: tuple[Any, ...]) -> None:
    try:
        task.apply_async(args=[str(arg) for arg in args], retry=False)
    except Exception:
        logger.warning("No broker took %s%r: its sweep will.", task.name, args, exc_info=True)
