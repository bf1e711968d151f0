"""Another password: what every way of setting one has in common, and the way by a code."""

import secrets
from uuid import UUID, uuid4

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from config.errors import InvalidInput
from config.events import emit
from config.transactions import retried

from ..errors import OtpInvalid
from ..models import Authenticator, CodePurpose, OneTimeCode, ResetGrant, User
from ..signals import code_requested, password_changed, reset_asked
from .attempts import key_of
from .auditing import audited, track
from .codes import renew_code, try_code, use_code
from .tokens import lock_user, revoke_tokens

_REFUSED = "This token is not valid or has expired. Ask for a new code."


def replace_password(user: User, new_hash: str) -> None:
    """Set the password of a user whose row the caller holds; all that the old one opened ends."""
    track(user, "password_set").password = new_hash
    user.save(update_fields=["password"])
    end_access(user)
    emit(password_changed, user_id=user.pk, event_id=uuid4())


@retried
@transaction.atomic
@audited()
def set_password(*, user_id: UUID, new_hash: str) -> None:
    """Give somebody the password that staff chose, or none; all that the old one opened ends."""
    people = User.objects.select_for_update().filter(erased_at=None)
    replace_password(people.get(pk=user_id), new_hash)


def end_access(user: User) -> None:
    """End every session of a user, and every login and reset that is under way."""
    revoke_tokens(user)
    user.login_challenges.all().delete()
    end_resets(user)


def end_resets(user: User) -> None:
    """End what somebody who reads an address of a user may be setting a password with."""
    user.reset_grants.all().delete()
    user.one_time_codes.filter(purpose=CodePurpose.RESET).delete()


def delete_proofs(user: User) -> None:
    """Delete every code, factor and account elsewhere that could log a user in."""
    Authenticator.objects.filter(user=user).delete()
    for rows in (
        user.recovery_codes,
        user.login_challenges,
        user.reset_grants,
        user.one_time_codes,
        user.social_accounts,
    ):
        rows.all().delete()


@retried
@transaction.atomic
def ask_reset(*, recipient: str) -> None:
    """Write a code for an address or phone, whether somebody here has it or not.

    Whose it is a worker looks up, so that neither the answer nor its time tells.
    """
    code = renew_code(purpose=CodePurpose.RESET, recipient=recipient)
    emit(reset_asked, code_id=code.pk)


@retried
@transaction.atomic
def address_reset(*, code_id: int | str) -> None:
    """Have a code sent to the user whose address or phone it is for, if there is one."""
    code = OneTimeCode.objects.filter(pk=code_id, addressed_at=None).first()
    if code is None:
        return
    field = "email" if code.channel == "email" else "phone"
    user = User.objects.identified_by(**{field: code.recipient})
    if user and not user.is_active:
        user = None
    waiting = OneTimeCode.objects.filter(pk=code.pk, seed=code.seed, addressed_at=None)
    if not waiting.update(user=user, addressed_at=timezone.now()) or user is None:
        return
    # One live code an account: one by mail ends one by phone.
    user.one_time_codes.filter(purpose=CodePurpose.RESET).exclude(pk=code.pk).delete()
    emit(code_requested, user_id=user.pk, code_id=code.pk, channel=code.channel)


def unaddressed_codes() -> list[int]:
    """Return the codes of which no worker has looked up yet whose they are."""
    waiting = OneTimeCode.objects.live_at(timezone.now()).filter(addressed_at=None)
    return list(waiting.order_by("expires_at").values_list("pk", flat=True)[:200])


def verify_reset(*, recipient: str, otp: str) -> str:
    """Exchange the right code, once, for a token that sets a password; else raise OtpInvalid."""
    code = try_code(purpose=CodePurpose.RESET, recipient=recipient, otp=otp)
    return _grant(code)


@retried
@transaction.atomic
def _grant(code: OneTimeCode) -> str:
    people = User.objects.select_for_update().filter(is_active=True)
    user = people.filter(pk=code.user_id).first()  # type: ignore[misc]  # a right code has one
    if user is None or code.recipient not in (user.email_key, user.phone):  # given up meanwhile
        raise OtpInvalid()
    use_code(code)
    token = secrets.token_urlsafe(32)
    ResetGrant.objects.create(
        token_hash=key_of("reset", token),
        user=user,
        expires_at=timezone.now() + settings.OTP_LIFETIME,
    )
    return token


def reset_password(*, reset_token: str, new_password: str) -> User:
    """Set the password of who got `reset_token`, once; a refused password spends nothing."""
    grants = ResetGrant.objects.filter(
        token_hash=key_of("reset", reset_token), expires_at__gt=timezone.now(), user__is_active=True
    )
    grant = grants.select_related("user").first()
    if grant is None:
        raise InvalidInput(reset_token=_REFUSED)
    try:
        validate_password(new_password, grant.user)
    except ValidationError as error:
        raise InvalidInput(new_password=error.messages)
    # Slow on purpose: no transaction waits for it.
    return _reset(grant.pk, grant.user_id, make_password(new_password))


@retried
@transaction.atomic
def _reset(grant_id: int, user_id: UUID, new_hash: str) -> User:
    user = lock_user(user_id)
    spent, _ = ResetGrant.objects.filter(pk=grant_id).delete()
    if not spent:  # a twin was here first
        raise InvalidInput(reset_token=_REFUSED)
    replace_password(user, new_hash)
    return user
