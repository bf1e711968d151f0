"""Reviews: the product is locked while rating and count follow them, so that both are exact."""

from collections.abc import Callable, Collection
from decimal import ROUND_HALF_UP, Decimal
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Count, Sum

from accounts.models import User
from accounts.services.auditing import audited, track
from config.errors import NotFound
from config.events import emit
from config.transactions import retried

from ..errors import AlreadyReviewed, OwnProduct, OwnReview, ReviewWithdrawn
from ..models import HelpfulVote, Product, Review
from ..signals import product_changed
from .variants import lock_product

# Called with user_id and product_id, before the product is locked.
_has_bought: list[Callable[..., bool]] = []


def ask_for_purchases_at(has_bought: Callable[..., bool]) -> None:
    """Let the app of orders, which stands to the right, tell who has bought a product."""
    _has_bought[:] = [has_bought]


@retried
@transaction.atomic
def write_review(
    *, product_id: int, user: User, rating: int, title: str = "", comment: str = ""
) -> Review:
    """Add a user's only review of a product, or raise AlreadyReviewed."""
    is_verified = any(ask(user_id=user.pk, product_id=product_id) for ask in _has_bought)
    product = lock_product(product_id)
    if product.seller and product.seller.user_id == user.pk:
        raise OwnProduct()
    if existing := Review.objects.filter(product=product, user=user).first():
        raise AlreadyReviewed(review=existing.pk)
    review = Review.objects.create(
        product=product,
        user=user,
        rating=rating,
        title=title,
        comment=comment,
        verified_purchase=is_verified,
    )
    _refresh_rating(product)
    return review


@retried
@transaction.atomic
@audited()
def update_review(*, review_id: int, **changes: Any) -> Review:  # noqa: ANN401
    """Change the words or the rating of a review, or withdraw and approve it."""
    product, review = _lock_with_product(review_id)
    for name, value in changes.items():
        setattr(review, name, value)
    review.save(update_fields=[*changes, "updated_at"])
    _refresh_rating(product)
    return review


@retried
@transaction.atomic
@audited()
def delete_review(*, review_id: int, keep_withdrawn: bool = False) -> None:
    """Delete a review; with `keep_withdrawn`, ReviewWithdrawn for one that staff withdrew."""
    product, review = _lock_with_product(review_id)
    if keep_withdrawn and not review.is_approved:
        raise ReviewWithdrawn()
    review.delete()
    _refresh_rating(product)


@retried
@transaction.atomic
def mark_helpful(*, review_id: int, user: User) -> Review:
    """Count a user's vote for a review, once however often it is given."""
    review = Review.objects.select_for_update().filter(pk=review_id).first()
    if review is None:
        raise NotFound()
    if review.user_id == user.pk:
        raise OwnReview()
    _, is_new = HelpfulVote.objects.get_or_create(review=review, user=user)
    if is_new:
        review.helpful_count += 1
        review.save(update_fields=["helpful_count"])
    return review


@transaction.atomic
def lock_reviews(*, user_id: UUID, product_ids: Collection[int]) -> list[Review]:
    """Lock a user's reviews of products, for who tells whether these were bought."""
    rows = Review.objects.select_for_update().filter(user_id=user_id, product__in=product_ids)
    return list(rows.order_by("pk"))


@transaction.atomic
def mark_purchases(*, reviews: list[Review], bought: Collection[int]) -> None:
    """Set on locked reviews whether their product is among those that were bought."""
    for review in reviews:
        review.verified_purchase = review.product_id in bought
    Review.objects.bulk_update(reviews, ["verified_purchase"])


def _lock_with_product(review_id: int) -> tuple[Product, Review]:
    """Lock a review and then its product, or raise NotFound.

    In this order, because a cancelled order locks its buyer's reviews before any product.
    """
    review = Review.objects.select_for_update().filter(pk=review_id).first()
    if review is None:
        raise NotFound()
    product = Product.objects.select_for_update().get(pk=review.product_id)
    return product, track(review)


def _refresh_rating(product: Product) -> None:
    """Set rating and count of a locked product to what its approved reviews say now.

    They are summed up anew each time, from an index alone: what is added up could drift.
    """
    approved = Review.objects.filter(product=product, is_approved=True).order_by()
    told = approved.aggregate(count=Count("*"), total=Sum("rating"))
    mean = Decimal(told["total"] or 0) / (told["count"] or 1)
    rating = mean.quantize(Decimal("0.01"), ROUND_HALF_UP)
    if (rating, told["count"]) == (product.rating, product.review_count):
        return
    product.rating, product.review_count = rating, told["count"]
    product.save(update_fields=["rating", "review_count"])
    emit(product_changed, product_ids=[product.pk])
