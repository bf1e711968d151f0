"""What happened, as rows of the event log in the transaction that made it happen.

The data are what everybody who may read the feed may know: ids, states and amounts, no people.
"""

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any
from uuid import UUID

from catalog.models import Product, Variant
from config.money import format_money
from orders.models import Order, ReturnRequest, Shipment
from payments.models import Payment, Refund

from ..models import EventRecord, EventType

_BATCH = 500


def record_order(*, event_type: str, order_id: UUID) -> None:
    """Record something of an order, as it is now."""
    order = Order.objects.get(pk=order_id)
    data = {
        "id": str(order.pk),
        "number": order.number,
        "status": order.status,
        "payment_status": order.payment_status,
        **_amounts(order.currency, order, "total_amount", "amount_paid", "amount_refunded"),
    }
    _record(event_type, data)


def record_shipment(*, shipment_id: UUID) -> None:
    shipment = Shipment.objects.select_related("order").get(pk=shipment_id)
    data = {
        **_of_order(shipment),
        "carrier": shipment.carrier,
        "tracking_number": shipment.tracking_number,
    }
    _record(EventType.SHIPMENT_SENT, data)


def record_return(*, event_type: str, return_id: UUID) -> None:
    request = ReturnRequest.objects.select_related("order").get(pk=return_id)
    amounts = _amounts(request.order.currency, request, "refund_amount")
    _record(event_type, {**_of_order(request), "status": request.status, **amounts})


def record_payment(*, event_type: str, payment_id: UUID) -> None:
    payment = Payment.objects.select_related("order").get(pk=payment_id)
    data = {
        **_of_order(payment),
        "gateway": payment.gateway,
        "status": payment.status,
        **_amounts(payment.currency, payment, "amount"),
    }
    _record(event_type, data)


def record_refund(*, refund_id: UUID) -> None:
    refund = Refund.objects.select_related("payment__order").get(pk=refund_id)
    payment = refund.payment
    data = {
        **_of_order(payment),
        "id": str(refund.pk),
        "payment": str(payment.pk),
        "status": refund.status,
        **_amounts(payment.currency, refund, "amount"),
    }
    _record(EventType.PAYMENT_REFUNDED, data)


def record_products(*, product_ids: Iterable[int]) -> None:
    """Record for each product that it changed, or that it is gone."""
    wanted = sorted(set(product_ids))
    for start in range(0, len(wanted), _BATCH):
        ids = wanted[start : start + _BATCH]
        found = Product.objects.in_bulk(ids)
        EventRecord.objects.bulk_create(_of_product(pk, found.get(pk)) for pk in ids)


def record_stock(*, event_type: str, variant_ids: Sequence[int]) -> None:
    """Record for each variant what can be sold of it now."""
    variants = Variant.objects.select_related("product", "stock").filter(pk__in=variant_ids)
    EventRecord.objects.bulk_create(
        EventRecord(
            type=event_type,
            data={
                "variant": variant.pk,
                "sku": variant.sku,
                "product": variant.product_id,
                "slug": variant.product.slug,
                "stock": variant.stock.available,
            },
        )
        for variant in variants.order_by("pk")
    )


def record_customer(*, event_type: str, user_id: UUID) -> None:
    _record(event_type, {"id": str(user_id)})


def _record(event_type: str, data: dict[str, Any]) -> None:
    EventRecord.objects.create(type=event_type, data=data)


def _of_product(product_id: int, product: Product | None) -> EventRecord:
    if product is None or product.archived_at:
        return EventRecord(type=EventType.PRODUCT_DELETED, data={"id": product_id})
    data = {
        "id": product_id,
        "slug": product.slug,
        "name": product.name,
        "is_active": product.is_active,
        "in_stock": product.in_stock,
        **_amounts(product.currency, product, "price", "compare_at_price"),
    }
    return EventRecord(type=EventType.PRODUCT_UPDATED, data=data)


def _of_order(row: Shipment | ReturnRequest | Payment) -> dict[str, Any]:
    return {"id": str(row.pk), "order": str(row.order_id), "order_number": row.order.number}


def _amounts(currency: str, row: object, *columns: str) -> dict[str, Any]:
    def text(amount: Decimal | None) -> str | None:
        return None if amount is None else format_money(amount, currency)

    return {column: text(getattr(row, column)) for column in columns} | {"currency": currency}
