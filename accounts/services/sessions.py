"""Logging in."""

from collections.abc import Sequence
from uuid import UUID

from django.contrib.auth import authenticate
from django.db import transaction
from django.utils import timezone

from config.events import emit
from config.transactions import retried

from ..errors import WrongCredentials
from ..models import User
from ..signals import cart_claimed
from .tokens import TokenPair, issue_tokens


def log_in(
    *, identifier: dict[str, str], password: str, cart_ids: Sequence[UUID] = ()
) -> tuple[User, TokenPair]:
    """Check who it is, open a session and hand over the guest cart, or raise WrongCredentials."""
    user = authenticate(None, password=password, **identifier)
    if not isinstance(user, User):
        raise WrongCredentials()
    if cart_ids:
        # In a transaction of its own: it locks carts, which come before users.
        _hand_over_cart(user, cart_ids)
    return user, _open_session(user)


@retried
@transaction.atomic
def _hand_over_cart(user: User, cart_ids: Sequence[UUID]) -> None:
    emit(cart_claimed, user_id=user.pk, cart_ids=cart_ids)


@retried
@transaction.atomic
def _open_session(user: User) -> TokenPair:
    user.last_login = timezone.now()
    # Before the token's row: its insert locks the user, and twins would wait for each other.
    User.objects.filter(pk=user.pk).update(last_login=user.last_login)
    return issue_tokens(user)
