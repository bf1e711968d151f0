from __future__ import annotations

import secrets
from datetime import datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING
from uuid import UUID, uuid4

from django.conf import settings
from django.db import models
from django.db.models import F, Q, Value
from django.db.models.functions import Lower
from django.utils import timezone

from accounts.rights import staff_may
from config.audit import Audit
from config.erasure import Erasable
from config.money import AmountField, round_money

if TYPE_CHECKING:
    from accounts.models import User

    from .invoice import CreditNote

# Without 0 and O, 1 and I: numbers are read aloud.
NUMBER_ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"


class OrderStatus(models.TextChoices):
    PENDING = "pending"
    CONFIRMED = "confirmed"
    PROCESSING = "processing"
    SHIPPED = "shipped"
    DELIVERED = "delivered"
    CANCELLED = "cancelled"
    RETURNED = "returned"


class PaymentStatus(models.TextChoices):
    PENDING = "pending"
    PAID = "paid"
    FAILED = "failed"
    PARTIALLY_REFUNDED = "partially_refunded"
    REFUNDED = "refunded"


# What an order is shown with.
SHOWN = ("lines__product", "shipments__lines", "invoice__credit_notes")

MOVES: dict[str, set[str]] = {
    OrderStatus.PENDING: {OrderStatus.CONFIRMED, OrderStatus.CANCELLED},
    OrderStatus.CONFIRMED: {OrderStatus.PROCESSING, OrderStatus.CANCELLED},
    OrderStatus.PROCESSING: {OrderStatus.SHIPPED, OrderStatus.CANCELLED},
    OrderStatus.SHIPPED: {OrderStatus.DELIVERED},
    OrderStatus.DELIVERED: {OrderStatus.RETURNED},
    OrderStatus.CANCELLED: set(),
    OrderStatus.RETURNED: set(),
}


def new_number() -> str:
    """Make an order number: the day in the store's time zone and six random signs."""
    signs = "".join(secrets.choice(NUMBER_ALPHABET) for _ in range(6))
    return f"ORD-{timezone.localdate():%Y%m%d}-{signs}"


class OrderQuerySet(models.QuerySet["Order"]):
    def owned_by(self, user: User) -> OrderQuerySet:
        return self.filter(user=user)

    def of_guest(self, email: str) -> OrderQuerySet:
        """Keep the orders of a guest, who is known by e-mail in any case of its letters."""
        return self.filter(user=None, email_key=Lower(Value(email)))

    def visible_to(self, user: User) -> OrderQuerySet:
        """Keep own orders; staff who may view orders see all."""
        sees_all = staff_may(user, "orders.view_order")
        return self if sees_all else self.owned_by(user)

    def named(self, id_or_number: str) -> OrderQuerySet:
        """Keep the order of a UUID or a number; numbers are typed in any case."""
        try:
            return self.filter(pk=UUID(id_or_number))
        except ValueError:
            return self.filter(number=id_or_number.upper())

    def with_lines(self) -> OrderQuerySet:
        """Load what answers show of orders."""
        return self.prefetch_related(*SHOWN)

    def unpaid_past(self, moment: datetime) -> OrderQuerySet:
        """Keep pending orders whose time to pay has run out."""
        return self.filter(status=OrderStatus.PENDING, expires_at__lte=moment)


class Order(Erasable):
    """What was bought, by whom, for how much: a snapshot that prices and names cannot change."""

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    number = models.CharField(max_length=32, unique=True)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="orders"
    )
    email = models.EmailField(blank=True)
    # Kept by the database, so that it is never another one's nor left behind.
    email_key = models.GeneratedField(
        expression=Lower("email"), output_field=models.CharField(max_length=254), db_persist=True
    )
    status = models.CharField(
        max_length=12, choices=OrderStatus.choices, default=OrderStatus.PENDING
    )
    payment_status = models.CharField(
        max_length=20, choices=PaymentStatus.choices, default=PaymentStatus.PENDING
    )

    currency = models.CharField(max_length=3)
    prices_include_tax = models.BooleanField(default=False)
    subtotal = AmountField()
    discount_amount = AmountField(default=0)
    shipping_cost = AmountField(default=0)
    tax_amount = AmountField(default=0)
    total_amount = AmountField()
    amount_paid = AmountField(default=0)
    amount_refunded = AmountField(default=0)
    coupon_code = models.CharField(max_length=40, blank=True)
    discounts = models.JSONField(default=list, blank=True)
    refused = models.JSONField(null=True, blank=True)
    tax_lines = models.JSONField(default=list, blank=True)

    shipping_address = models.JSONField(default=dict)
    billing_address = models.JSONField(default=dict)
    # For reports: the ISO code, or the text that an import gave.
    ship_country = models.CharField(max_length=64, blank=True)
    shipping_method_id = models.BigIntegerField(null=True, blank=True)
    shipping_method_name = models.CharField(max_length=100, blank=True)
    # The newest payment's gateway, told by payments.
    gateway = models.CharField(max_length=20, blank=True)
    notes = models.TextField(blank=True)
    staff_note = models.TextField(blank=True)

    expires_at = models.DateTimeField(null=True, blank=True)
    # Starting a payment moves expires_at once, and once only.
    is_expiry_extended = models.BooleanField(default=False)
    paid_at = models.DateTimeField(null=True, blank=True, db_index=True)
    shipped_at = models.DateTimeField(null=True, blank=True)
    delivered_at = models.DateTimeField(null=True, blank=True)
    cancelled_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    updated_at = models.DateTimeField(auto_now=True)

    # The customer was erased while this was under way: when it is over, so is what names them.
    erases_at_end = models.BooleanField(default=False, editable=False)

    # Where an import brought this order from, and its number there.
    external_source = models.CharField(max_length=32, blank=True, editable=False)
    external_id = models.CharField(max_length=64, null=True, blank=True, editable=False)

    objects = OrderQuerySet.as_manager()

    audit = Audit(
        name="number",
        masked=("email", "notes", "staff_note", "shipping_address", "billing_address"),
    )

    class Meta:
        ordering = ["-created_at", "-id"]
        indexes = [
            models.Index(fields=["created_at", "id"], name="order_by_age"),
            models.Index(fields=["user", "created_at", "id"], name="order_of_user"),
            models.Index(fields=["status", "expires_at"], name="order_to_expire"),
            models.Index(fields=["status", "created_at"], name="order_by_status"),
            models.Index(fields=["email_key"], name="order_by_email_key"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["external_source", "external_id"], name="order_external_id_unique"
            ),
            models.CheckConstraint(
                condition=Q(total_amount__gte=0, subtotal__gte=0, discount_amount__gte=0),
                name="order_amounts_not_negative",
            ),
            models.CheckConstraint(
                condition=Q(amount_refunded__lte=F("amount_paid")),
                name="order_refunded_within_paid",
            ),
            models.CheckConstraint(
                condition=Q(erased_at=None) | Q(email="", notes=""), name="order_erased_for_good"
            ),
        ]

    def __str__(self) -> str:
        return self.number

    def may_move_to(self, status: str) -> bool:
        return status in MOVES[self.status]

    @property
    def is_paid(self) -> bool:
        return self.payment_status == PaymentStatus.PAID

    @property
    def is_purchase(self) -> bool:
        """Whether it was paid and not cancelled, whatever went back since."""
        return self.paid_at is not None and self.status != OrderStatus.CANCELLED

    @property
    def awaits_payment(self) -> bool:
        """Whether money for this order is still due."""
        is_unpaid = self.payment_status in {PaymentStatus.PENDING, PaymentStatus.FAILED}
        return is_unpaid and self.status != OrderStatus.CANCELLED

    @property
    def return_until(self) -> datetime | None:
        """Until when pieces may be sent back; None before the delivery."""
        if self.delivered_at is None:
            return None
        return self.delivered_at + timedelta(days=settings.RETURN_WINDOW_DAYS)

    @property
    def invoice_number(self) -> str | None:
        return self.invoice.number if hasattr(self, "invoice") else None

    @property
    def credit_notes(self) -> list[CreditNote]:
        return list(self.invoice.credit_notes.all()) if hasattr(self, "invoice") else []

    @property
    def can_cancel(self) -> bool:
        """Whether the order is open and nothing of it was sent."""
        if not self.may_move_to(OrderStatus.CANCELLED):
            return False
        return not any(line.shipped_quantity for line in self.lines.all())


class OrderLineQuerySet(models.QuerySet["OrderLine"]):
    def sold_by(self, user: User) -> OrderLineQuerySet:
        """Keep lines with products of a seller."""
        return self.filter(product__seller__user=user)


class OrderLine(models.Model):
    """A line of an order, as it was when it was bought."""

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    order = models.ForeignKey(Order, models.CASCADE, related_name="lines")
    position = models.PositiveIntegerField()
    product = models.ForeignKey("catalog.Product", models.PROTECT, related_name="+")
    variant = models.ForeignKey("catalog.Variant", models.PROTECT, related_name="+")
    sku = models.CharField(max_length=64)
    name = models.CharField(max_length=255)
    variant_name = models.CharField(max_length=255, blank=True)
    attributes = models.JSONField(default=dict, blank=True)
    hsn_code = models.CharField(max_length=8, blank=True)
    quantity = models.PositiveIntegerField()
    unit_price = AmountField()
    line_total = AmountField()
    discount_amount = AmountField(default=0)
    tax_amount = AmountField(default=0)
    # [{"name": "CGST", "rate": "9.00", "amount": "4.50"}, …]
    tax_parts = models.JSONField(default=list, blank=True)
    shipped_quantity = models.PositiveIntegerField(default=0)
    returned_quantity = models.PositiveIntegerField(default=0)
    # What approved returns gave back of this line.
    returned_amount = AmountField(default=0)

    objects = OrderLineQuerySet.as_manager()

    class Meta:
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["order", "position"], name="order_line_position_once"),
            models.CheckConstraint(
                condition=Q(quantity__gte=1), name="order_line_quantity_positive"
            ),
            models.CheckConstraint(
                condition=Q(shipped_quantity__lte=F("quantity")),
                name="order_line_shipped_within_quantity",
            ),
            models.CheckConstraint(
                condition=Q(returned_quantity__lte=F("shipped_quantity")),
                name="order_line_returned_within_shipped",
            ),
            models.CheckConstraint(
                condition=Q(discount_amount__lte=F("line_total")),
                name="order_line_discount_within_total",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.quantity} × {self.sku}"

    @property
    def currency(self) -> str:
        return self.order.currency

    @property
    def paid_total(self) -> Decimal:
        """What the customer pays for the line, with its tax."""
        added = 0 if self.order.prices_include_tax else self.tax_amount
        return self.line_total - self.discount_amount + added

    def refund_of(self, quantity: int) -> Decimal:
        """Return what so many more pieces give back: the last piece takes what is left."""
        left = self.paid_total - self.returned_amount
        if self.returned_quantity + quantity >= self.quantity:
            return left
        share = round_money(self.paid_total * quantity / self.quantity, self.currency)
        return min(share, left)
