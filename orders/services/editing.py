"""What staff change of an order; each change is in its history."""

from uuid import UUID

from django.db import transaction

from accounts.services.auditing import audited
from config.errors import InvalidInput
from config.transactions import retried

from ..errors import InvalidTransition
from ..models import MAX_NOTE, Order
from .lifecycle import Actor, advance_order, lock_order, save_changes, write_history


@retried
@transaction.atomic
@audited()
def edit_order(
    *,
    order_id: UUID,
    actor: Actor,
    to_status: str | None = None,
    note: str = "",
    shipping_address: dict[str, str] | None = None,
    staff_note: str | None = None,
) -> Order:
    """Change what is given of an order, all or nothing; None leaves a thing as it is."""
    order = lock_order(order_id)
    if shipping_address is not None:
        # With a status the note is told of the move.
        _change_address(order, shipping_address, actor, "" if to_status else note)
    if staff_note is not None:
        save_changes(order, staff_note=staff_note)
        write_history(order, order.status, actor, staff_note or "The note was removed.")
    if to_status is not None:
        order = advance_order(order_id=order_id, to_status=to_status, actor=actor, note=note)
    return order


def _change_address(order: Order, address: dict[str, str], actor: Actor, note: str) -> None:
    """Send an order elsewhere within the same state: taxes and shipping stay what they are."""
    if not order.can_cancel:
        raise InvalidTransition(
            "The address can be changed until something is sent.", status=order.status
        )
    for field in ("country", "state"):
        if address[field] != order.shipping_address.get(field):
            raise InvalidInput(
                shipping_address=f"The {field} must stay the same. Cancel the order instead."
            )
    save_changes(order, shipping_address=address)
    told = f"The shipping address was changed. {note}".strip()
    write_history(order, order.status, actor, told[:MAX_NOTE])
