"""How an order moves from state to state: each move is allowed, recorded and told."""

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from accounts.models import User
from carts.services.coupons import return_uses
from catalog.services import stock
from config.errors import NotFound
from config.events import emit
from config.transactions import retried

from .. import signals
from ..errors import InvalidTransition
from ..models import ActorKind, Order, OrderHistory, OrderStatus, PaymentStatus

PAYMENT_GRACE = timedelta(minutes=15)


@dataclass(frozen=True)
class Actor:
    """Who changes an order: a customer, a member of staff, or the shop itself."""

    kind: str
    user: User | None = None

    @classmethod
    def of(cls, user: User | None) -> "Actor":
        """Return staff as the store and everybody else, guests too, as the customer."""
        if user is not None and user.is_authenticated and user.is_staff:
            return cls(ActorKind.STORE, user)
        return cls(ActorKind.CUSTOMER, user if user is not None and user.is_authenticated else None)


SYSTEM = Actor(ActorKind.SYSTEM)


def lock_order(order_id: UUID) -> Order:
    """Return the order under a lock, or raise NotFound."""
    order = Order.objects.select_for_update().filter(pk=order_id).first()
    if order is None:
        raise NotFound()
    return order


def record_move(
    order: Order,
    to_status: str,
    actor: Actor,
    note: str = "",
    **changes: Any,  # noqa: ANN401
) -> None:
    """Move a locked order and set what changes with it, or raise InvalidTransition."""
    refuse_move(order, to_status)
    from_status = order.status
    save_changes(order, status=to_status, **changes)
    write_history(order, from_status, actor, note)
    emit(
        signals.order_status_changed,
        order_id=order.pk,
        from_status=from_status,
        to_status=to_status,
    )


def refuse_move(order: Order, to_status: str) -> None:
    """Raise InvalidTransition where the order cannot become `to_status`."""
    is_cancelling = to_status == OrderStatus.CANCELLED
    if order.can_cancel if is_cancelling else order.may_move_to(to_status):
        return
    is_partly_sent = is_cancelling and order.may_move_to(to_status)
    raise InvalidTransition(
        "Part of the order was sent: it cannot be cancelled any more."
        if is_partly_sent
        else f"The order is {order.status} and cannot become {to_status}.",
        status=order.status,
        requested=to_status,
    )


def save_changes(order: Order, **changes: Any) -> None:  # noqa: ANN401
    """Write the named columns alone: receivers may have changed others of the same order."""
    for name, value in changes.items():
        setattr(order, name, value)
    order.save(update_fields=[*changes, "updated_at"])


def write_history(order: Order, from_status: str, actor: Actor, note: str = "") -> None:
    """Add a row to the history of an order, whose present status is the new one."""
    OrderHistory.objects.create(
        order=order,
        from_status=from_status,
        to_status=order.status,
        actor_kind=actor.kind,
        actor=actor.user,
        note=note,
    )


def confirm_order(order: Order, actor: Actor = SYSTEM, note: str = "") -> None:
    """Confirm a locked pending order; it does not expire any more."""
    record_move(order, OrderStatus.CONFIRMED, actor, note, expires_at=None)
    emit(signals.order_confirmed, order_id=order.pk)


def record_payment(order: Order, amount: Decimal, gateway: str) -> None:
    """Record money for a locked order and confirm it, or raise where none is due."""
    if not order.awaits_payment:
        raise InvalidTransition(
            f"The order is {order.status} and its payment {order.payment_status}: nothing is due.",
            status=order.status,
            payment_status=order.payment_status,
        )
    save_changes(
        order,
        amount_paid=order.amount_paid + amount,
        payment_status=PaymentStatus.PAID,
        paid_at=timezone.now(),
        gateway=gateway,
    )
    if order.status == OrderStatus.PENDING:
        confirm_order(order, note="Paid." if amount else "Nothing to pay.")
    emit(signals.order_paid, order_id=order.pk)


def record_late_payment(order: Order, amount: Decimal, gateway: str) -> None:
    """Record money that came for a locked cancelled order; it is no sale, and goes back."""
    save_changes(
        order,
        amount_paid=order.amount_paid + amount,
        payment_status=PaymentStatus.PAID,
        gateway=gateway,
    )


def record_gateway(order: Order, gateway: str) -> None:
    """Note on a locked order which gateway its newest payment goes through."""
    save_changes(order, gateway=gateway)


def record_payment_failure(order: Order) -> None:
    """Note on a locked order that its last payment failed; it may still be paid."""
    if order.payment_status == PaymentStatus.PENDING:
        save_changes(order, payment_status=PaymentStatus.FAILED)


def record_refund(order: Order, amount: Decimal) -> None:
    """Record money that went back to the customer of a locked order."""
    refunded = order.amount_refunded + amount
    is_all = refunded >= order.amount_paid
    save_changes(
        order,
        amount_refunded=refunded,
        payment_status=PaymentStatus.REFUNDED if is_all else PaymentStatus.PARTIALLY_REFUNDED,
    )


def extend_expiry(order: Order) -> None:
    """Give a locked pending order at least 15 more minutes to be paid, once."""
    if order.status != OrderStatus.PENDING or order.is_expiry_extended or not order.expires_at:
        return
    grace_ends_at = timezone.now() + PAYMENT_GRACE
    save_changes(order, expires_at=max(order.expires_at, grace_ends_at), is_expiry_extended=True)


@retried
@transaction.atomic
def cancel_order(*, order_id: UUID, actor: Actor, reason: str = "") -> Order:
    """Cancel an order of which nothing was sent: stock comes back, and captured money goes back."""
    order = lock_order(order_id)
    _cancel(order, actor, reason)
    return order


@retried
@transaction.atomic
def expire_order(*, order_id: UUID) -> bool:
    """Cancel an order whose time to pay has run out; return whether it was still unpaid."""
    order = lock_order(order_id)
    if order.status != OrderStatus.PENDING or not order.expires_at:
        return False
    if order.expires_at > timezone.now():
        return False
    _cancel(order, SYSTEM, "Not paid in time.")
    return True


@retried
@transaction.atomic
def advance_order(*, order_id: UUID, to_status: str, actor: Actor, note: str = "") -> Order:
    """Move an order on for staff; `shipped` sends all that is left."""
    order = lock_order(order_id)
    if to_status == OrderStatus.CANCELLED:
        _cancel(order, actor, note)
    elif to_status == OrderStatus.SHIPPED:
        _ship_all(order, actor, note)
    elif to_status == OrderStatus.DELIVERED:
        record_move(order, to_status, actor, note, delivered_at=timezone.now())
    elif to_status == OrderStatus.PROCESSING:
        record_move(order, to_status, actor, note)
    else:
        raise InvalidTransition(
            f"Staff cannot make an order {to_status}.", status=order.status, requested=to_status
        )
    return order


def _cancel(order: Order, actor: Actor, reason: str) -> None:
    """Cancel a locked order; coupons and then stock come last, because their locks do."""
    now = timezone.now()
    record_move(order, OrderStatus.CANCELLED, actor, reason, expires_at=None, cancelled_at=now)
    emit(signals.order_cancelled, order_id=order.pk)
    return_uses(order_id=order.pk)
    stock.release_stock(demand=_unsent(order), order_id=order.pk)


def _ship_all(order: Order, actor: Actor, note: str) -> None:
    if order.status == OrderStatus.CONFIRMED:
        record_move(order, OrderStatus.PROCESSING, actor)
    refuse_move(order, OrderStatus.SHIPPED)
    unsent = _unsent(order)
    order.lines.update(shipped_quantity=F("quantity"))
    record_move(order, OrderStatus.SHIPPED, actor, note, shipped_at=timezone.now())
    stock.ship_stock(demand=unsent, order_id=order.pk)


def _unsent(order: Order) -> stock.Demand:
    """Return the pieces of an order that are promised and not sent, by variant."""
    demand: stock.Demand = {}
    for line in order.lines.all():
        if left := line.quantity - line.shipped_quantity:
            demand[line.variant_id] = demand.get(line.variant_id, 0) + left
    return demand
