from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.db.models import Q

from accounts.rights import staff_may
from config.audit import Audit

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from accounts.models import User


class ReviewQuerySet(models.QuerySet["Review"]):
    def visible_to(self, user: User | AnonymousUser) -> ReviewQuerySet:
        """Keep approved ones of listed products, the user's own ones, and for staff all."""
        public = Q(is_approved=True, product__is_active=True)
        if not user.is_authenticated:
            return self.filter(public)
        sees_all = staff_may(user, "catalog.view_review")
        return self if sees_all else self.filter(public | Q(user=user))


class Review(models.Model):
    """What one person says of one product; withdrawn ones do not count."""

    product = models.ForeignKey("catalog.Product", models.CASCADE, related_name="reviews")
    # NULL once the person is erased: the words stay, and nobody knows whose they were.
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="reviews"
    )
    rating = models.PositiveSmallIntegerField()
    title = models.CharField(max_length=150, blank=True)
    comment = models.TextField(blank=True)
    # Told by the app of orders, which stands to the right.
    verified_purchase = models.BooleanField(default=False)
    is_approved = models.BooleanField("approved", default=True)
    helpful_count = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    objects = ReviewQuerySet.as_manager()

    audit = Audit(
        masked=("user", "title", "comment"), skipped=("verified_purchase", "helpful_count")
    )

    class Meta:
        ordering = ["-created_at", "-id"]
        indexes = [
            models.Index(
                fields=["product", "is_approved", "created_at", "id"], name="review_of_product"
            ),
            # All that the average needs, without the rows themselves.
            models.Index(fields=["product", "is_approved", "rating"], name="review_rating"),
            models.Index(fields=["created_at", "id"], name="review_by_age"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["user", "product"], name="review_once_a_product"),
            models.CheckConstraint(
                condition=Q(rating__gte=1, rating__lte=5), name="review_rating_in_range"
            ),
        ]

    def __str__(self) -> str:
        return self.title or f"{self.rating} of 5"

    @property
    def user_name(self) -> str:
        """The author as everybody may read it: never an address, never the whole name."""
        if self.user is None:
            return "Deleted user"
        first, initial = self.user.first_name, self.user.last_name[:1]
        if not first or "@" in first:
            return "Customer"
        return f"{first} {initial}." if initial else first


class HelpfulVote(models.Model):
    """Somebody found a review helpful; of erased people the vote stays, without a name."""

    review = models.ForeignKey(Review, models.CASCADE, related_name="votes")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "review"], name="helpful_once_a_review"),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} of {self.review_id}"
