"""What the catalogue holds about a person, for their export."""

from collections.abc import Iterable

from django.db.models import F, Q

from accounts.models import User
from accounts.services.exporting import CHUNK, Part, Row

from ..models import HelpfulVote, Like, Review, StockRequest
from .erasing import requests_of


def _likes(user: User) -> Iterable[Row]:
    rows = Like.objects.filter(user=user).order_by("pk")
    return rows.values("created_at", product_name=F("product__name")).iterator(CHUNK)


def _reviews(user: User) -> Iterable[Row]:
    rows = Review.objects.filter(user=user).order_by("pk")
    return rows.values(
        "id",
        "rating",
        "title",
        "comment",
        "verified_purchase",
        "is_approved",
        "helpful_count",
        "created_at",
        "updated_at",
        product_name=F("product__name"),
    ).iterator(CHUNK)


def _votes(user: User) -> Iterable[Row]:
    rows = HelpfulVote.objects.filter(user=user).order_by("pk")
    return rows.values("review_id", product_name=F("review__product__name")).iterator(CHUNK)


def _stock_requests(user: User) -> Iterable[Row]:
    """Return what was asked for without an account, too."""
    mine = Q(user=user) | Q(pk__in=requests_of(user.own_address))
    rows = StockRequest.objects.filter(mine).order_by("pk")
    names = {"product_name": F("product__name"), "sku": F("variant__sku")}
    return rows.values("email", "created_at", **names).iterator(CHUNK)


PARTS: dict[str, Part] = {
    "likes": _likes,
    "reviews": _reviews,
    "helpful_votes": _votes,
    "stock_requests": _stock_requests,
}
