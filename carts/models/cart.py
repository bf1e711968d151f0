from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from uuid import uuid4

from django.conf import settings
from django.db import models
from django.db.models import Exists, F, OuterRef, Q

from config.money import AmountField

if TYPE_CHECKING:
    from accounts.models import User

REMINDER_WINDOW = timedelta(days=7)


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

    def to_remind_of(self, at: datetime) -> CartQuerySet:
        """Keep users' carts left for CART_REMINDER_AFTER with something that can be bought.

        Those left for a week more were missed or forgotten: a reminder would only surprise.
        """
        until = at - settings.CART_REMINDER_AFTER
        wanted = CartItem.objects.sellable().in_stock().filter(cart=OuterRef("pk"))
        return (
            self.filter(Exists(wanted), user__is_active=True)
            .filter(updated_at__gt=until - REMINDER_WINDOW, updated_at__lte=until)
            .exclude(reminded_version=F("version"))
        )


class Cart(models.Model):
    """The cart of a user, or of whoever knows its id."""

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, models.CASCADE, null=True, blank=True, related_name="cart"
    )
    # Grows with every change of the lines; what If-Match is compared with.
    version = models.PositiveIntegerField(default=0)
    coupon_code = models.CharField(max_length=40, blank=True)
    # The version that its user was reminded of: of each at most once.
    reminded_version = models.PositiveIntegerField(null=True, editable=False)
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
        return self.select_related("variant__product__category", "variant__stock")

    def sellable(self) -> CartItemQuerySet:
        """Keep what is still sold, sold out or not."""
        return self.filter(variant__is_active=True, variant__product__is_active=True)

    def in_stock(self) -> CartItemQuerySet:
        """Keep lines of which at least a piece can be had."""
        return self.filter(variant__stock__on_hand__gt=F("variant__stock__reserved"))


class CartItem(models.Model):
    """A line of a cart: pieces of one variant."""

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    cart = models.ForeignKey(Cart, models.CASCADE, related_name="items")
    # Protected, so that what is deleted is archived instead and the cart can say so.
    variant = models.ForeignKey("catalog.Variant", models.PROTECT, related_name="cart_items")
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
