"""What orders hold about a person, for their export; nothing that staff wrote for themselves."""

from collections.abc import Iterable, Iterator
from typing import Any

from django.db.models import F, Prefetch, Q, QuerySet

from accounts.models import User
from accounts.services.exporting import CHUNK, Part, Row
from config.money import format_money

from ..models import (
    ActorKind,
    CancellationDocument,
    Order,
    OrderHistory,
    ReturnRequest,
    Shipment,
)
from .customers import guest_orders

_AMOUNTS = (
    "subtotal",
    "discount_amount",
    "shipping_cost",
    "tax_amount",
    "total_amount",
    "amount_paid",
    "amount_refunded",
)
_COLUMNS = (
    "id",
    "number",
    "status",
    "payment_status",
    "email",
    "currency",
    "coupon_code",
    "shipping_address",
    "billing_address",
    "shipping_method_name",
    "gateway",
    "notes",
    "created_at",
    "paid_at",
    "shipped_at",
    "delivered_at",
    "cancelled_at",
)


def orders_of(user: User) -> QuerySet[Order]:
    """Keep a person's orders, and those made as a guest with the address that is surely theirs."""
    as_guest = guest_orders(user.own_address) if user.own_address else []
    return Order.objects.filter(Q(user=user) | Q(pk__in=as_guest))


def _orders(user: User) -> Iterable[Row]:
    history = OrderHistory.objects.order_by("created_at", "id")
    rows = orders_of(user).select_related("invoice").order_by("created_at", "id")
    rows = rows.prefetch_related(
        "lines",
        "shipments__lines__line",
        "invoice__credit_notes",
        Prefetch("history", history),
        Prefetch("returns", ReturnRequest.objects.prefetch_related("lines__line")),
    )
    return map(_order, rows.iterator(CHUNK))


def _order(order: Order) -> Row:
    return {
        **{name: getattr(order, name) for name in _COLUMNS},
        **_money(order, order, *_AMOUNTS),
        "invoice_number": order.invoice_number,
        "credit_notes": [
            {"number": note.number, "created_at": note.created_at, **_money(order, note, "amount")}
            for note in order.credit_notes
        ],
        "items": [
            {
                "sku": line.sku,
                "name": line.name,
                "attributes": line.attributes,
                "quantity": line.quantity,
                "returned_quantity": line.returned_quantity,
                **_money(order, line, "unit_price", "discount_amount", "tax_amount", "line_total"),
            }
            for line in order.lines.all()
        ],
        "shipments": [_shipment(shipment) for shipment in order.shipments.all()],
        "returns": [_return(order, request) for request in order.returns.all()],
        "history": [_change(row) for row in order.history.all()],
    }


def _shipment(shipment: Shipment) -> Row:
    return {
        "carrier": shipment.carrier,
        "tracking_number": shipment.tracking_number,
        "shipped_at": shipment.shipped_at,
        "items": [{"sku": row.line.sku, "quantity": row.quantity} for row in shipment.lines.all()],
    }


def _return(order: Order, request: ReturnRequest) -> Row:
    return {
        "id": request.pk,
        "status": request.status,
        "note": request.note,
        "created_at": request.created_at,
        "decided_at": request.decided_at,
        **_money(order, request, "refund_amount"),
        "items": [
            {"sku": row.line.sku, "quantity": row.quantity, "reason": row.reason}
            for row in request.lines.all()
        ],
    }


def _change(row: OrderHistory) -> Row:
    return {
        "from_status": row.from_status,
        "to_status": row.to_status,
        "actor": row.actor_kind,
        "note": "" if row.actor_kind == ActorKind.STORE else row.note,
        "created_at": row.created_at,
    }


def _money(order: Order, row: Any, *names: str) -> Row:  # noqa: ANN401
    return {name: format_money(getattr(row, name), order.currency) for name in names}


def _cancellations(user: User) -> Iterator[Row]:
    rows = CancellationDocument.objects.filter(user=user).order_by("created_at", "pk")
    found = rows.values("currency", "total_amount", "created_at", number=F("external_id"))
    for row in found.iterator(CHUNK):
        yield {**row, "total_amount": format_money(row["total_amount"], row["currency"])}


PARTS: dict[str, Part] = {"orders": _orders, "imported_cancellations": _cancellations}
