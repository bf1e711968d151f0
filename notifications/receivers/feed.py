"""What goes into the event log: each reaction writes its rows in the transaction of its cause."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.dispatch import receiver

from accounts.signals import user_erased, user_registered
from catalog import signals as catalog
from orders import signals as orders
from payments import signals as payments

from ..models import EventType
from ..services import recording


@receiver(orders.order_placed)
def record_creation(order_id: UUID, **kwargs: Any) -> None:  # noqa: ANN401
    recording.record_order(event_type=EventType.ORDER_CREATED, order_id=order_id)


@receiver(orders.order_paid)
def record_paid_order(order_id: UUID, **kwargs: Any) -> None:  # noqa: ANN401
    recording.record_order(event_type=EventType.ORDER_PAID, order_id=order_id)


@receiver(orders.order_status_changed)
def record_status(order_id: UUID, to_status: str, **kwargs: Any) -> None:  # noqa: ANN401
    recording.record_order(event_type=EventType(f"order.{to_status}"), order_id=order_id)


@receiver(orders.shipment_sent)
def record_shipment(shipment_id: UUID, **kwargs: Any) -> None:  # noqa: ANN401
    recording.record_shipment(shipment_id=shipment_id)


@receiver(orders.return_requested)
def record_wish_to_return(return_id: UUID, **kwargs: Any) -> None:  # noqa: ANN401
    recording.record_return(event_type=EventType.RETURN_REQUESTED, return_id=return_id)


@receiver(orders.return_approved)
def record_approval(return_id: UUID, **kwargs: Any) -> None:  # noqa: ANN401
    recording.record_return(event_type=EventType.RETURN_APPROVED, return_id=return_id)


@receiver(orders.return_rejected)
def record_rejection(return_id: UUID, **kwargs: Any) -> None:  # noqa: ANN401
    recording.record_return(event_type=EventType.RETURN_REJECTED, return_id=return_id)


@receiver(payments.payment_succeeded)
def record_payment(payment_id: UUID, **kwargs: Any) -> None:  # noqa: ANN401
    recording.record_payment(event_type=EventType.PAYMENT_SUCCEEDED, payment_id=payment_id)


@receiver(payments.payment_failed)
def record_failure(payment_id: UUID, **kwargs: Any) -> None:  # noqa: ANN401
    recording.record_payment(event_type=EventType.PAYMENT_FAILED, payment_id=payment_id)


@receiver(payments.payment_refunded)
def record_refund(refund_id: UUID, **kwargs: Any) -> None:  # noqa: ANN401
    recording.record_refund(refund_id=refund_id)


@receiver(catalog.product_changed)
def record_products(product_ids: Sequence[int], **kwargs: Any) -> None:  # noqa: ANN401
    recording.record_products(product_ids=product_ids)


@receiver(catalog.stock_changed)
def record_stock(variant_ids: Sequence[int], **kwargs: Any) -> None:  # noqa: ANN401
    recording.record_stock(event_type=EventType.STOCK_CHANGED, variant_ids=variant_ids)


@receiver(catalog.stock_low)
def record_low_stock(variant_ids: Sequence[int], **kwargs: Any) -> None:  # noqa: ANN401
    recording.record_stock(event_type=EventType.STOCK_LOW, variant_ids=variant_ids)


@receiver(user_registered)
def record_customer(user_id: UUID, **kwargs: Any) -> None:  # noqa: ANN401
    recording.record_customer(event_type=EventType.CUSTOMER_CREATED, user_id=user_id)


@receiver(user_erased)
def record_erasure(user_id: UUID, **kwargs: Any) -> None:  # noqa: ANN401
    recording.record_customer(event_type=EventType.CUSTOMER_DELETED, user_id=user_id)
