from celery import shared_task

from .services.numbering import open_coming_series


@shared_task
def open_number_series() -> None:
    open_coming_series()
