"""How lists of reviews narrow, and how they are ordered."""

from collections.abc import Callable

from django.db.models import Q, QuerySet
from django.http import QueryDict
from rest_framework.serializers import ValidationError

from accounts.models import User

from ..models import Product, Review
from .values import by_id_or_slug, narrow, read_boolean

REVIEW_ORDERINGS = {"created_at": "created_at", "rating": "rating", "helpful": "helpful_count"}


def filter_reviews(rows: QuerySet[Review], query: QueryDict, user: User) -> QuerySet[Review]:
    """Narrow reviews by product, rating, verified purchase, and whether they are the user's."""

    def mine(value: str) -> Q:
        if not read_boolean(value):
            return Q()
        # A guest wrote nothing; NULL would mean the reviews of erased people.
        return Q(user=user.pk) if user.pk else Q(pk__in=[])

    return narrow(rows, query, {**_REVIEW_FILTERS, "mine": mine})


def order_reviews(rows: QuerySet[Review], query: QueryDict) -> QuerySet[Review]:
    """Order by `ordering`, the newest first where nothing else is asked; ending in the id."""
    word = query.get("ordering") or "-created_at"
    direction, name = ("-", word[1:]) if word.startswith("-") else ("", word)
    if name not in REVIEW_ORDERINGS:
        known = ", ".join(REVIEW_ORDERINGS)
        raise ValidationError({"ordering": [f"Order by one of {known}, with - or without."]})
    return rows.order_by(direction + REVIEW_ORDERINGS[name], f"{direction}pk")


def _of_product(value: str) -> Q:
    return Q(product__in=Product.objects.filter(by_id_or_slug(value)).values("pk"))


def _rated(value: str) -> Q:
    if value not in ("1", "2", "3", "4", "5"):
        raise ValidationError("Give a number from 1 to 5.")
    return Q(rating=int(value))


_REVIEW_FILTERS: dict[str, Callable[[str], Q]] = {
    "product": _of_product,
    "rating": _rated,
    "verified": lambda value: Q(verified_purchase=read_boolean(value)),
}
