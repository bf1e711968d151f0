from celery import shared_task

from .search import renames, vocabulary
from .services import images, prices, queries, sellers, stock_requests


@shared_task
def refresh_sale_prices() -> None:
    prices.refresh_sale_prices()


@shared_task
def make_thumbnail(image_id: str) -> None:
    images.make_thumbnail(image_id=int(image_id))


@shared_task
def make_pending_thumbnails() -> None:
    images.make_pending_thumbnails()


@shared_task
def answer_stock_requests() -> None:
    stock_requests.answer_requests()


@shared_task
def hide_suspended_products() -> None:
    sellers.hide_suspended_products()


@shared_task
def refresh_suggestions() -> None:
    queries.refresh_suggestions()


@shared_task
def forget_old_queries() -> None:
    queries.forget_old_queries()


@shared_task
def forget_old_stock_requests() -> None:
    stock_requests.delete_old_requests()


@shared_task
def count_search_words() -> None:
    vocabulary.count_new_words()


@shared_task
def follow_renames() -> None:
    renames.follow_renames()
