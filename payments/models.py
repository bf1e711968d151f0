"""Money as the gateways know it: payments, refunds, and the events that they send."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import uuid4

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from accounts.rights import staff_may
from config.audit import Audit
from config.money import AmountField, format_money

if TYPE_CHECKING:
    from accounts.models import User


class PaymentState(models.TextChoices):
    CREATED = "created"
    PENDING = "pending"
    AUTHORIZED = "authorized"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"
    PARTIALLY_REFUNDED = "partially_refunded"
    REFUNDED = "refunded"


OPEN_STATES = (PaymentState.CREATED, PaymentState.PENDING, PaymentState.AUTHORIZED)
CAPTURED_STATES = (
    PaymentState.SUCCEEDED,
    PaymentState.PARTIALLY_REFUNDED,
    PaymentState.REFUNDED,
)


class PaymentQuerySet(models.QuerySet["Payment"]):
    def visible_to(self, user: User) -> PaymentQuerySet:
        """Keep payments of own orders; staff who may view payments see all."""
        sees_all = staff_may(user, "payments.view_payment")
        return self if sees_all else self.filter(order__user=user)

    def open(self) -> PaymentQuerySet:
        return self.filter(status__in=OPEN_STATES)


class Payment(models.Model):
    """One attempt to pay an order at a gateway."""

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    order = models.ForeignKey("orders.Order", models.PROTECT, related_name="payments")
    # The order again while this payment is open, else NULL: at most one open one an order.
    open_for = models.OneToOneField(
        "orders.Order", models.PROTECT, null=True, blank=True, related_name="open_payment"
    )
    gateway = models.CharField(max_length=20)
    amount = AmountField()
    currency = models.CharField(max_length=3)
    status = models.CharField(
        max_length=20, choices=PaymentState.choices, default=PaymentState.CREATED
    )
    # What the gateway is given to find this attempt by, also after a lost answer.
    receipt = models.CharField(max_length=40, unique=True)
    gateway_order_id = models.CharField(max_length=64, unique=True, null=True, blank=True)
    gateway_payment_id = models.CharField(max_length=64, unique=True, null=True, blank=True)
    # The gateway's page where the customer pays; not every gateway has one.
    checkout_url = models.CharField(max_length=500, blank=True)
    # The card that the customer chose among the saved ones.
    saved_method = models.ForeignKey(
        "SavedMethod", models.SET_NULL, null=True, blank=True, related_name="+"
    )
    method = models.CharField(max_length=30, blank=True)
    error = models.CharField(max_length=255, blank=True)
    amount_captured = AmountField(default=0)
    # Money that came when the order was paid already: it goes back and does not count for it.
    is_surplus = models.BooleanField(default=False)
    amount_refunded = AmountField(default=0)
    idempotency_key = models.CharField(max_length=64, blank=True)
    # While this lies ahead, somebody is talking to the gateway about this payment.
    leased_until = models.DateTimeField(null=True, blank=True)
    # When reconciliation asks the gateway next; NULL where there is nothing more to learn.
    next_ask_at = models.DateTimeField(null=True, blank=True, db_index=True)
    needs_person = models.CharField(
        max_length=255, blank=True, help_text="Why staff must look at this payment."
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    updated_at = models.DateTimeField(auto_now=True)

    objects = PaymentQuerySet.as_manager()

    audit = Audit(
        name="order.number",
        masked=("checkout_url", "error"),
        skipped=("idempotency_key", "leased_until", "next_ask_at"),
    )

    class Meta:
        ordering = ["-created_at", "-id"]
        indexes = [models.Index(fields=["status", "created_at"], name="payment_by_status")]
        constraints = [
            models.CheckConstraint(
                condition=Q(amount_refunded__lte=F("amount_captured")),
                name="payment_refunded_within_captured",
            ),
            models.CheckConstraint(
                condition=Q(open_for=None) | Q(open_for=F("order")),
                name="payment_open_for_own_order",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.gateway} {format_money(self.amount, self.currency)} {self.currency}"

    @property
    def is_open(self) -> bool:
        return self.status in OPEN_STATES

    @property
    def is_captured(self) -> bool:
        return self.status in CAPTURED_STATES


class PaymentToCheck(Payment):
    """A payment that staff must look at: these have a list of their own in the admin."""

    class Meta:
        proxy = True
        default_permissions = ()
        ordering = ["updated_at", "id"]
        verbose_name = "payment that needs a person"
        verbose_name_plural = "payments that need a person"


class RefundState(models.TextChoices):
    PENDING = "pending"
    PROCESSED = "processed"
    FAILED = "failed"


class Refund(models.Model):
    """Money on its way back: a row first, then the gateway is asked, then the answer is kept."""

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    payment = models.ForeignKey(Payment, models.PROTECT, related_name="refunds")
    amount = AmountField()
    status = models.CharField(
        max_length=10, choices=RefundState.choices, default=RefundState.PENDING
    )
    reason = models.CharField(max_length=255, blank=True)
    # One refund a cause, such as the cancellation of an order.
    cause = models.CharField(max_length=100, unique=True, null=True, blank=True)
    gateway_refund_id = models.CharField(max_length=64, unique=True, null=True, blank=True)
    error = models.CharField(max_length=255, blank=True)
    idempotency_key = models.CharField(max_length=64, blank=True)
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    attempts = models.PositiveSmallIntegerField(default=0)
    next_attempt_at = models.DateTimeField(default=timezone.now)
    leased_until = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    updated_at = models.DateTimeField(auto_now=True)

    audit = Audit(
        name="payment.order.number",
        masked=("error", "reason"),
        skipped=("idempotency_key", "requested_by", "next_attempt_at", "leased_until"),
    )

    class Meta:
        ordering = ["created_at", "id"]
        indexes = [models.Index(fields=["status", "next_attempt_at"], name="refund_to_send")]
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=0), name="refund_amount_positive"),
        ]

    def __str__(self) -> str:
        amount = format_money(self.amount, self.currency)
        return f"{amount} {self.currency} is {self.status}."

    @property
    def currency(self) -> str:
        return self.payment.currency


class EventState(models.TextChoices):
    RECEIVED = "received"
    HANDLED = "handled"
    FAILED = "failed"
    REFUSED = "refused"  # nobody knows who sent it: kept to be seen, never handled


class Signature(models.TextChoices):
    VALID = "valid"
    INVALID = "invalid"
    MISSING = "missing", "Header missing"


class GatewayEvent(models.Model):
    """An event as a gateway sent it, stored before anything is done about it.

    A call whose signature does not fit is kept as well, for staff alone.
    """

    gateway = models.CharField(max_length=20)
    event_id = models.CharField(max_length=128)
    kind = models.CharField(max_length=64, blank=True)
    body = models.TextField()
    signature = models.CharField(max_length=10, choices=Signature.choices, default=Signature.VALID)
    payment = models.ForeignKey(
        Payment, models.SET_NULL, null=True, blank=True, related_name="events"
    )
    status = models.CharField(
        max_length=10, choices=EventState.choices, default=EventState.RECEIVED
    )
    error = models.CharField(max_length=255, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    next_attempt_at = models.DateTimeField(default=timezone.now)
    leased_until = models.DateTimeField(null=True, blank=True)
    # How often it came: gateways repeat what they think was lost.
    deliveries = models.PositiveIntegerField(default=1)
    received_at = models.DateTimeField(auto_now_add=True)
    last_received_at = models.DateTimeField(default=timezone.now)
    handled_at = models.DateTimeField(null=True, blank=True)

    audit = Audit(name="event_id", masked=("body", "error"))

    class Meta:
        ordering = ["-received_at", "-id"]
        indexes = [
            models.Index(fields=["status", "next_attempt_at"], name="event_to_handle"),
            models.Index(fields=["status", "gateway", "received_at"], name="event_by_status"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["gateway", "event_id"], name="gateway_event_once"),
            models.CheckConstraint(
                condition=Q(status=EventState.REFUSED, signature__in=("invalid", "missing"))
                | (~Q(status=EventState.REFUSED) & Q(signature=Signature.VALID)),
                name="gateway_event_handled_only_if_signed",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.gateway} {self.kind or self.status}"

    @property
    def is_refused(self) -> bool:
        return self.status == EventState.REFUSED


class GatewayCustomer(models.Model):
    """How a gateway knows a user, whose cards it keeps."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    gateway = models.CharField(max_length=20)
    customer_id = models.CharField(max_length=64)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "gateway"], name="gateway_customer_once"),
            models.UniqueConstraint(
                fields=["gateway", "customer_id"], name="gateway_customer_of_one_user"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.gateway} {self.customer_id}"


class ForgottenCustomer(models.Model):
    """A customer who was erased here and whom a gateway must still forget; gone once it has."""

    gateway = models.CharField(max_length=20)
    customer_id = models.CharField(max_length=64)
    tokens = models.JSONField(default=list)
    error = models.CharField(max_length=255, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    next_attempt_at = models.DateTimeField(default=timezone.now, db_index=True)
    leased_until = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["gateway", "customer_id"], name="forgotten_customer_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.gateway} {self.customer_id}"


class SavedMethod(models.Model):
    """A card that a gateway keeps for a user: what is shown of it, and never its number."""

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="payment_methods"
    )
    # The user again where this is the default, else NULL: at most one default a user.
    default_for = models.OneToOneField(
        settings.AUTH_USER_MODEL, models.CASCADE, null=True, blank=True, related_name="+"
    )
    gateway = models.CharField(max_length=20)
    customer_id = models.CharField(max_length=64)
    token = models.CharField(max_length=64)
    brand = models.CharField(max_length=30)
    last4 = models.CharField(max_length=4)
    exp_month = models.PositiveSmallIntegerField()
    exp_year = models.PositiveSmallIntegerField()
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        ordering = ["-created_at", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["gateway", "token"], name="saved_method_once"),
            models.CheckConstraint(
                condition=Q(default_for=None) | Q(default_for=F("user")),
                name="saved_method_default_for_own_user",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.brand} {self.last4}"

    @property
    def is_default(self) -> bool:
        return self.default_for_id is not None
