from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from accounts.rights import staff_may
from config.audit import Audit
from config.money import AmountField, round_money

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from accounts.models import User


class Tag(models.Model):
    name = models.CharField(max_length=60)
    slug = models.SlugField(max_length=70, unique=True)

    audit = Audit(name="slug")

    class Meta:
        ordering = ["name", "id"]

    def __str__(self) -> str:
        return self.name


class Collection(models.Model):
    """A hand-picked set of products."""

    title = models.CharField(max_length=150)
    slug = models.SlugField(max_length=160, unique=True)
    description = models.TextField(blank=True)
    image = models.ImageField(upload_to="collections/", blank=True)

    audit = Audit(name="slug")

    class Meta:
        ordering = ["title", "id"]

    def __str__(self) -> str:
        return self.title


class ProductQuerySet(models.QuerySet["Product"]):
    def listed(self) -> ProductQuerySet:
        """Keep what everybody may see."""
        # Not `is_active=True`: SQLite and MySQL find no index for a bare `WHERE is_active`.
        return self.filter(is_active__in=[True])

    def visible_to(self, user: User | AnonymousUser) -> ProductQuerySet:
        """Keep active products, the user's own ones, and for staff all not archived."""
        if not user.is_authenticated:
            return self.listed()
        if staff_may(user, "catalog.view_product"):
            return self.filter(archived_at=None)
        if user.is_seller:
            return self.filter(Q(is_active=True) | Q(seller__user=user), archived_at=None)
        return self.listed()

    def in_flash_sale(self) -> ProductQuerySet:
        """Keep products whose flash sale is running."""
        return self.filter(Product.flash_sale_running(timezone.now()))

    def managed_by(self, user: User) -> ProductQuerySet:
        """Keep what the user may change: all for staff, own ones for a seller."""
        unarchived = self.filter(archived_at=None)
        return unarchived if user.is_staff else unarchived.filter(seller__user=user)


class Product(models.Model):
    """What a page shows; what is bought is one of its variants."""

    name = models.CharField(max_length=255)
    slug = models.SlugField(max_length=255, unique=True)
    description = models.TextField(blank=True)
    brand = models.CharField(max_length=100, blank=True, db_index=True)
    category = models.ForeignKey("catalog.Category", models.PROTECT, related_name="products")
    seller = models.ForeignKey(
        "accounts.Seller", models.PROTECT, null=True, blank=True, related_name="products"
    )
    tags = models.ManyToManyField(Tag, blank=True, related_name="products")
    collections = models.ManyToManyField(Collection, blank=True, related_name="products")
    tax_class = models.CharField(max_length=30, default="standard")
    hsn_code = models.CharField(max_length=8, blank=True)
    weight_grams = models.PositiveIntegerField(default=0)
    meta_title = models.CharField(max_length=255, blank=True)
    meta_description = models.CharField(max_length=500, blank=True)
    is_active = models.BooleanField(default=True)
    archived_at = models.DateTimeField(null=True, blank=True, editable=False)
    featured = models.BooleanField(default=False, db_index=True)

    currency = models.CharField(max_length=3, editable=False)
    # Of the cheapest active variant, without the flash sale; kept by services.
    base_price = AmountField(default=0, editable=False)
    base_compare_at_price = AmountField(null=True, editable=False)
    # What filters and orderings by price see: with the flash sale, at most a minute late.
    price = AmountField(default=0, editable=False)
    compare_at_price = AmountField(null=True, editable=False)
    in_stock = models.BooleanField(default=False, editable=False)
    thumbnail = models.CharField(max_length=255, blank=True, editable=False)
    # The attributes of active variants, a line for each name and value: facets count lines.
    attribute_values = models.TextField(blank=True, default="", editable=False)

    flash_price = AmountField(null=True, blank=True)
    flash_percentage = models.DecimalField(max_digits=5, decimal_places=2, null=True, blank=True)
    flash_starts_at = models.DateTimeField(null=True, blank=True)
    flash_ends_at = models.DateTimeField(null=True, blank=True)

    # What other apps count; each is written by a service of this app.
    best_seller = models.BooleanField(default=False, editable=False, db_index=True)
    sold_count = models.PositiveIntegerField(default=0, editable=False)
    rating = models.DecimalField(max_digits=3, decimal_places=2, default=0, editable=False)
    review_count = models.PositiveIntegerField(default=0, editable=False)
    like_count = models.PositiveIntegerField(default=0, editable=False)
    view_count = models.PositiveIntegerField(default=0, editable=False)

    # Where an import brought this product from, and its code there.
    external_source = models.CharField(max_length=32, blank=True, editable=False)
    external_id = models.CharField(max_length=64, null=True, blank=True, editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    updated_at = models.DateTimeField(auto_now=True)

    objects = ProductQuerySet.as_manager()

    audit = Audit(
        name="slug",
        skipped=(
            "base_price",
            "base_compare_at_price",
            "price",
            "compare_at_price",
            "in_stock",
            "thumbnail",
            "attribute_values",
            "best_seller",
            "sold_count",
            "rating",
            "review_count",
            "like_count",
            "view_count",
            "external_source",
            "external_id",
        ),
    )

    class Meta:
        ordering = ["-created_at", "-id"]
        indexes = [
            models.Index(fields=["created_at", "id"], name="product_by_age_for_staff"),
            models.Index(fields=["is_active", "created_at", "id"], name="product_by_age"),
            models.Index(fields=["is_active", "price", "id"], name="product_by_price"),
            models.Index(fields=["is_active", "name", "id"], name="product_by_name"),
            models.Index(fields=["is_active", "sold_count", "id"], name="product_by_popularity"),
            models.Index(fields=["is_active", "rating", "id"], name="product_by_rating"),
            models.Index(fields=["flash_ends_at"], name="product_by_end_of_sale"),
            models.Index(fields=["in_stock", "sold_count", "id"], name="product_by_relevance"),
            models.Index(fields=["category", "is_active", "price"], name="product_in_category"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["external_source", "external_id"], name="product_external_id_unique"
            ),
            models.CheckConstraint(
                condition=Q(archived_at=None) | Q(is_active=False), name="product_archived_inactive"
            ),
            models.CheckConstraint(condition=Q(price__gte=0), name="product_price_not_negative"),
            models.CheckConstraint(
                condition=Q(flash_price=None) | Q(flash_percentage=None),
                name="product_one_kind_of_flash_sale",
            ),
            models.CheckConstraint(
                condition=Q(flash_ends_at=None) | Q(flash_ends_at__gt=F("flash_starts_at")),
                name="product_flash_sale_ends_after_start",
            ),
            models.CheckConstraint(
                condition=Q(flash_percentage=None)
                | Q(flash_percentage__gt=0, flash_percentage__lt=100),
                name="product_flash_percentage_in_range",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @staticmethod
    def attribute_text(pairs: Iterable[tuple[str, str]]) -> str:
        """Write names and values, which hold no tabs or line breaks, as `attribute_values`."""
        return "\n".join(sorted(f"{name}\t{value}" for name, value in pairs))

    def is_flash_sale_running(self, at: datetime) -> bool:
        if self.flash_price is None and self.flash_percentage is None:
            return False
        if not (self.flash_starts_at and self.flash_ends_at):
            return False
        return self.flash_starts_at <= at < self.flash_ends_at

    @staticmethod
    def flash_sale_running(at: datetime) -> Q:
        """Return the condition that rows with a running flash sale meet."""
        return Q(
            Q(flash_price__isnull=False) | Q(flash_percentage__isnull=False),
            flash_starts_at__lte=at,
            flash_ends_at__gt=at,
        )

    def price_at(self, at: datetime, normal: Decimal) -> Decimal:
        """Return what a variant of this product with a `normal` price costs at a moment."""
        if not self.is_flash_sale_running(at):
            return normal
        if self.flash_price is not None:
            return min(self.flash_price, normal)
        assert self.flash_percentage is not None  # noqa: S101  as is_flash_sale_running says
        return round_money(normal * (100 - self.flash_percentage) / 100, self.currency)

    def compare_at_price_at(
        self, at: datetime, normal: Decimal, compare_at: Decimal | None
    ) -> Decimal | None:
        """Return what the price is set against: in a flash sale at least the normal one."""
        if self.price_at(at, normal) == normal:
            return compare_at
        return max(compare_at or normal, normal)


class VariantQuerySet(models.QuerySet["Variant"]):
    def sellable(self) -> VariantQuerySet:
        """Keep what can be put into a cart, sold out or not."""
        return self.filter(is_active=True, product__is_active=True)

    def with_stock(self) -> VariantQuerySet:
        return self.select_related("product", "stock")


class Variant(models.Model):
    """What is bought: an SKU with a price, attributes and stock."""

    product = models.ForeignKey(Product, models.CASCADE, related_name="variants")
    sku = models.CharField("SKU", max_length=64, unique=True)
    name = models.CharField(max_length=255, blank=True)
    attributes = models.JSONField(default=dict, blank=True)
    price = AmountField()
    compare_at_price = AmountField(null=True, blank=True)
    cost_price = AmountField(null=True, blank=True)
    barcode = models.CharField(max_length=64, blank=True)
    low_stock_threshold = models.PositiveIntegerField(default=5)
    image = models.ForeignKey(
        "catalog.ProductImage", models.SET_NULL, null=True, blank=True, related_name="+"
    )
    is_active = models.BooleanField(default=True)
    archived_at = models.DateTimeField(null=True, blank=True, editable=False)
    position = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = VariantQuerySet.as_manager()

    audit = Audit(name="sku")

    class Meta:
        ordering = ["position", "id"]
        constraints = [
            models.CheckConstraint(condition=Q(price__gte=0), name="variant_price_not_negative"),
            models.CheckConstraint(
                condition=Q(compare_at_price=None) | Q(compare_at_price__gte=0),
                name="variant_compare_at_price_not_negative",
            ),
            models.CheckConstraint(
                condition=Q(archived_at=None) | Q(is_active=False), name="variant_archived_inactive"
            ),
        ]

    def __str__(self) -> str:
        return self.sku

    @property
    def is_sellable(self) -> bool:
        return self.is_active and self.product.is_active

    def price_at(self, at: datetime) -> Decimal:
        """Return what this variant costs at a moment, a running flash sale included."""
        return self.product.price_at(at, self.price)
