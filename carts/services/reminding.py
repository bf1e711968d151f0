"""Which version of a cart its user was reminded of."""

from uuid import UUID

from ..models import Cart


def claim_reminder(*, cart_id: UUID, version: int) -> bool:
    """Note that a cart's user is reminded of this version; False where it changed or was noted.

    Whoever claims writes the reminder in the same transaction, which holds the cart's lock.
    """
    unclaimed = Cart.objects.filter(pk=cart_id, version=version)
    return bool(unclaimed.exclude(reminded_version=version).update(reminded_version=version))
