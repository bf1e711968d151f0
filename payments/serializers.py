"""The shape of payments and refunds, and of what is asked about them."""

from decimal import Decimal
from typing import Any

from drf_spectacular.utils import extend_schema_field, inline_serializer
from rest_framework import serializers

from config.money import MoneyField
from orders.models import Order

from .gateways import DEFAULT_GATEWAY
from .models import Payment, Refund, SavedMethod


class RefundSerializer(serializers.ModelSerializer):
    amount = MoneyField()

    class Meta:
        model = Refund
        fields = ["id", "amount", "status", "reason", "error", "created_at"]


class PaymentSerializer(serializers.ModelSerializer):
    amount = MoneyField()
    refunds = RefundSerializer(many=True, read_only=True)

    class Meta:
        model = Payment
        fields = [
            "id",
            "order",
            "gateway",
            "amount",
            "currency",
            "status",
            "gateway_order_id",
            "gateway_payment_id",
            "method",
            "error",
            "refunds",
            "created_at",
        ]


class RequestedRefundSerializer(RefundSerializer):
    """A refund as its request answers it, beside the payment as it is then."""

    payment = PaymentSerializer()

    class Meta(RefundSerializer.Meta):
        fields = [*RefundSerializer.Meta.fields, "payment"]


class InitiatePaymentSerializer(serializers.Serializer):
    order_id = serializers.CharField(max_length=40, help_text="The order's id or number.")
    gateway = serializers.CharField(max_length=20, default=DEFAULT_GATEWAY)

    payment_method_id = serializers.UUIDField(
        required=False, allow_null=True, default=None, help_text="A saved card of that gateway."
    )


class SavedMethodSerializer(serializers.ModelSerializer):
    """What is shown of a saved card."""

    is_default = serializers.BooleanField(read_only=True)

    class Meta:
        model = SavedMethod
        fields = ["id", "gateway", "brand", "last4", "exp_month", "exp_year", "is_default"]


class SaveMethodSerializer(serializers.Serializer):
    gateway = serializers.CharField(max_length=20)
    token = serializers.RegexField(r"^\w+$", max_length=64, help_text="As the gateway gave it.")


class SetupSerializer(serializers.Serializer):
    gateway = serializers.CharField(max_length=20)


class BegunSetupSerializer(serializers.Serializer):
    publishable_key = serializers.CharField()
    client_secret = serializers.CharField()


class InitiatedPaymentSerializer(serializers.Serializer):
    """A payment that can be made now, with what the customer's browser needs for it."""

    payment_id = serializers.UUIDField(source="pk")
    gateway = serializers.CharField()
    amount = MoneyField()
    currency = serializers.CharField()
    status = serializers.CharField()
    razorpay = inline_serializer(
        "RazorpayCheckout",
        {
            "key_id": serializers.CharField(),
            "order_id": serializers.CharField(),
            "amount": serializers.IntegerField(help_text="In minor units."),
            "currency": serializers.CharField(),
            "name": serializers.CharField(),
            "prefill": inline_serializer(
                "RazorpayPrefill",
                {
                    "name": serializers.CharField(),
                    "email": serializers.CharField(),
                    "contact": serializers.CharField(),
                },
            ),
            "callback_url": serializers.URLField(),
            "customer_id": serializers.CharField(
                required=False, help_text="For users who pay an own order: whose cards to show."
            ),
            "remember_customer": serializers.BooleanField(
                required=False, help_text="Beside `customer_id`: that a card may be saved."
            ),
        },
        required=False,
        read_only=True,
    )

    stripe = inline_serializer(
        "StripeCheckout",
        {
            "publishable_key": serializers.CharField(),
            "client_secret": serializers.CharField(),
            "return_url": serializers.URLField(),
        },
        required=False,
        read_only=True,
    )
    chapa = inline_serializer(
        "ChapaCheckout",
        {"checkout_url": serializers.URLField(), "tx_ref": serializers.CharField()},
        required=False,
        read_only=True,
    )


class VerifyPaymentSerializer(serializers.Serializer):
    """What Checkout gave the browser, or the id of a payment to ask the gateway about."""

    payment_id = serializers.UUIDField(required=False)
    razorpay_order_id = serializers.CharField(required=False, max_length=64)
    razorpay_payment_id = serializers.CharField(required=False, max_length=64)
    razorpay_signature = serializers.CharField(required=False, max_length=128)

    def validate(self, data: dict[str, Any]) -> dict[str, Any]:
        signed = ("razorpay_order_id", "razorpay_payment_id", "razorpay_signature")
        missing = [name for name in signed if name not in data]
        if "payment_id" not in data and missing:
            text = "Give this, or payment_id alone."
            raise serializers.ValidationError({name: [text] for name in missing})
        return data


class PaidOrderSerializer(serializers.ModelSerializer):
    class Meta:
        model = Order
        fields = ["id", "number", "status", "payment_status"]


class VerifiedPaymentSerializer(serializers.Serializer):
    payment_id = serializers.UUIDField(source="pk")
    status = serializers.CharField()
    order = PaidOrderSerializer()


class PaymentStatusSerializer(serializers.ModelSerializer):
    """How an order stands with its money."""

    order = serializers.UUIDField(source="pk")
    amount_paid = MoneyField()
    amount_refunded = MoneyField()
    payment = serializers.SerializerMethodField()

    class Meta:
        model = Order
        fields = ["order", "payment_status", "amount_paid", "amount_refunded", "payment"]

    @extend_schema_field(PaymentSerializer(allow_null=True))
    def get_payment(self, order: Order) -> dict[str, Any] | None:
        if not self.context["shows_payment"]:
            return None
        newest = order.payments.prefetch_related("refunds").order_by("-created_at", "-pk").first()
        return PaymentSerializer(newest).data if newest else None


class RefundRequestSerializer(serializers.Serializer):
    amount = MoneyField(required=False, allow_null=True, min_value=Decimal("0.001"))
    reason = serializers.CharField(max_length=255, required=False, allow_blank=True, default="")

    def validate_amount(self, amount: Decimal | None) -> Decimal | None:
        """Take null alone for all that is left: an empty text is a field that nobody filled in."""
        if amount is None and self.initial_data["amount"] is not None:
            raise serializers.ValidationError("Give a number, or nothing for all that is left.")
        return amount


class PlaceSerializer(serializers.Serializer):
    code = serializers.CharField()
    name = serializers.CharField()


class StoreSerializer(serializers.Serializer):
    """The store as a frontend must know it."""

    name = serializers.CharField()
    currency = serializers.CharField(help_text="ISO 4217.")
    prices_include_tax = serializers.BooleanField()
    gateways = serializers.ListField(child=serializers.CharField())
    countries = PlaceSerializer(many=True)
    states = serializers.DictField(
        child=PlaceSerializer(many=True), help_text="By the country's code."
    )
    tax_classes = serializers.ListField(child=serializers.CharField())
    guest_checkout = serializers.BooleanField()
    cart_max_quantity = serializers.IntegerField()
    return_window_days = serializers.IntegerField()
    languages = serializers.ListField(child=serializers.CharField())
    google_client_id = serializers.CharField(allow_null=True)
