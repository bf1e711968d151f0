"""Carts, and what prices depend on beside them: coupons, tax rates, shipping methods."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING
from uuid import uuid4

from django.conf import settings
from django.db import models
from django.db.models import Q

from config.money import AmountField

if TYPE_CHECKING:
    from accounts.models import User


class CartQuerySet(models.QuerySet["Cart"]):
    def owned_by(self, user: User) -> CartQuerySet:
        return self.filter(user=user)

    def live_guests(self, at: datetime) -> CartQuerySet:
        """Keep guest carts that were touched within GUEST_CART_LIFETIME; others are gone."""
        return self.filter(user=None, updated_at__gt=at - settings.GUEST_CART_LIFETIME)

    def expired_guests(self, at: datetime) -> CartQuerySet:
        return self.filter(user=None, updated_at__lte=at - settings.GUEST_CART_LIFETIME)

    def usable_by(self, user: User | None, at: datetime) -> CartQuerySet:
        """Keep live guest carts, whose id is the right to use them, and the user's own."""
        guests = self.live_guests(at)
        return guests | self.owned_by(user) if user else guests


class Cart(models.Model):
    """The cart of a user, or of whoever knows its id."""

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, models.CASCADE, null=True, blank=True, related_name="cart"
    )
    # Grows with every change of the lines; what If-Match is compared with.
    version = models.PositiveIntegerField(default=0)
    coupon_code = models.CharField(max_length=40, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True, db_index=True)

    objects = CartQuerySet.as_manager()

    def __str__(self) -> str:
        return str(self.pk)

    def is_live_guest(self, at: datetime) -> bool:
        """Tell what CartQuerySet.live_guests keeps, of a row that is loaded."""
        return self.user_id is None and self.updated_at > at - settings.GUEST_CART_LIFETIME


class CartItemQuerySet(models.QuerySet["CartItem"]):
    def with_variants(self) -> CartItemQuerySet:
        """Load what a line shows, costs and could have, in one query."""
        return self.select_related("variant__product", "variant__stock")

    def sellable(self) -> CartItemQuerySet:
        """Keep what is still sold, sold out or not."""
        return self.filter(variant__is_active=True, variant__product__is_active=True)


class CartItem(models.Model):
    """A line of a cart: pieces of one variant."""

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    cart = models.ForeignKey(Cart, models.CASCADE, related_name="items")
    variant = models.ForeignKey("catalog.Variant", models.CASCADE, related_name="cart_items")
    quantity = models.PositiveIntegerField()
    # What a piece cost when the line was last changed, to tell the customer of a new price.
    seen_price = AmountField()
    created_at = models.DateTimeField(auto_now_add=True)

    objects = CartItemQuerySet.as_manager()

    class Meta:
        ordering = ["created_at", "id"]
        constraints = [
            models.UniqueConstraint(fields=["cart", "variant"], name="cart_item_variant_once"),
            models.CheckConstraint(
                condition=Q(quantity__gte=1), name="cart_item_quantity_positive"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.quantity} × {self.variant_id}"


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


class TaxRate(models.Model):
    """What is taxed in a place: the row with a state beats the one without."""

    country = models.CharField(max_length=2)
    # The code where the country's states are coded, else its name.
    state = models.CharField(max_length=100, blank=True)
    tax_class = models.CharField(max_length=30, default="standard")
    rate = models.DecimalField(max_digits=7, decimal_places=4, help_text="Percent.")
    # [{"name": "CGST", "rate": "9.00"}, …]; empty for a rate without named parts.
    parts = models.JSONField(default=list, blank=True)
    is_active = models.BooleanField(default=True)

    class Meta:
        ordering = ["country", "state", "tax_class", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["country", "state", "tax_class"], name="tax_rate_once_a_place_and_class"
            ),
            models.CheckConstraint(
                condition=Q(rate__gte=0, rate__lte=100), name="tax_rate_in_range"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.country} {self.state} {self.tax_class}".replace("  ", " ")


class ShippingZone(models.Model):
    """The places that share shipping methods: countries, or postal codes within them."""

    name = models.CharField(max_length=100, unique=True)
    countries = models.JSONField(default=list)
    # Ranges and prefixes: ["560001-560100", "11*"]; empty for whole countries.
    postal_codes = models.JSONField(default=list, blank=True)

    class Meta:
        ordering = ["name", "id"]

    def __str__(self) -> str:
        return self.name


class BandBy(models.TextChoices):
    SUBTOTAL = "subtotal"
    WEIGHT = "weight"


class ShippingMethod(models.Model):
    """A way to send an order into a zone, and what it costs."""

    zone = models.ForeignKey(ShippingZone, models.CASCADE, related_name="methods")
    name = models.CharField(max_length=100)
    price = AmountField()
    free_from = AmountField(null=True, blank=True)
    band_by = models.CharField(max_length=10, choices=BandBy.choices, default=BandBy.SUBTOTAL)
    # [{"up_to": "1000", "price": "49.00"}, …] by subtotal or grams; above the last, `price`.
    bands = models.JSONField(default=list, blank=True)
    min_days = models.PositiveSmallIntegerField(default=2)
    max_days = models.PositiveSmallIntegerField(default=7)
    tax_class = models.CharField(max_length=30, default="shipping")
    cash_on_delivery = models.BooleanField(default=False)
    cash_on_delivery_max = AmountField(null=True, blank=True)
    is_active = models.BooleanField(default=True)

    class Meta:
        ordering = ["price", "id"]
        constraints = [
            models.CheckConstraint(condition=Q(price__gte=0), name="shipping_price_not_negative"),
            models.CheckConstraint(
                condition=Q(max_days__gte=models.F("min_days")), name="shipping_days_in_order"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.zone_id})"
