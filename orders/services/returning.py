"""Returns: customers ask, staff decide; an approval moves money, pieces and the order at once."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from django.db import transaction
from django.db.models import Sum
from django.utils import timezone

from accounts.services.auditing import audited, track
from catalog.services import stock
from config.errors import InvalidInput, NotFound
from config.events import emit
from config.transactions import retried

from .. import signals
from ..errors import InvalidTransition
from ..models import (
    MAX_NOTE,
    Order,
    OrderStatus,
    ReturnLine,
    ReturnRequest,
    ReturnStatus,
)
from .moves import Actor, lock_order, record_move, write_history
from .taxes import shipping_total


@dataclass(frozen=True)
class Wish:
    """Pieces of an order line that somebody wants to send back."""

    line_id: UUID
    quantity: int
    reason: str


@retried
@transaction.atomic
@audited()
def request_return(*, order_id: UUID, actor: Actor, wishes: Iterable[Wish]) -> ReturnRequest:
    """Ask to send delivered pieces back, or raise and change nothing."""
    order = lock_order(order_id)
    _refuse_time(order)
    lines = {line.pk: line for line in order.lines.all()}
    asked = _asked(order)
    request = track(ReturnRequest(order=order), "requested")
    rows = []
    for wish in wishes:
        line = lines.get(wish.line_id)
        if line is None:
            raise InvalidInput(items=f"{wish.line_id} is no item of this order.")
        left = line.shipped_quantity - line.returned_quantity - asked.get(line.pk, 0)
        if wish.quantity > left:
            raise InvalidInput(items=f"Only {left} of {line.sku} can still be sent back.")
        amount = line.refund_of(wish.quantity)
        rows.append(
            ReturnLine(
                request=request,
                line=line,
                quantity=wish.quantity,
                reason=wish.reason,
                refund_amount=amount,
            )
        )
    request.refund_amount = sum((row.refund_amount for row in rows), Decimal(0))
    request.save(force_insert=True)
    ReturnLine.objects.bulk_create(rows)
    write_history(order, order.status, actor, _tell("A return was asked for", rows))
    emit(signals.return_requested, return_id=request.pk)
    return request


@retried
@transaction.atomic
@audited()
def approve_return(
    *,
    return_id: UUID,
    actor: Actor,
    restock: bool = True,
    refund_shipping: bool = False,
    note: str = "",
) -> ReturnRequest:
    """Take pieces back and give their money back; an order without any left is `returned`."""
    order, request = _lock_open(return_id)
    rows = list(request.lines.select_related("line"))
    for row in rows:
        row.refund_amount = row.line.refund_of(row.quantity)
        row.line.returned_quantity += row.quantity
        row.line.returned_amount += row.refund_amount
        row.line.save(update_fields=["returned_quantity", "returned_amount"])
        row.save(update_fields=["refund_amount"])
    if refund_shipping:
        _refuse_shipping_twice(order)
    request.refunds_shipping, request.is_restocked = refund_shipping, restock
    request.refund_amount = min(_worth(request, order), order.amount_paid - order.amount_refunded)
    _decide(request, ReturnStatus.APPROVED, actor, note)
    told = note or _tell("A return was approved", rows)
    if all(line.returned_quantity == line.quantity for line in order.lines.all()):
        record_move(order, OrderStatus.RETURNED, actor, told)
    else:
        write_history(order, order.status, actor, told)
    emit(signals.return_approved, return_id=request.pk, amount=request.refund_amount)
    if restock:
        stock.return_stock(demand=_demand(rows), order_id=order.pk, recorded_by=actor.user)
    return request


def owe_returns(order: Order) -> list[ReturnRequest]:
    """Return what was approved before the money of a locked order came, worth something now."""
    requests = list(order.returns.filter(status=ReturnStatus.APPROVED).order_by("decided_at"))
    left = order.amount_paid - order.amount_refunded
    for request in requests:
        request.refund_amount = min(_worth(request, order), left)
        request.save(update_fields=["refund_amount"])
        left -= request.refund_amount
    return requests


@retried
@transaction.atomic
@audited()
def reject_return(*, return_id: UUID, actor: Actor, note: str) -> ReturnRequest:
    """Refuse a return and say why; its pieces may be asked for again."""
    order, request = _lock_open(return_id)
    _decide(request, ReturnStatus.REJECTED, actor, note)
    write_history(order, order.status, actor, f"A return was rejected: {note}"[:MAX_NOTE])
    emit(signals.return_rejected, return_id=request.pk)
    return request


def _refuse_time(order: Order) -> None:
    """Raise InvalidTransition before the delivery, and when the time to return is over."""
    until = order.return_until
    if order.status != OrderStatus.DELIVERED or until is None:
        raise InvalidTransition(
            f"The order is {order.status}: only a delivered one can be sent back.",
            status=order.status,
        )
    if timezone.now() > until:
        raise InvalidTransition(
            f"This order could be sent back until {timezone.localtime(until):%d %B %Y}.",
            status=order.status,
        )


def _asked(order: Order) -> dict[UUID, int]:
    """Return the pieces of each line that staff have not decided about yet."""
    rows = ReturnLine.objects.filter(
        request__order=order, request__status=ReturnStatus.REQUESTED
    ).order_by()
    return dict(rows.values_list("line_id").annotate(Sum("quantity")))


def _lock_open(return_id: UUID) -> tuple[Order, ReturnRequest]:
    found = ReturnRequest.objects.filter(pk=return_id).values_list("order_id", flat=True).first()
    if found is None:
        raise NotFound()
    order = lock_order(found)
    request = ReturnRequest.objects.select_for_update().get(pk=return_id)
    if request.status != ReturnStatus.REQUESTED:
        raise InvalidTransition(f"This return was {request.status} already.", status=request.status)
    request.order = order
    return order, track(request)


def _decide(request: ReturnRequest, status: str, actor: Actor, note: str) -> None:
    track(request, status)
    request.status, request.note = status, note
    request.decided_by, request.decided_at = actor.user, timezone.now()
    request.save()


def _refuse_shipping_twice(order: Order) -> None:
    if order.returns.filter(refunds_shipping=True).exists():
        raise InvalidInput(refund_shipping="The shipping of this order went back already.")


def _worth(request: ReturnRequest, order: Order) -> Decimal:
    """Return what an approved return gives back of an order that is paid in full."""
    shipping = shipping_total(order) if request.refunds_shipping else Decimal(0)
    return sum((row.refund_amount for row in request.lines.all()), shipping)


def _demand(rows: Iterable[ReturnLine]) -> stock.Demand:
    demand: stock.Demand = {}
    for row in rows:
        demand[row.line.variant_id] = demand.get(row.line.variant_id, 0) + row.quantity
    return demand


def _tell(what: str, rows: Iterable[ReturnLine]) -> str:
    pieces = ", ".join(f"{row.quantity} × {row.line.sku}" for row in rows)
    return f"{what}: {pieces}."[:MAX_NOTE]
