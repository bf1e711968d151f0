"""Saved addresses: of each type a user has any of, exactly one is the default."""

from typing import Any
from uuid import UUID

from django.db import transaction

from config.errors import NotFound
from config.transactions import retried

from ..models import Address
from .tokens import lock_user


@retried
@transaction.atomic
def create_address(*, user_id: UUID, is_default: bool = False, **fields: Any) -> Address:  # noqa: ANN401
    """Save an address; the first of its type is the default whether asked for or not."""
    lock_user(user_id)  # two first addresses at once: one waits here
    address = Address.objects.create(user_id=user_id, **fields)
    if is_default or not _has_default(address.user_id, address.address_type):
        _make_default(address)
    return address


@retried
@transaction.atomic
def update_address(*, address: Address, is_default: bool = False, **changes: Any) -> Address:  # noqa: ANN401
    """Change an address; one that changes its type leaves its place to the newest other."""
    address = _read_locked(address)
    for field, value in changes.items():
        setattr(address, field, value)
    left = address.default_of if address.default_of != address.address_type else None
    if left:
        address.default_of = None
    address.save()
    if left:
        _promote_newest(address.user_id, left)
    if is_default or not _has_default(address.user_id, address.address_type):
        _make_default(address)
    return address


@retried
@transaction.atomic
def set_default_address(*, address: Address) -> Address:
    """Make an address the default of its type in place of the one before."""
    address = _read_locked(address)
    _make_default(address)
    return address


@retried
@transaction.atomic
def delete_address(*, address: Address) -> None:
    """Delete an address; after a default the newest of its type takes its place."""
    address = _read_locked(address)
    left = address.default_of
    address.delete()
    if left:
        _promote_newest(address.user_id, left)


def _read_locked(address: Address) -> Address:
    """Read an address again once its user's row is locked: all changes wait for that lock."""
    lock_user(address.user_id)
    try:
        return Address.objects.get(pk=address.pk)
    except Address.DoesNotExist:  # deleted while we waited
        raise NotFound()


def _has_default(user_id: UUID, address_type: str) -> bool:
    return Address.objects.filter(user_id=user_id, default_of=address_type).exists()


def _promote_newest(user_id: UUID, address_type: str) -> None:
    others = Address.objects.filter(user_id=user_id, address_type=address_type)
    if newest := others.order_by("-created_at", "id").first():
        _make_default(newest)


def _make_default(address: Address) -> None:
    Address.objects.filter(user_id=address.user_id, default_of=address.address_type).exclude(
        pk=address.pk
    ).update(default_of=None)
    address.default_of = address.address_type
    address.save(update_fields=["default_of"])
