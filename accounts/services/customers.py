"""What staff change about customers."""

from typing import Any
from uuid import UUID

from django.db import transaction

from config.errors import NotFound
from config.transactions import retried

from ..models import User
from .auditing import audited, track
from .tokens import revoke_tokens


@retried
@transaction.atomic
@audited()
def update_customer(*, user_id: UUID, **changes: Any) -> User:  # noqa: ANN401
    """Change membership or `is_active` of a customer; who is made inactive is logged out."""
    user = User.objects.customers().select_for_update().filter(pk=user_id).first()
    if user is None:  # staff, or erased meanwhile
        raise NotFound()
    track(user)
    for name, value in changes.items():
        setattr(user, name, value)
    user.save(update_fields=[*changes])
    if not user.is_active:
        revoke_tokens(user)
    return user
