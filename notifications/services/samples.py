"""A message of each kind about what is really in the shop, to look at and never to send."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.db.models import Model, QuerySet
from django.utils import timezone

from accounts.models import User
from catalog.models import Product
from orders.models import Order, OrderStatus, ReturnRequest, ReturnStatus, Shipment
from payments.models import CAPTURED_STATES, Payment, PaymentState, Refund

from ..models import Message, WebhookEndpoint
from .rendering import SUBJECTS

KINDS = list(SUBJECTS)


def sample_of(kind: str, viewer: User) -> Message | None:
    """Return an unsaved message of a kind about the newest thing that it fits, or None."""
    if kind in _TO_VIEWER:
        data = _TO_VIEWER[kind](viewer)
        return Message(kind=kind, recipient=viewer.email or "", user=viewer, data=data)
    if kind in _ABOUT_ORDERS:
        rows, name, order_of = _ABOUT_ORDERS[kind]
        return _about_order(kind, _newest(rows()), name, order_of)
    if kind == "back_in_stock":
        product = _newest(Product.objects.filter(is_active=True))
        return product and Message(kind=kind, data={"product_id": str(product.pk)})
    if kind == "webhook_switched_off":
        endpoint = _newest(WebhookEndpoint.objects.all())
        return endpoint and Message(kind=kind, data={"endpoint_id": str(endpoint.pk)})
    return _newest(Message.objects.filter(kind=kind))


def _newest(rows: QuerySet[Any]) -> Any:  # noqa: ANN401
    by = "shipped_at" if rows.model is Shipment else "created_at"
    return rows.order_by(f"-{by}").first()


def _about_order(
    kind: str, row: Model | None, name: str, order_of: Callable[[Any], Order]
) -> Message | None:
    if row is None:
        return None
    order = order_of(row)
    data = {"order_id": str(order.pk), name: str(row.pk)}
    return Message(kind=kind, recipient=order.email, user=order.user, data=data)


_TO_VIEWER: dict[str, Callable[[User], dict[str, str]]] = {
    "welcome": lambda viewer: {"user_id": str(viewer.pk)},
    "verify_email": lambda viewer: {"user_id": str(viewer.pk)},
    "one_time_code": lambda viewer: {"code_id": "0"},
    "password_changed": lambda viewer: {},
    "contact_replaced": lambda viewer: {},
    "two_factor_changed": lambda viewer: {"change": "on"},
    "test_mail": lambda viewer: {},
    "daily_report": lambda viewer: {"report_day": str(timezone.localdate() - timedelta(days=1))},
    "low_stock_digest": lambda viewer: {
        "alerts_since": "",
        "alerts_until": timezone.now().isoformat(),
    },
}

_Rows = Callable[[], QuerySet[Any]]


def _orders(*statuses: str) -> tuple[_Rows, str, Callable[[Any], Order]]:
    def rows() -> QuerySet[Order]:
        fitting = Order.objects.filter(status__in=statuses) if statuses else Order.objects.all()
        return fitting.select_related("user")

    return rows, "order_id", lambda order: order


def _returns(status: str) -> tuple[_Rows, str, Callable[[Any], Order]]:
    def rows() -> QuerySet[ReturnRequest]:
        return ReturnRequest.objects.filter(status=status).select_related("order__user")

    return rows, "return_id", lambda request: request.order


def _payments(*states: str) -> tuple[_Rows, str, Callable[[Any], Order]]:
    def rows() -> QuerySet[Payment]:
        return Payment.objects.filter(status__in=states).select_related("order__user")

    return rows, "payment_id", lambda payment: payment.order


def _shipments() -> QuerySet[Shipment]:
    return Shipment.objects.select_related("order__user")


def _refunds() -> QuerySet[Refund]:
    return Refund.objects.select_related("payment__order__user")


_ABOUT_ORDERS: dict[str, tuple[_Rows, str, Callable[[Any], Order]]] = {
    "order_placed": _orders(),
    "order_confirmed": _orders(OrderStatus.CONFIRMED),
    "order_processing": _orders(OrderStatus.PROCESSING),
    "order_shipped": (_shipments, "shipment_id", lambda shipment: shipment.order),
    "order_delivered": _orders(OrderStatus.DELIVERED),
    "order_cancelled": _orders(OrderStatus.CANCELLED),
    "return_approved": _returns(ReturnStatus.APPROVED),
    "return_rejected": _returns(ReturnStatus.REJECTED),
    "payment_received": _payments(*CAPTURED_STATES),
    "payment_failed": _payments(PaymentState.FAILED),
    "payment_refunded": (_refunds, "refund_id", lambda refund: refund.payment.order),
}
