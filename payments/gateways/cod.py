"""Cash on delivery: the shop is its own gateway, and staff say when the cash is there."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from carts.models import ShippingMethod
from config.money import format_money

from .base import (
    Event,
    GatewayOrder,
    NewsState,
    PaymentNews,
    RefundNews,
    RefundNewsState,
)

if TYPE_CHECKING:
    from orders.models import Order

    from ..models import Payment, Refund


class CashOnDelivery:
    id = "cod"
    is_paid_by_hand = True
    signature_header = ""

    def is_configured(self) -> bool:
        return True

    def takes(self, order: Order) -> bool:
        """Tell whether the order's shipping method allows cash up to the order's total."""
        methods = ShippingMethod.objects.filter(pk=order.shipping_method_id or 0)
        method = methods.first()
        if method is None or not method.cash_on_delivery:
            return False
        most = method.cash_on_delivery_max
        return most is None or order.total_amount <= most

    def create_order(self, payment: Payment) -> GatewayOrder:
        return GatewayOrder(payment.receipt)

    def find_order(self, payment: Payment) -> GatewayOrder | None:
        return GatewayOrder(payment.receipt)

    def browser_block(self, payment: Payment, customer_id: str = "") -> None:
        return None

    def payments_of(self, gateway_order_id: str) -> list[PaymentNews]:
        return []

    def fetch_payment(self, gateway_payment_id: str) -> PaymentNews:
        raise LookupError("Only staff know whether cash was collected.")

    def capture(self, news: PaymentNews) -> PaymentNews:
        raise LookupError("Cash is never held.")

    def collected(self, payment: Payment) -> PaymentNews:
        """Return the news that staff bring: the cash is there."""
        return PaymentNews(
            gateway_order_id=payment.receipt,
            gateway_payment_id=payment.receipt,
            state=NewsState.CAPTURED,
            amount=payment.amount,
            currency=payment.currency,
            method="cash",
        )

    def refund(self, refund: Refund) -> RefundNews:
        """Record money that staff hand back: no service can send it."""
        payment = refund.payment
        shown = f"{format_money(refund.amount, payment.currency)} {payment.currency}"
        return RefundNews(
            gateway_refund_id=refund.pk.hex,
            gateway_payment_id=payment.receipt,
            state=RefundNewsState.PROCESSED,
            amount=refund.amount,
            currency=payment.currency,
            receipt=str(refund.pk),
            task=f"Give {shown} back to the customer: it was paid in cash.",
        )

    def refunds_of(self, payment: Payment) -> list[RefundNews]:
        return []

    def is_signed(self, body: bytes, headers: Mapping[str, str]) -> bool:
        return False

    def event_id(self, body: bytes, headers: Mapping[str, str]) -> str:
        return ""

    def read_event(self, body: bytes) -> Event:
        raise ValueError("Cash sends no events.")
