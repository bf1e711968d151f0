"""What people want to keep in mind of products: that they like them, or wait for them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from accounts.models import User

from .product import Variant


class Like(models.Model):
    """Somebody likes a product; of erased people the like stays, without a name."""

    product = models.ForeignKey("catalog.Product", models.CASCADE, related_name="likes")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="likes"
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-created_at", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["user", "product"], name="like_once_a_product"),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} likes {self.product_id}"


class StockRequestQuerySet(models.QuerySet["StockRequest"]):
    def ready(self) -> StockRequestQuerySet:
        """Keep what can be answered: the variant, or any of the product, can be bought again."""
        variant_is_back = Q(
            variant__is_active=True, variant__stock__on_hand__gt=F("variant__stock__reserved")
        )
        any_is_back = Q(variant=None, product__in_stock=True)
        return self.filter(variant_is_back | any_is_back, product__is_active=True)

    def touched_by(self, variant_ids: Iterable[int]) -> StockRequestQuerySet:
        """Keep what a change of these variants' stock may answer."""
        products = Variant.objects.filter(pk__in=list(variant_ids)).values("product_id")
        return self.filter(product__in=products)


class StockRequest(models.Model):
    """Somebody waits for one message, when what is sold out is back; gone once it is written."""

    product = models.ForeignKey("catalog.Product", models.CASCADE, related_name="stock_requests")
    # NULL: any variant of the product will do.
    variant = models.ForeignKey(
        "catalog.Variant", models.CASCADE, null=True, related_name="stock_requests"
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, null=True, related_name="stock_requests"
    )
    # Empty for a user who has none: told by the other ways.
    email = models.EmailField()
    # Of product, variant and address, or user: databases differ in what they take for equal.
    key_hash = models.CharField(max_length=64, unique=True, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = StockRequestQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-id"]

    def __str__(self) -> str:
        return f"{self.email or self.user} waits for {self.product_id}"

    @staticmethod
    def key_of(product_id: int, variant_id: int | None, who: str) -> str:
        """Return what two requests for the same thing by one address, or user, have in common."""
        parts = (str(product_id), str(variant_id or ""), who.lower())
        return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()

    @property
    def addressee(self) -> User | None:
        """The user whose own address this is, or who gave none: only they are greeted by name."""
        is_own = self.user is not None and self.email.lower() in ("", self.user.email_key)
        return self.user if is_own else None
