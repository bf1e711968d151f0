"""What a refund for a return is known by: it happens once, and its return is found again."""

from uuid import UUID

from ..models import Payment

_RETURN = "return"


def cause_of_return(return_id: UUID, payment: Payment) -> str:
    return f"{_RETURN}:{return_id}:{payment.pk}"


def return_of(cause: str | None) -> UUID | None:
    """Return the id of the return that a refund is for, or None for any other cause."""
    kind, *ids = (cause or "").split(":")
    return UUID(ids[0]) if kind == _RETURN else None
