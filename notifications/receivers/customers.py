"""What buyers are told, by the ways they want: each in the transaction of its cause."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.dispatch import receiver

from accounts.models import User
from catalog.models import StockRequest
from catalog.signals import back_in_stock
from config.events import enqueue
from orders.models import Order, OrderStatus, ReturnRequest, Shipment
from orders.signals import (
    order_placed,
    order_status_changed,
    return_approved,
    return_rejected,
    shipment_sent,
)
from payments.models import Payment, Refund
from payments.signals import payment_failed, payment_refunded, payment_succeeded

from ..services.contents.writing import show_amount
from ..services.telling import tell
from ..tasks import deliver_message


@receiver(order_placed)
def confirm_receipt(order_id: UUID, **kwargs: Any) -> None:  # noqa: ANN401
    order = _order(order_id)
    _tell_buyer(order, "order_placed", total=show_amount(order.total_amount, order.currency))


@receiver(order_status_changed)
def tell_status(order_id: UUID, to_status: str, **kwargs: Any) -> None:  # noqa: ANN401
    if to_status == OrderStatus.SHIPPED:
        return  # each parcel is told by itself
    order = _order(order_id)
    money = "What you paid goes back to you." if order.amount_paid else "Nothing was charged."
    _tell_buyer(order, f"order_{to_status}", money=money)


@receiver(shipment_sent)
def tell_shipment(order_id: UUID, shipment_id: UUID, **kwargs: Any) -> None:  # noqa: ANN401
    shipment = Shipment.objects.get(pk=shipment_id)
    number = shipment.tracking_number
    parcel = f"{shipment.carrier}, tracking number {number}" if number else "It has left us."
    _tell_buyer(_order(order_id), "order_shipped", {"shipment_id": shipment_id}, parcel=parcel)


@receiver(return_approved)
def tell_approval(return_id: UUID, **kwargs: Any) -> None:  # noqa: ANN401
    request = ReturnRequest.objects.get(pk=return_id)
    order = _order(request.order_id)
    amount = show_amount(request.refund_amount, order.currency)
    money = f"{amount} goes back to you." if request.refund_amount else "It is back with us."
    _tell_buyer(order, "return_approved", {"return_id": return_id}, money=money, why=request.note)


@receiver(return_rejected)
def tell_rejection(return_id: UUID, **kwargs: Any) -> None:  # noqa: ANN401
    request = ReturnRequest.objects.get(pk=return_id)
    ids = {"return_id": return_id}
    _tell_buyer(_order(request.order_id), "return_rejected", ids, why=request.note)


@receiver(payment_succeeded)
def thank_for_payment(payment_id: UUID, **kwargs: Any) -> None:  # noqa: ANN401
    _tell_payer(payment_id, "payment_received")


@receiver(payment_failed)
def tell_failure(payment_id: UUID, **kwargs: Any) -> None:  # noqa: ANN401
    _tell_payer(payment_id, "payment_failed")


@receiver(payment_refunded)
def tell_refund(refund_id: UUID, **kwargs: Any) -> None:  # noqa: ANN401
    refund = Refund.objects.select_related("payment").get(pk=refund_id)
    amount = show_amount(refund.amount, refund.payment.currency)
    order = _order(refund.payment.order_id)
    _tell_buyer(order, "payment_refunded", {"refund_id": refund_id}, amount=amount)


@receiver(back_in_stock)
def tell_who_waits(request_ids: Sequence[int], **kwargs: Any) -> None:  # noqa: ANN401
    requests = StockRequest.objects.select_related("user", "product")
    for request in requests.filter(pk__in=request_ids).order_by("pk"):
        data = {"product_id": str(request.product_id)}
        if request.variant_id:
            data["variant_id"] = str(request.variant_id)
        words = {"product": request.product.name}
        _tell("back_in_stock", request.pk, request.addressee, request.email, data, words)


def _tell_payer(payment_id: UUID, kind: str) -> None:
    payment = Payment.objects.get(pk=payment_id)
    amount = show_amount(payment.amount, payment.currency)
    _tell_buyer(_order(payment.order_id), kind, {"payment_id": payment_id}, amount=amount)


def _tell_buyer(order: Order, kind: str, of: dict[str, UUID] | None = None, **words: str) -> None:
    """Tell the buyer of an order something about it, or about one thing `of` it."""
    ids = {name: str(pk) for name, pk in (of or {}).items()}
    cause = next(iter(ids.values()), str(order.pk))
    data = {"order_id": str(order.pk), **ids}
    _tell(kind, cause, order.user, order.email, data, {"number": order.number, **words})


def _tell(
    kind: str,
    cause: object,
    user: User | None,
    email: str,
    data: dict[str, str],
    words: dict[str, str],
) -> None:
    queued = tell(kind=kind, cause=str(cause), user=user, email=email, data=data, words=words)
    for message_id in queued:
        enqueue(deliver_message, message_id)


def _order(order_id: UUID) -> Order:
    return Order.objects.select_related("user").get(pk=order_id)
