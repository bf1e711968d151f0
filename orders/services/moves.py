"""One move of an order: locked, allowed by the table of states, recorded and told."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from accounts.models import User
from accounts.services.auditing import track
from config.errors import NotFound
from config.events import emit

from .. import signals
from ..errors import InvalidTransition
from ..models import ActorKind, Order, OrderHistory, OrderStatus


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
    return track(order)


def record_move(
    order: Order,
    to_status: str,
    actor: Actor,
    note: str = "",
    **changes: Any,  # noqa: ANN401
) -> None:
    """Move a locked order and set what changes with it, or raise InvalidTransition."""
    refuse_move(order, to_status)
    from_status = track(order, to_status).status
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
