"""How an order moves from state to state: each move is allowed, recorded and told."""

from datetime import timedelta
from decimal import Decimal
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from accounts.services.auditing import audited
from carts.services.coupons import return_uses
from catalog.services import stock
from config.events import emit
from config.transactions import retried

from .. import signals
from ..errors import InvalidTransition
from ..models import Order, OrderStatus, PaymentStatus
from .figures import refresh_figures
from .invoicing import make_credit_note, make_invoice
from .moves import (  # noqa: F401  callers find the whole life of an order here
    SYSTEM,
    Actor,
    lock_order,
    record_move,
    refuse_move,
    save_changes,
    write_history,
)
from .shipping import ship_all, unsent

PAYMENT_GRACE = timedelta(minutes=15)


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
    refresh_figures(user_ids=[order.user_id])
    make_invoice(order)


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


def record_refund(order: Order, amount: Decimal, return_id: UUID | None = None) -> None:
    """Record money that went back to the customer of a locked order, maybe for a return."""
    refunded = order.amount_refunded + amount
    is_all = refunded >= order.amount_paid
    save_changes(
        order,
        amount_refunded=refunded,
        payment_status=PaymentStatus.REFUNDED if is_all else PaymentStatus.PARTIALLY_REFUNDED,
    )
    refresh_figures(user_ids=[order.user_id])
    make_credit_note(order, amount, return_id)


def extend_expiry(order: Order) -> None:
    """Give a locked pending order at least 15 more minutes to be paid, once."""
    if order.status != OrderStatus.PENDING or order.is_expiry_extended or not order.expires_at:
        return
    grace_ends_at = timezone.now() + PAYMENT_GRACE
    save_changes(order, expires_at=max(order.expires_at, grace_ends_at), is_expiry_extended=True)


@retried
@transaction.atomic
@audited()
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
@audited()
def advance_order(*, order_id: UUID, to_status: str, actor: Actor, note: str = "") -> Order:
    """Move an order on for staff; `shipped` sends all that is left."""
    order = lock_order(order_id)
    if to_status == OrderStatus.CANCELLED:
        _cancel(order, actor, note)
    elif to_status == OrderStatus.SHIPPED:
        ship_all(order, actor, note)
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
    stock.release_stock(demand=unsent(order), order_id=order.pk)
    refresh_figures(user_ids=[order.user_id])
