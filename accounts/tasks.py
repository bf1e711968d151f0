from celery import shared_task

from .services.attempts import delete_ended_windows
from .services.tokens import delete_expired_tokens


@shared_task
def clean_expired() -> None:
    delete_expired_tokens()
    delete_ended_windows()
