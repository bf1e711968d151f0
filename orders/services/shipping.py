"""Sending pieces of an order: the parcel is recorded, told, and taken off the shelf."""

from collections.abc import Mapping
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from accounts.services.auditing import audited, track
from catalog.services import stock
from config.errors import InvalidInput
from config.events import emit
from config.transactions import retried

from .. import signals
from ..errors import InvalidTransition
from ..models import MAX_NOTE, Order, OrderLine, OrderStatus, Shipment, ShipmentLine
from .invoicing import make_invoice
from .moves import Actor, lock_order, record_move, refuse_move, write_history

# Pieces by order line.
Pieces = Mapping[UUID, int]


@retried
@transaction.atomic
@audited()
def make_shipment(
    *,
    order_id: UUID,
    actor: Actor,
    carrier: str,
    tracking_number: str,
    pieces: Pieces | None = None,
) -> Order:
    """Send pieces of an order, all that is left without a choice, or raise and change nothing."""
    order = lock_order(order_id)
    if order.status not in {OrderStatus.CONFIRMED, OrderStatus.PROCESSING}:
        raise InvalidTransition(
            f"The order is {order.status}: nothing of it can be sent.", status=order.status
        )
    chosen = _left(order) if pieces is None else _choose(order, pieces)
    shipment = Shipment(order=order, carrier=carrier, tracking_number=tracking_number)
    _send(order, shipment, chosen, actor)
    return order


def ship_all(order: Order, actor: Actor, note: str) -> None:
    """Send all that is left of a locked order, from `confirmed` on."""
    if order.status != OrderStatus.CONFIRMED:
        refuse_move(order, OrderStatus.SHIPPED)
    _send(order, Shipment(order=order), _left(order), actor, note)


def unsent(order: Order) -> stock.Demand:
    """Return the pieces of an order that are promised and not sent, by variant."""
    return _demand(_left(order))


def _send(
    order: Order, shipment: Shipment, pieces: dict[OrderLine, int], actor: Actor, note: str = ""
) -> None:
    """Send pieces of a locked order; stock and invoice come last, because their locks do."""
    if order.status == OrderStatus.CONFIRMED:
        record_move(order, OrderStatus.PROCESSING, actor)
    track(shipment).save(force_insert=True)
    ShipmentLine.objects.bulk_create(
        ShipmentLine(shipment=shipment, line=line, quantity=quantity)
        for line, quantity in pieces.items()
    )
    for line, quantity in pieces.items():
        line.shipped_quantity += quantity
        line.save(update_fields=["shipped_quantity"])
    if _left(order):
        write_history(order, order.status, actor, note or _tell(pieces))
    else:
        record_move(order, OrderStatus.SHIPPED, actor, note, shipped_at=timezone.now())
    emit(signals.shipment_sent, order_id=order.pk, shipment_id=shipment.pk)
    stock.ship_stock(demand=_demand(pieces), order_id=order.pk)
    make_invoice(order)  # what is paid on delivery has none yet


def _choose(order: Order, pieces: Pieces) -> dict[OrderLine, int]:
    """Return the chosen lines, or raise on what is not of this order or not left of it."""
    left = _left(order)
    lines = {line.pk: line for line in order.lines.all()}
    chosen: dict[OrderLine, int] = {}
    for line_id, quantity in pieces.items():
        line = lines.get(line_id)
        if line is None:
            raise InvalidInput(items=f"{line_id} is no item of this order.")
        if quantity > left.get(line, 0):
            raise InvalidInput(items=f"Only {left.get(line, 0)} of {line.sku} are left to send.")
        chosen[line] = quantity
    return chosen


def _left(order: Order) -> dict[OrderLine, int]:
    lines = order.lines.all()
    return {line: left for line in lines if (left := line.quantity - line.shipped_quantity)}


def _demand(pieces: Mapping[OrderLine, int]) -> stock.Demand:
    demand: stock.Demand = {}
    for line, quantity in pieces.items():
        demand[line.variant_id] = demand.get(line.variant_id, 0) + quantity
    return demand


def _tell(pieces: Mapping[OrderLine, int]) -> str:
    told = ", ".join(f"{quantity} × {line.sku}" for line, quantity in pieces.items())
    return f"Sent: {told}."[:MAX_NOTE]
