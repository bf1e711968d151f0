"""The Celery application; its settings are Django's that begin with CELERY_."""

import os
from typing import Any

from celery import Celery
from celery.signals import beat_init, before_task_publish

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

app = Celery("storefront")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@beat_init.connect
def _watch_beat(**kwargs: Any) -> None:  # noqa: ANN401
    from .heartbeats import note_beat

    before_task_publish.connect(note_beat, weak=False)
