from __future__ import annotations

from datetime import datetime

from django.db import models
from django.db.models import Q

from config.money import AmountField


class DiscountType(models.TextChoices):
    PERCENTAGE = "percentage"
    FIXED = "fixed"
    FREE_SHIPPING = "free_shipping"
    BUY_X_GET_Y = "buy_x_get_y"


class CouponQuerySet(models.QuerySet["Coupon"]):
    def live(self, at: datetime) -> CouponQuerySet:
        """Keep what can be used at a moment, limits apart."""
        begun = Q(valid_from=None) | Q(valid_from__lte=at)
        not_ended = Q(valid_to=None) | Q(valid_to__gt=at)
        return self.filter(begun, not_ended, is_active=True)


class Coupon(models.Model):
    """A code that takes something off, or, without a code, a promotion that applies by itself."""

    # Upper-cased: databases differ in what they take for equal.
    code = models.CharField(max_length=40, unique=True, null=True, blank=True)
    description = models.CharField(max_length=255, blank=True)
    discount_type = models.CharField(max_length=20, choices=DiscountType.choices)
    value = AmountField(default=0)
    min_purchase = AmountField(null=True, blank=True)
    max_discount = AmountField(null=True, blank=True)
    valid_from = models.DateTimeField(null=True, blank=True)
    valid_to = models.DateTimeField(null=True, blank=True)
    usage_limit = models.PositiveIntegerField(null=True, blank=True)
    usage_limit_per_user = models.PositiveIntegerField(null=True, blank=True)
    categories = models.ManyToManyField("catalog.Category", blank=True, related_name="coupons")
    products = models.ManyToManyField("catalog.Product", blank=True, related_name="coupons")
    first_order_only = models.BooleanField(default=False)
    is_active = models.BooleanField(default=True)
    is_public = models.BooleanField(default=False)
    stackable = models.BooleanField(default=False)
    buy_quantity = models.PositiveIntegerField(null=True, blank=True)
    get_quantity = models.PositiveIntegerField(null=True, blank=True)
    used_count = models.PositiveIntegerField(default=0, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = CouponQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-id"]
        constraints = [
            models.CheckConstraint(condition=Q(value__gte=0), name="coupon_value_not_negative"),
            models.CheckConstraint(
                condition=~Q(discount_type="percentage") | Q(value__lte=100),
                name="coupon_percentage_within_100",
            ),
            models.CheckConstraint(
                condition=Q(usage_limit=None) | Q(used_count__lte=models.F("usage_limit")),
                name="coupon_used_within_limit",
            ),
        ]

    def __str__(self) -> str:
        return self.code or self.description

    def clean(self) -> None:
        """Keep the code as it is compared."""
        self.code = (self.code or "").strip().upper() or None
