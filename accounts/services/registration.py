"""New people, and what tells one from another."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction

from config.errors import InvalidInput
from config.events import emit
from config.transactions import retried

from ..models import User
from ..signals import cart_claimed, user_registered
from .phones import send_phone_code
from .tokens import TokenPair, issue_tokens


def register_user(
    *,
    password: str,
    cart_ids: Sequence[UUID] = (),
    **profile: Any,  # noqa: ANN401
) -> tuple[User, TokenPair]:
    """Create a user, log them in and give them the guest cart; refuse taken identifiers."""
    user = User(**profile)
    user.set_password(password)  # slow on purpose: no transaction waits for it
    return user, _register(user, cart_ids)


@retried
@transaction.atomic
def _register(user: User, cart_ids: Sequence[UUID]) -> TokenPair:
    save_identified(user)
    emit(user_registered, user_id=user.pk)
    if user.phone and not user.email:
        send_phone_code(user)
    if cart_ids:
        emit(cart_claimed, user_id=user.pk, cart_ids=cart_ids)
    return issue_tokens(user)


def save_identified(user: User) -> None:
    """Save a user, or raise InvalidInput on each identifier that somebody else has."""
    user.set_keys()
    refuse_taken(user)
    try:
        with transaction.atomic():
            user.save()
    except IntegrityError:  # somebody else saved it between our look and our save
        refuse_taken(user)
        raise


def refuse_taken(user: User) -> None:
    """Raise InvalidInput on each identifier of `user` that somebody else has."""
    if taken := taken_identifiers(user):
        raise InvalidInput(**taken)


def taken_identifiers(user: User) -> dict[str, str]:
    """Return a message for each identifier of `user` that somebody else has."""
    user.set_keys()
    others = User.objects.exclude(pk=user.pk)
    columns = {"email": "email_key", "username": "username_key", "phone": "phone"}
    return {
        field: f"Somebody else has this {_LABELS[field]}. Log in or choose another."
        for field, column in columns.items()
        if getattr(user, column) and others.filter(**{column: getattr(user, column)}).exists()
    }


_LABELS = {"email": "e-mail address", "username": "username", "phone": "phone number"}
