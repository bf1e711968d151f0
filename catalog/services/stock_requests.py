"""Who waits for what is sold out: a row each until it is back, and then one mail each."""

from collections.abc import Iterable
from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from accounts.models import User
from accounts.services.tokens import lock_user
from config.bulk import delete_rows
from config.errors import InvalidInput, NotFound
from config.events import emit
from config.transactions import retried

from ..errors import InStock
from ..models import StockRequest, Variant
from ..signals import back_in_stock

# Few enough that others can write between two batches, on SQLite too.
_BATCH = 50


@retried
@transaction.atomic
def request_notice(
    *, product_id: int, variant_id: int | None, email: str, user: User | None
) -> None:
    """Note down who is told when a product or variant is back, once however often it is asked.

    A user may have no `email`. Raises InStock while it can be bought.
    """
    variants = list(Variant.objects.sellable().filter(product=product_id).with_stock())
    if not variants:
        raise NotFound()
    if variant_id is not None:
        variants = [variant for variant in variants if variant.pk == variant_id]
    if not variants:
        raise InvalidInput(variant="The product has no such variant.")
    if any(variant.stock.available > 0 for variant in variants):
        raise InStock()
    if user:
        lock_user(user.pk)  # who is erased meanwhile waits for nothing
    only = variants[0].pk if len(variants) == 1 else None
    StockRequest.objects.get_or_create(
        key_hash=StockRequest.key_of(product_id, only, email or str(user and user.pk)),
        defaults={"product_id": product_id, "variant_id": only, "email": email, "user": user},
    )


def is_awaited(*, variant_ids: Iterable[int]) -> bool:
    """Tell whether somebody waits for one of these variants and it can be bought now."""
    return StockRequest.objects.touched_by(variant_ids).ready().exists()


def answer_requests() -> int:
    """Tell everybody who waits for what is back, batch by batch; return how many."""
    answered, last = 0, 0
    while ids := list(_ready_after(last)):
        answered += _answer(ids)
        last = ids[-1]
    return answered


def _ready_after(pk: int) -> Iterable[int]:
    ready = StockRequest.objects.ready().filter(pk__gt=pk)
    return ready.order_by("pk").values_list("pk", flat=True)[:_BATCH]


@retried
@transaction.atomic
def _answer(ids: list[int]) -> int:
    """Let listeners write their messages and end the requests, together or not at all."""
    # Found without a lock, since that would hold the stock rows: whoever answers first has them.
    rows = StockRequest.objects.select_for_update().filter(pk__in=ids)
    locked = list(rows.order_by("pk").values_list("pk", flat=True))
    if locked:
        emit(back_in_stock, request_ids=locked)
        StockRequest.objects.filter(pk__in=locked).delete()
    return len(locked)


def delete_old_requests() -> int:
    """Delete what was waited for in vain for STOCK_REQUEST_RETENTION_DAYS; 0 is for ever."""
    if not settings.STOCK_REQUEST_RETENTION_DAYS:
        return 0
    kept_from = timezone.now() - timedelta(days=settings.STOCK_REQUEST_RETENTION_DAYS)
    old = StockRequest.objects.filter(created_at__lt=kept_from).order_by("pk")
    return delete_rows(old, batch=1000)
