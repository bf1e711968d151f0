"""A message of each kind about what is really in the shop, to look at and never to send."""

from datetime import timedelta
from operator import attrgetter
from typing import Any

from django.db.models import Model
from django.utils import timezone

from accounts.models import User
from carts.models import Cart
from catalog.models import Product
from orders.models import Order, OrderStatus, ReturnRequest, ReturnStatus, Shipment
from payments.models import CAPTURED_STATES, Payment, PaymentState, Refund

from ..models import Message, WebhookEndpoint
from .rendering import SUBJECTS

KINDS = list(SUBJECTS)
# Of mails about orders: the row that one tells of, which rows fit, its name in the data, and the
# way from it to the order.
_ABOUT_ORDERS: dict[str, tuple[type[Model], dict[str, Any], str, str]] = {
    "order_placed": (Order, {}, "order_id", ""),
    "order_confirmed": (Order, {"status": OrderStatus.CONFIRMED}, "order_id", ""),
    "order_processing": (Order, {"status": OrderStatus.PROCESSING}, "order_id", ""),
    "order_shipped": (Shipment, {}, "shipment_id", "order"),
    "order_delivered": (Order, {"status": OrderStatus.DELIVERED}, "order_id", ""),
    "order_cancelled": (Order, {"status": OrderStatus.CANCELLED}, "order_id", ""),
    "return_approved": (ReturnRequest, {"status": ReturnStatus.APPROVED}, "return_id", "order"),
    "return_rejected": (ReturnRequest, {"status": ReturnStatus.REJECTED}, "return_id", "order"),
    "payment_received": (Payment, {"status__in": CAPTURED_STATES}, "payment_id", "order"),
    "payment_failed": (Payment, {"status": PaymentState.FAILED}, "payment_id", "order"),
    "payment_refunded": (Refund, {}, "refund_id", "payment.order"),
}
_ABOUT_OTHERS: dict[str, tuple[type[Model], dict[str, Any], str]] = {
    "back_in_stock": (Product, {"is_active": True}, "product_id"),
    "webhook_switched_off": (WebhookEndpoint, {}, "endpoint_id"),
}


def sample_of(kind: str, viewer: User) -> Message | None:
    """Return an unsaved message of a kind about the newest thing that it fits, or None."""
    if kind in _ABOUT_ORDERS:
        return _about_order(kind)
    if kind == "abandoned_cart":
        return _about_cart()
    if kind in _ABOUT_OTHERS:
        model, fitting, name = _ABOUT_OTHERS[kind]
        row = _newest(model, fitting)
        return row and Message(kind=kind, data={name: str(row.pk)})
    data = _data_for(viewer).get(kind)
    if data is None:
        return _newest(Message, {"kind": kind})
    return Message(kind=kind, recipient=viewer.email or "", user=viewer, data=data)


def _about_order(kind: str) -> Message | None:
    model, fitting, name, way = _ABOUT_ORDERS[kind]
    row = _newest(model, fitting)
    if row is None:
        return None
    order = attrgetter(way)(row) if way else row
    data = {"order_id": str(order.pk), name: str(row.pk)}
    return Message(kind=kind, recipient=order.email, user=order.user, data=data)


def _about_cart() -> Message | None:
    left = Cart.objects.exclude(user=None).exclude(items=None).select_related("user")
    cart = left.order_by("-updated_at").first()
    if cart is None or cart.user is None:
        return None
    data = {"cart_id": str(cart.pk), "version": str(cart.version)}
    return Message(
        kind="abandoned_cart", recipient=cart.user.email or "", user=cart.user, data=data
    )


def _newest(model: type[Model], fitting: dict[str, Any]) -> Any:  # noqa: ANN401
    by = "shipped_at" if model is Shipment else "created_at"
    return model._default_manager.filter(**fitting).order_by(f"-{by}").first()


def _data_for(viewer: User) -> dict[str, dict[str, str]]:
    """Return the data of mails that the viewer could get."""
    now = timezone.now()
    return {
        "welcome": {"user_id": str(viewer.pk)},
        "verify_email": {"user_id": str(viewer.pk)},
        "one_time_code": {"code_id": "0"},
        "password_changed": {},
        "contact_replaced": {},
        "two_factor_changed": {"change": "on"},
        "test_mail": {},
        "daily_report": {"report_day": str(timezone.localdate() - timedelta(days=1))},
        "low_stock_digest": {"alerts_since": "", "alerts_until": now.isoformat()},
    }
