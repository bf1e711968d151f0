"""Who is told what: each reaction writes its message in the transaction of its cause."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.dispatch import receiver

from accounts.models import OneTimeCode, User
from accounts.signals import (
    code_requested,
    contact_replaced,
    email_changed,
    password_changed,
    two_factor_changed,
    user_registered,
)
from catalog.models import StockRequest
from catalog.signals import back_in_stock
from config.events import enqueue
from orders.models import Order, OrderStatus, ReturnRequest
from orders.signals import (
    order_placed,
    order_status_changed,
    return_approved,
    return_rejected,
    shipment_sent,
)
from payments.models import Payment, Refund
from payments.signals import payment_failed, payment_refunded, payment_succeeded

from ..models import Channel
from ..services.outbox import queue_message
from ..tasks import deliver_message

# Each parcel and each return is told by itself.
TOLD_OTHERWISE = {OrderStatus.SHIPPED, OrderStatus.RETURNED}


@receiver(user_registered)
def welcome(user_id: UUID, **kwargs: Any) -> None:  # noqa: ANN401
    _tell_user(user_id, "welcome", cause=str(user_id))


@receiver(email_changed)
def ask_to_verify(user_id: UUID, event_id: UUID, **kwargs: Any) -> None:  # noqa: ANN401
    _tell_user(user_id, "verify_email", cause=str(event_id))


@receiver(code_requested)
def send_code(user_id: UUID, code_id: int, channel: str, **kwargs: Any) -> None:  # noqa: ANN401
    code = OneTimeCode.objects.select_related("user").get(pk=code_id)
    data = {"code_id": str(code_id), "seed": str(code.seed)}
    _queue("one_time_code", str(code.seed), code.recipient, code.user, data, channel)


@receiver(contact_replaced)
def warn_previous_contact(
    user_id: UUID,
    channel: str,
    previous: str,
    event_id: UUID,
    **kwargs: Any,  # noqa: ANN401
) -> None:
    user = User.objects.get(pk=user_id)
    _queue("contact_replaced", str(event_id), previous, user, {}, channel)


@receiver(password_changed)
def tell_new_password(user_id: UUID, event_id: UUID, **kwargs: Any) -> None:  # noqa: ANN401
    _warn_user(user_id, "password_changed", event_id)


@receiver(two_factor_changed)
def tell_second_factor(user_id: UUID, event_id: UUID, change: str, **kwargs: Any) -> None:  # noqa: ANN401
    _warn_user(user_id, "two_factor_changed", event_id, change=change)


@receiver(order_placed)
def confirm_receipt(order_id: UUID, **kwargs: Any) -> None:  # noqa: ANN401
    _tell_buyer(order_id, "order_placed", cause=str(order_id))


@receiver(order_status_changed)
def tell_status(order_id: UUID, to_status: str, **kwargs: Any) -> None:  # noqa: ANN401
    if to_status not in TOLD_OTHERWISE:
        _tell_buyer(order_id, f"order_{to_status}", cause=str(order_id))


@receiver(shipment_sent)
def tell_shipment(order_id: UUID, shipment_id: UUID, **kwargs: Any) -> None:  # noqa: ANN401
    cause = str(shipment_id)
    _tell_buyer(order_id, "order_shipped", cause=cause, shipment_id=cause)


@receiver(return_approved)
def tell_approval(return_id: UUID, **kwargs: Any) -> None:  # noqa: ANN401
    _tell_return(return_id, "return_approved")


@receiver(return_rejected)
def tell_rejection(return_id: UUID, **kwargs: Any) -> None:  # noqa: ANN401
    _tell_return(return_id, "return_rejected")


@receiver(payment_succeeded)
def thank_for_payment(payment_id: UUID, **kwargs: Any) -> None:  # noqa: ANN401
    _tell_payer(payment_id, "payment_received")


@receiver(payment_failed)
def tell_failure(payment_id: UUID, **kwargs: Any) -> None:  # noqa: ANN401
    _tell_payer(payment_id, "payment_failed")


@receiver(payment_refunded)
def tell_refund(refund_id: UUID, **kwargs: Any) -> None:  # noqa: ANN401
    refund = Refund.objects.select_related("payment").get(pk=refund_id)
    _tell_buyer(
        refund.payment.order_id,
        "payment_refunded",
        cause=str(refund_id),
        refund_id=str(refund_id),
    )


@receiver(back_in_stock)
def tell_who_waits(request_ids: Sequence[int], **kwargs: Any) -> None:  # noqa: ANN401
    for request in StockRequest.objects.select_related("user").filter(pk__in=request_ids):
        data = {"product_id": str(request.product_id)}
        if request.variant_id:
            data["variant_id"] = str(request.variant_id)
        _queue("back_in_stock", str(request.pk), request.email, request.addressee, data)


def _tell_return(return_id: UUID, kind: str) -> None:
    order_id = ReturnRequest.objects.values_list("order_id", flat=True).get(pk=return_id)
    _tell_buyer(order_id, kind, cause=str(return_id), return_id=str(return_id))


def _tell_payer(payment_id: UUID, kind: str) -> None:
    payment = Payment.objects.get(pk=payment_id)
    _tell_buyer(payment.order_id, kind, cause=str(payment_id), payment_id=str(payment_id))


def _tell_buyer(order_id: UUID, kind: str, *, cause: str, **ids: str) -> None:
    order = Order.objects.select_related("user").get(pk=order_id)
    _queue(kind, cause, order.email, order.user, {"order_id": str(order_id), **ids})


def _tell_user(user_id: UUID, kind: str, *, cause: str) -> None:
    user = User.objects.get(pk=user_id)
    _queue(kind, cause, user.email or "", user, {"user_id": str(user_id)})


def _warn_user(user_id: UUID, kind: str, event_id: UUID, **data: str) -> None:
    """Tell somebody by mail, or by SMS who has only a phone, what happened to their account."""
    user = User.objects.get(pk=user_id)
    channel = Channel.EMAIL if user.email else Channel.SMS
    _queue(kind, str(event_id), user.email or user.phone or "", user, data, channel)


def _queue(
    kind: str,
    cause: str,
    recipient: str,
    user: User | None,
    data: dict[str, str],
    channel: str = Channel.EMAIL,
) -> None:
    message = queue_message(
        kind=kind, cause=cause, recipient=recipient, channel=channel, user=user, data=data
    )
    if message:
        enqueue(deliver_message, message.pk)
