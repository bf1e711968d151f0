"""What orders tell reviews: whether their author has bought the product here."""

from collections.abc import Collection
from uuid import UUID

from django.db import transaction

from catalog.services.reviews import lock_reviews, mark_purchases

from ..models import Order, OrderLine, OrderStatus


@transaction.atomic
def has_bought(*, user_id: UUID, product_id: int) -> bool:
    """Tell whether a user has a paid order with a product that was not cancelled.

    The user's orders with it stay locked until the review is there: of a payment and a review
    at the same moment, the later one sees the earlier.
    """
    lines = OrderLine.objects.filter(order__user_id=user_id, product_id=product_id)
    ids = list(lines.values_list("order_id", flat=True))
    orders = Order.objects.select_for_update().filter(pk__in=ids).order_by("pk")
    return any(order.is_purchase for order in orders)


@transaction.atomic
def tell_purchases(*, order_id: UUID) -> None:
    """Mark anew the reviews of what a locked order, just paid or cancelled, holds."""
    order = Order.objects.get(pk=order_id)
    if order.user_id is None:
        return
    product_ids = set(order.lines.values_list("product_id", flat=True))
    reviews = lock_reviews(user_id=order.user_id, product_ids=product_ids)
    if reviews:
        bought = _bought(order.user_id, [review.product_id for review in reviews])
        mark_purchases(reviews=reviews, bought=bought)


def _bought(user_id: UUID, product_ids: Collection[int]) -> set[int]:
    lines = OrderLine.objects.filter(
        order__user_id=user_id, order__paid_at__isnull=False, product_id__in=product_ids
    ).exclude(order__status=OrderStatus.CANCELLED)
    return set(lines.values_list("product_id", flat=True))
