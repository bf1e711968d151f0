"""Two-factor login: an authenticator app (TOTP), and recovery codes for when it is lost."""

import io
import re
import secrets
import time
from base64 import b32encode
from dataclasses import dataclass
from urllib.parse import quote, urlencode
from uuid import UUID, uuid4

import segno
from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django_otp.oath import TOTP

from config.events import emit
from config.transactions import retried

from ..errors import OtpInvalid, TwoFactorState
from ..models import Authenticator, RecoveryCode, User
from ..signals import two_factor_changed
from .attempts import key_of
from .auditing import audited, track
from .profiles import check_password
from .tokens import lock_user

RECOVERY_CODES = 10
_KEY_BYTES = 20
# One step of 30 seconds either way, for clocks that differ and people who type slowly.
_TOLERANCE = 1
_TOTP = re.compile(r"[0-9]{6}")


@dataclass(frozen=True)
class Setup:
    """What an authenticator app reads, in the three ways that apps read it."""

    secret: str
    otpauth_url: str
    qr_svg: str


@retried
@transaction.atomic
def begin_setup(*, user_id: UUID) -> Setup:
    """Give a user a new key for an authenticator; it counts when its first code was right."""
    user = lock_user(user_id)
    _refuse_if_enabled(user)
    key = secrets.token_bytes(_KEY_BYTES)
    Authenticator.objects.update_or_create(
        user=user, defaults={"key": key.hex(), "confirmed_at": None, "last_step": -1}
    )
    secret = b32encode(key).decode()
    url = _otpauth_url(user, secret)
    return Setup(secret=secret, otpauth_url=url, qr_svg=_draw(url))


@retried
@transaction.atomic
def confirm_setup(*, user_id: UUID, code: str) -> list[str]:
    """Turn two-factor login on by a right code; return the recovery codes, this once."""
    user = lock_user(user_id)
    _refuse_if_enabled(user)
    if not _use_totp(user, code):
        raise OtpInvalid()
    Authenticator.objects.filter(user=user).update(confirmed_at=timezone.now())
    user.two_factor_enabled = True
    user.save(update_fields=["two_factor_enabled"])
    emit(two_factor_changed, user_id=user.pk, event_id=uuid4(), change="on")
    return _new_recovery_codes(user)


def turn_off(*, user: User, password: str, code: str) -> None:
    """Turn two-factor login off, for who knows the password and has a code."""
    check_password(user, password)
    _turn_off(user.pk, code)


@retried
@transaction.atomic
def _turn_off(user_id: UUID, code: str) -> None:
    user = lock_user(user_id)
    _refuse_if_disabled(user)
    if not use_second_factor(user, code):
        raise OtpInvalid()
    reset_second_factor(user_id=user_id)


@retried
@transaction.atomic
@audited()
def reset_second_factor(*, user_id: UUID) -> None:
    """Turn two-factor login off for somebody who lost both the authenticator and the codes."""
    user = lock_user(user_id)
    _refuse_if_disabled(user)
    remove_second_factor(user)
    emit(two_factor_changed, user_id=user.pk, event_id=uuid4(), change="off")


def remove_second_factor(user: User) -> None:
    """Delete the authenticator and the recovery codes of a user whose row the caller holds."""
    track(user, "two_factor_reset")
    Authenticator.objects.filter(user=user).delete()
    user.recovery_codes.all().delete()
    user.two_factor_enabled = False
    user.save(update_fields=["two_factor_enabled"])


def renew_recovery_codes(*, user: User, password: str) -> list[str]:
    """Give out other recovery codes; those before are dead."""
    check_password(user, password)
    return _renew(user.pk)


@retried
@transaction.atomic
def _renew(user_id: UUID) -> list[str]:
    user = lock_user(user_id)
    _refuse_if_disabled(user)
    emit(two_factor_changed, user_id=user.pk, event_id=uuid4(), change="codes")
    return _new_recovery_codes(user)


@retried
@transaction.atomic
def check_second_factor(*, user_id: UUID, code: str) -> bool:
    """Use up a TOTP or recovery code of a user; tell whether it was right."""
    return use_second_factor(lock_user(user_id), code)


def use_second_factor(user: User, code: str) -> bool:
    """Use up a TOTP or recovery code of a user whose row the caller holds; tell if it was right."""
    return _use_totp(user, code) or _use_recovery_code(user, code)


def _use_totp(user: User, code: str) -> bool:
    digits = code.replace(" ", "")
    device = Authenticator.objects.filter(user=user).first()
    if device is None or not _TOTP.fullmatch(digits):
        return False
    totp = TOTP(bytes.fromhex(device.key))
    totp.time = time.time()  # the same moment for each step that is compared
    if not totp.verify(int(digits), tolerance=_TOLERANCE, min_t=device.last_step + 1):
        return False
    device.last_step = totp.t()
    device.save(update_fields=["last_step"])
    return True


def _use_recovery_code(user: User, code: str) -> bool:
    unused = user.recovery_codes.filter(code_hash=_hash(code), used_at=None)
    return bool(unused.update(used_at=timezone.now()))


def _new_recovery_codes(user: User) -> list[str]:
    user.recovery_codes.all().delete()
    codes = [_random_code() for _ in range(RECOVERY_CODES)]
    RecoveryCode.objects.bulk_create(RecoveryCode(user=user, code_hash=_hash(c)) for c in codes)
    return codes


def _random_code() -> str:
    # 80 bits: no key is needed to keep its hash from being guessed.
    text = b32encode(secrets.token_bytes(10)).decode().lower()
    return "-".join(text[start : start + 4] for start in range(0, 16, 4))


def _hash(code: str) -> str:
    return key_of("recovery", re.sub(r"[\s-]", "", code.lower()))


def _refuse_if_enabled(user: User) -> None:
    if user.two_factor_enabled:
        raise TwoFactorState("Two-factor login is on already. Turn it off first.")


def _refuse_if_disabled(user: User) -> None:
    if not user.two_factor_enabled:
        raise TwoFactorState("Two-factor login is not on.")


def _otpauth_url(user: User, secret: str) -> str:
    issuer = settings.STORE_NAME.replace(":", "")
    label = quote(f"{issuer}:{user}", safe=":@")
    query = urlencode(
        {"secret": secret, "issuer": issuer, "digits": 6, "period": 30}, quote_via=quote
    )
    return f"otpauth://totp/{label}?{query}"


def _draw(text: str) -> str:
    image = io.BytesIO()
    segno.make(text, error="m", micro=False).save(
        image, kind="svg", scale=4, xmldecl=False, light="#fff"
    )
    return image.getvalue().decode()
