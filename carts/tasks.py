from celery import shared_task

from .services.cleaning import delete_expired_carts


@shared_task
def clean_guest_carts() -> None:
    delete_expired_carts()
