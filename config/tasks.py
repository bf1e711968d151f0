from celery import shared_task
from django.conf import settings
from sqlalchemy import create_engine, text

from . import heartbeats, orphans
from .idempotency import delete_expired_keys


@shared_task
def heartbeat(queue: str) -> None:
    heartbeats.note_life(queue)


@shared_task
def clean_idempotency_keys() -> None:
    delete_expired_keys()


@shared_task
def delete_orphaned_files() -> None:
    orphans.delete_orphaned_files()


@shared_task
def clean_embedded_broker() -> None:
    """Delete messages that the SQLite broker has delivered; it keeps them for ever."""
    if not settings.CELERY_BROKER_URL.startswith("sqla+"):
        return
    with create_engine(settings.CELERY_BROKER_URL.removeprefix("sqla+")).begin() as connection:
        connection.execute(text("DELETE FROM kombu_message WHERE visible = 0"))
