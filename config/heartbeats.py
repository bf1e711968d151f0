"""Signs of life of beat and of each queue's workers: rows, so the same on every broker."""

import logging
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import close_old_connections
from django.utils import timezone

logger = logging.getLogger(__name__)

BEAT = "beat"
TASK = "config.tasks.heartbeat"
# Three signs that did not come.
LATE_AFTER_SECONDS = 100


def note_life(name: str) -> None:
    """Write down that somebody is alive now."""
    from .models import Heartbeat

    now = timezone.now()
    if not Heartbeat.objects.filter(name=name).update(at=now):
        Heartbeat.objects.get_or_create(name=name, defaults={"at": now})


def last_sign(name: str) -> datetime | None:
    """Return when somebody last gave a sign of life."""
    from .models import Heartbeat

    return Heartbeat.objects.filter(name=name).values_list("at", flat=True).first()


def queue_names() -> list[str]:
    return [queue.name for queue in settings.CELERY_TASK_QUEUES]


def note_beat(sender: str | None = None, **kwargs: Any) -> None:  # noqa: ANN401
    """In the process of beat: a sign of its own whenever it asks the workers for theirs."""
    if sender != TASK:
        return
    try:
        close_old_connections()
        note_life(BEAT)
    except Exception:
        logger.warning("The sign of life of beat could not be written", exc_info=True)
