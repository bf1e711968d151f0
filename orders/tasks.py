from celery import shared_task

from .services import popularity


@shared_task
def refresh_popularity() -> None:
    popularity.refresh_popularity()
