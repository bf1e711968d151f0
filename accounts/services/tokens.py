"""Pairs of access and refresh token: given out, exchanged once, ended."""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID, uuid4

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from rest_framework_simplejwt.exceptions import TokenError
from rest_framework_simplejwt.settings import api_settings
from rest_framework_simplejwt.tokens import AccessToken, Token
from rest_framework_simplejwt.tokens import RefreshToken as SignedRefreshToken
from rest_framework_simplejwt.utils import datetime_from_epoch, get_md5_hash_password

from config.transactions import retried

from ..errors import TokenNotValid
from ..models import RefreshToken, User

# A client that sends twice at once, or never got our answer, is no thief.
REUSE_GRACE = timedelta(seconds=10)


@dataclass(frozen=True)
class TokenPair:
    access: str
    refresh: str


def issue_tokens(user: User, family: UUID | None = None) -> TokenPair:
    """Give out a new pair; `family` is that of the token it replaces."""
    signed = SignedRefreshToken.for_user(user)
    RefreshToken.objects.create(
        jti=signed["jti"],
        family=family or uuid4(),
        user=user,
        expires_at=datetime_from_epoch(signed["exp"]),
    )
    return TokenPair(access=str(signed.access_token), refresh=str(signed))


def rotate_token(*, refresh: str) -> TokenPair:
    """Exchange a refresh token for a new pair, once; raise TokenNotValid for any other."""
    pair = _rotate(_decode(SignedRefreshToken, refresh))
    if pair is None:  # raised here, so that a family which was ended stays ended
        raise TokenNotValid()
    return pair


@retried
@transaction.atomic
def _rotate(signed: Token) -> TokenPair | None:
    # The user first: a new row locks its parent, and logging out everywhere waits for us.
    user = _find_user(signed, User.objects.select_for_update())
    if user is None:
        return None
    row = RefreshToken.objects.select_for_update().filter(jti=signed["jti"], user=user).first()
    if row is None or row.revoked_at:
        return None
    now = timezone.now()
    if row.used_at:
        if now - row.used_at > REUSE_GRACE:
            _revoke(RefreshToken.objects.filter(user=user, family=row.family))
        return None
    row.used_at = now
    row.save(update_fields=["used_at"])
    # Who stays logged in by refreshing is not inactive.
    User.objects.filter(pk=user.pk).update(last_login=now)
    return issue_tokens(user, family=row.family)


def verify_token(*, token: str) -> None:
    """Raise TokenNotValid unless `token` is an access or refresh token that works now."""
    try:
        signed = _decode(AccessToken, token)
    except TokenNotValid:
        signed = _decode(SignedRefreshToken, token)
    if _find_user(signed, User.objects.all()) is None:
        raise TokenNotValid()
    if isinstance(signed, SignedRefreshToken):
        live = RefreshToken.objects.filter(jti=signed["jti"], used_at=None, revoked_at=None)
        if not live.exists():
            raise TokenNotValid()


@retried
@transaction.atomic
def end_session(*, user_id: UUID, refresh: str) -> None:
    """Kill a refresh token of this user and what came or may yet come of it."""
    signed = _decode(SignedRefreshToken, refresh)
    lock_user(user_id)
    row = RefreshToken.objects.filter(jti=signed["jti"], user_id=user_id).first()
    if row is None:
        raise TokenNotValid()
    _revoke(RefreshToken.objects.filter(user_id=user_id, family=row.family))


@retried
@transaction.atomic
def end_all_sessions(*, user_id: UUID) -> None:
    """Kill every refresh token of this user."""
    revoke_tokens(lock_user(user_id))


def revoke_tokens(user: User) -> None:
    """Kill every refresh token of a user whose row the caller holds locked."""
    _revoke(RefreshToken.objects.filter(user=user))


def lock_user(user_id: UUID) -> User:
    """Lock an active user's row: who changes what hangs on it waits here for its turn."""
    user = User.objects.select_for_update().filter(pk=user_id, is_active=True).first()
    if user is None:  # erased or made inactive while this request was under way
        raise TokenNotValid()
    return user


def delete_expired_tokens() -> int:
    """Delete the rows of refresh tokens that have expired; return how many."""
    deleted, _ = RefreshToken.objects.filter(expires_at__lte=timezone.now()).delete()
    return deleted


def _revoke(tokens: QuerySet[RefreshToken]) -> None:
    tokens.filter(revoked_at=None).update(revoked_at=timezone.now())


def _decode(kind: type[Token], text: str) -> Token:
    try:
        return kind(text)  # type: ignore[arg-type]
    except TokenError:
        raise TokenNotValid()


def _find_user(signed: Token, users: QuerySet[User]) -> User | None:
    """Return the token's user if active and with the password of that time."""
    try:
        user = users.filter(pk=signed.get(api_settings.USER_ID_CLAIM)).first()
    except (ValidationError, ValueError, TypeError):  # signed by us, but no id
        return None
    if user is None or not user.is_active:
        return None
    stamp = signed.get(api_settings.REVOKE_TOKEN_CLAIM)
    return user if stamp == get_md5_hash_password(user.password) else None
