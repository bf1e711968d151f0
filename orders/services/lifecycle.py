"""How an order moves from state to state: each move is allowed, recorded and told."""

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from accounts.models import User
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


def record_move(order: Order, to_status: str, actor: Actor, note: str = "") -> None:
    """Move a locked order, or raise InvalidTransition; write its history and tell it."""
    if not order.may_move_to(to_status):
        raise InvalidTransition(
            f"The order is {order.status} and cannot become {to_status}.",
            status=order.status,
            requested=to_status,
        )
    from_status, order.status = order.status, to_status
    order.save()
    write_history(order, from_status, actor, note)
    emit(
        signals.order_status_changed,
        order_id=order.pk,
        from_status=from_status,
        to_status=to_status,
    )


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
    order.expires_at = None
    record_move(order, OrderStatus.CONFIRMED, actor, note)
    emit(signals.order_confirmed, order_id=order.pk)


def record_payment(order: Order, amount: Decimal, gateway: str) -> None:
    """Record money for a locked order that is neither paid nor cancelled, and confirm it."""
    order.amount_paid += amount
    order.payment_status = PaymentStatus.PAID
    order.paid_at = timezone.now()
    order.gateway = gateway
    order.save()
    if order.status == OrderStatus.PENDING:
        confirm_order(order, note="Paid.")
    emit(signals.order_paid, order_id=order.pk)


def record_payment_failure(order: Order) -> None:
    """Note on a locked order that its last payment failed; it may still be paid."""
    if order.payment_status == PaymentStatus.PENDING:
        order.payment_status = PaymentStatus.FAILED
        order.save()


def record_refund(order: Order, amount: Decimal) -> None:
    """Record money that went back to the customer of a locked order."""
    order.amount_refunded += amount
    is_all = order.amount_refunded >= order.amount_paid
    order.payment_status = PaymentStatus.REFUNDED if is_all else PaymentStatus.PARTIALLY_REFUNDED
    order.save()


def extend_expiry(order: Order) -> None:
    """Give a locked pending order at least 15 more minutes to be paid, once."""
    if order.status != OrderStatus.PENDING or order.is_expiry_extended or not order.expires_at:
        return
    order.expires_at = max(order.expires_at, timezone.now() + PAYMENT_GRACE)
    order.is_expiry_extended = True
    order.save()


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
        order.delivered_at = timezone.now()
        record_move(order, to_status, actor, note)
    elif to_status == OrderStatus.PROCESSING:
        record_move(order, to_status, actor, note)
    else:
        raise InvalidTransition(
            f"Staff cannot make an order {to_status}.", status=order.status, requested=to_status
        )
    return order


def _cancel(order: Order, actor: Actor, reason: str) -> None:
    order.expires_at = None
    order.cancelled_at = timezone.now()
    record_move(order, OrderStatus.CANCELLED, actor, reason)
    stock.release_stock(demand=_demand(order), order_id=order.pk)
    emit(signals.order_cancelled, order_id=order.pk)


def _ship_all(order: Order, actor: Actor, note: str) -> None:
    if order.status == OrderStatus.CONFIRMED:
        record_move(order, OrderStatus.PROCESSING, actor)
    order.shipped_at = timezone.now()
    record_move(order, OrderStatus.SHIPPED, actor, note)
    stock.ship_stock(demand=_demand(order), order_id=order.pk)
    for line in order.lines.all():
        line.shipped_quantity = line.quantity
        line.save(update_fields=["shipped_quantity"])


def _demand(order: Order) -> stock.Demand:
    """Return the pieces of an order that are promised and not sent, by variant."""
    demand: stock.Demand = {}
    for line in order.lines.all():
        if left := line.quantity - line.shipped_quantity:
            demand[line.variant_id] = demand.get(line.variant_id, 0) + left
    return demand
