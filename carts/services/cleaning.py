"""Guest carts that nobody touched for a long time."""

from django.db import transaction
from django.utils import timezone

from ..models import Cart

BATCH_SIZE = 500


def delete_expired_carts() -> int:
    """Delete guest carts untouched for GUEST_CART_LIFETIME; return how many.

    Nobody can use them any more, so they need no lock; batches keep other writers going.
    """
    deleted = 0
    while batch := _expired_batch():
        with transaction.atomic():
            Cart.objects.filter(pk__in=batch).delete()
        deleted += len(batch)
    return deleted


def _expired_batch() -> list:
    expired = Cart.objects.expired_guests(timezone.now()).order_by("updated_at")
    return list(expired.values_list("pk", flat=True)[:BATCH_SIZE])
