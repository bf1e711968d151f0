from celery import shared_task

from .services import erasing, numbering, popularity


@shared_task
def open_number_series() -> None:
    numbering.open_coming_series()


@shared_task
def refresh_popularity() -> None:
    popularity.refresh_popularity()


@shared_task
def erase_old_guest_orders() -> None:
    erasing.erase_old_guest_orders()
