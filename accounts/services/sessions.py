"""Logging in."""

from collections.abc import Sequence
from uuid import UUID

from django.contrib.auth import authenticate
from django.db import transaction
from django.utils import timezone

from config.events import emit
from config.transactions import retried

from ..errors import WrongCredentials
from ..models import LoginChallenge, User
from ..signals import cart_claimed
from .challenges import Challenge, answer_challenge, open_challenge
from .tokens import TokenPair, issue_tokens

Session = tuple[User, TokenPair]


def log_in(
    *, identifier: dict[str, str], password: str, cart_ids: Sequence[UUID] = ()
) -> Session | Challenge:
    """Check who it is and open a session, or ask for the second factor; else WrongCredentials."""
    user = authenticate(None, password=password, **identifier)
    if not isinstance(user, User):
        raise WrongCredentials()
    return enter(user, cart_ids)


def enter(user: User, cart_ids: Sequence[UUID]) -> Session | Challenge:
    """Let in who has shown the first factor; the guest cart waits for the second one, too."""
    return open_challenge(user) if user.two_factor_enabled else _let_in(user, cart_ids)


def finish_login(*, challenge: LoginChallenge, code: str, cart_ids: Sequence[UUID] = ()) -> Session:
    """Open the session that a challenge stands for, by a TOTP or recovery code."""
    return _let_in(answer_challenge(challenge=challenge, code=code), cart_ids)


def _let_in(user: User, cart_ids: Sequence[UUID]) -> Session:
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
    active = User.objects.filter(pk=user.pk, is_active=True)
    if not active.update(last_login=user.last_login):  # erased since the password was checked
        raise WrongCredentials()
    return issue_tokens(user)
