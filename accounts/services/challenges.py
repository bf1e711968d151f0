"""The second step of a login: a challenge that a code answers."""

import secrets
from dataclasses import dataclass
from datetime import timedelta

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from config.transactions import retried

from ..errors import TokenNotValid, WrongCredentials
from ..models import LoginChallenge, User
from .attempts import key_of
from .tokens import lock_user
from .two_factor import use_second_factor

LIFETIME = timedelta(minutes=5)
TRIES = 5


@dataclass(frozen=True)
class Challenge:
    """What a client gets instead of tokens while the second factor is missing."""

    token: str


def open_challenge(user: User) -> Challenge:
    """Give out a challenge for a user who has shown the first factor."""
    token = secrets.token_urlsafe(32)
    LoginChallenge.objects.create(
        token_hash=key_of("challenge", token),
        user=user,
        password_stamp=_stamp(user),
        expires_at=timezone.now() + LIFETIME,
    )
    return Challenge(token)


def try_challenge(*, token: str) -> LoginChallenge:
    """Count a try and return the challenge, or raise TokenNotValid where it is dead."""
    rows = LoginChallenge.objects.filter(
        token_hash=key_of("challenge", token), expires_at__gt=timezone.now(), user__is_active=True
    )
    challenge = rows.first()
    if challenge is None or not _count(challenge):
        raise TokenNotValid()
    return challenge


def _count(challenge: LoginChallenge) -> int:
    # The UPDATE both decides and counts: what reads first lets parallel guesses pass.
    rows = LoginChallenge.objects.filter(pk=challenge.pk, tries__lt=TRIES)
    return rows.update(tries=F("tries") + 1)


@retried
@transaction.atomic
def answer_challenge(*, challenge: LoginChallenge, code: str) -> User:
    """Use a challenge and a code up, both once, or raise and leave both as they were."""
    user = lock_user(challenge.user_id)
    if not use_second_factor(user, code):
        raise WrongCredentials()
    used, _ = LoginChallenge.objects.filter(pk=challenge.pk).delete()
    if not used or challenge.password_stamp != _stamp(user):  # a twin was first, or a new password
        raise TokenNotValid()
    return user


def _stamp(user: User) -> str:
    return key_of("password", user.password)
