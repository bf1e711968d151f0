from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import F, Q

from config.audit import Audit
from config.money import AmountField, minor_digits, round_money


class DiscountType(models.TextChoices):
    PERCENTAGE = "percentage"
    FIXED = "fixed"
    FREE_SHIPPING = "free_shipping"
    BUY_X_GET_Y = "buy_x_get_y"


def read_code(text: str | None) -> str | None:
    """Return a code as it is kept: databases differ in what they take for equal."""
    return (text or "").strip().upper() or None


class CouponQuerySet(models.QuerySet["Coupon"]):
    def live(self, at: datetime) -> CouponQuerySet:
        """Keep what can be used at a moment, limits apart."""
        begun = Q(valid_from=None) | Q(valid_from__lte=at)
        not_ended = Q(valid_to=None) | Q(valid_to__gt=at)
        return self.filter(begun, not_ended, is_active=True)

    def public(self, at: datetime) -> CouponQuerySet:
        """Keep what everybody may know of and can still use."""
        left = Q(usage_limit=None) | Q(used_count__lt=F("usage_limit"))
        return self.live(at).filter(left, is_public=True)

    def asked_by(self, code: str | None, at: datetime) -> CouponQuerySet:
        """Keep the live promotions that apply by themselves, and a code whatever its state."""
        asked = self.live(at).filter(code=None)
        return asked | self.filter(code=code) if code else asked


class Coupon(models.Model):
    """A code that takes something off, or, without a code, a promotion that applies by itself."""

    code = models.CharField(max_length=40, unique=True, null=True, blank=True)
    description = models.CharField(max_length=255, blank=True)
    discount_type = models.CharField(max_length=20, choices=DiscountType.choices)
    value = AmountField(default=0)
    min_purchase = AmountField(null=True, blank=True, validators=[MinValueValidator(0)])
    max_discount = AmountField(null=True, blank=True, validators=[MinValueValidator(0)])
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

    audit = Audit(name="__str__", skipped=("used_count",))

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
            models.CheckConstraint(
                condition=~Q(discount_type="buy_x_get_y")
                | Q(
                    value__lte=100,
                    buy_quantity__isnull=False,
                    buy_quantity__gte=1,
                    get_quantity__isnull=False,
                    get_quantity__gte=1,
                ),
                name="coupon_sets_are_complete",
            ),
        ]

    def __str__(self) -> str:
        return self.code or self.description

    @property
    def has_limits(self) -> bool:
        """Whether uses of it must be counted one after the other."""
        limits = (self.usage_limit, self.usage_limit_per_user)
        return self.first_order_only or any(limit is not None for limit in limits)

    def clean(self) -> None:
        """Refuse what could never be used or is no whole rule; keep nothing that has no meaning."""
        self.code = read_code(self.code)
        if self.discount_type == DiscountType.FREE_SHIPPING:
            self.value, self.max_discount = Decimal(0), None
        if self.discount_type != DiscountType.BUY_X_GET_Y:
            self.buy_quantity = self.get_quantity = None
        if errors := {field: text for field, text in self._faults().items() if text}:
            raise ValidationError(errors)

    def _faults(self) -> dict[str, str | None]:
        """Say by field what is wrong, or None."""
        return {
            "value": self._fault_of_value(),
            "min_purchase": _fault_of_amount(self.min_purchase),
            "max_discount": self._fault_of_cap(),
            "buy_quantity": self._fault_of_pieces(self.buy_quantity),
            "get_quantity": self._fault_of_pieces(self.get_quantity),
            "usage_limit": self._fault_of_limit(),
            "usage_limit_per_user": "Give at least 1." if self.usage_limit_per_user == 0 else None,
            "valid_to": self._fault_of_time(),
        }

    def _fault_of_value(self) -> str | None:
        if self.value is None or self.discount_type == DiscountType.FREE_SHIPPING:
            return None
        if self.value <= 0:
            return "Give more than 0."
        if self.discount_type == DiscountType.FIXED:
            return _fault_of_amount(self.value)
        return "Give at most 100, for it is percent." if self.value > 100 else None

    def _fault_of_cap(self) -> str | None:
        if self.max_discount is not None and self.max_discount <= 0:
            return "Give more than 0, or nothing for no limit."
        return _fault_of_amount(self.max_discount)

    def _fault_of_pieces(self, pieces: int | None) -> str | None:
        is_set = self.discount_type == DiscountType.BUY_X_GET_Y
        return "Give at least 1 piece." if is_set and not pieces else None

    def _fault_of_limit(self) -> str | None:
        if self.usage_limit is None or self.usage_limit >= max(1, self.used_count):
            return None
        return f"Give at least {max(1, self.used_count)}: it was used {self.used_count} times."

    def _fault_of_time(self) -> str | None:
        is_ordered = not self.valid_from or not self.valid_to or self.valid_from < self.valid_to
        return None if is_ordered else "Give a time after valid_from."


def _fault_of_amount(amount: Decimal | None) -> str | None:
    currency = settings.STORE_CURRENCY
    if amount is None or round_money(amount, currency) == amount:
        return None
    return f"Give at most {minor_digits(currency)} decimals."


class CouponUseQuerySet(models.QuerySet["CouponUse"]):
    def made_by(self, user_id: object, email: str) -> CouponUseQuerySet:
        """Keep the uses of a user, or of a guest, who is known by e-mail."""
        if user_id:
            return self.filter(user_id=user_id)
        return self.filter(user_id=None, email_key=email.lower()) if email else self.none()


class CouponUse(models.Model):
    """An order from which a coupon took something off; gone when the order is cancelled."""

    coupon = models.ForeignKey(Coupon, models.CASCADE, related_name="uses")
    # Orders stand to the right of carts: their key is kept as it is.
    order_id = models.UUIDField(db_index=True)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    # In small letters; empty where there is a user.
    email_key = models.CharField(max_length=254, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = CouponUseQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-id"]
        indexes = [
            models.Index(fields=["coupon", "user"], name="coupon_use_of_user"),
            models.Index(fields=["coupon", "email_key"], name="coupon_use_of_guest"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["coupon", "order_id"], name="coupon_use_once_an_order"),
        ]

    def __str__(self) -> str:
        return f"{self.coupon_id} by {self.order_id}"
