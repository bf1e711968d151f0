"""One-time codes: six digits that prove who reads an address or a phone."""

from uuid import uuid4

from django.conf import settings
from django.db.models import F
from django.utils import timezone
from django.utils.crypto import constant_time_compare, salted_hmac

from ..errors import OtpInvalid
from ..models import CodePurpose, OneTimeCode, User
from .attempts import key_of

TRIES = 5
_DIGITS = 6


def digits_of(code: OneTimeCode) -> str:
    """Return what is sent to the recipient: derived each time, so that no row holds it."""
    digest = salted_hmac("accounts.one_time_code", f"{code.pk}:{code.seed}", algorithm="sha256")
    return f"{int(digest.hexdigest(), 16) % 10**_DIGITS:0{_DIGITS}}"


def renew_code(*, purpose: CodePurpose, recipient: str, user: User | None = None) -> OneTimeCode:
    """Write the one live code of a purpose and a recipient; the one before is dead."""
    now = timezone.now()
    code = {
        "seed": uuid4(),
        "purpose": purpose,
        "recipient": recipient,
        "user": user,
        "addressed_at": now if user else None,
        "tries": 0,
        "expires_at": now + settings.OTP_LIFETIME,
        "used_at": None,
    }
    rows = OneTimeCode.objects.filter(key=key_of(purpose, recipient))
    if not rows.update(**code):
        _, created = rows.get_or_create(key=key_of(purpose, recipient), defaults=code)
        if not created:  # a twin wrote it between our look and our insert
            rows.update(**code)
    return rows.get()


def try_code(*, purpose: CodePurpose, recipient: str, otp: str) -> OneTimeCode:
    """Count a try and return the code that `otp` is right for, or raise OtpInvalid.

    No transaction may surround it: the try counts although it is refused.
    """
    live = OneTimeCode.objects.live_at(timezone.now())
    code = live.filter(key=key_of(purpose, recipient)).first()
    # The UPDATE both decides and counts: what reads first lets parallel guesses pass.
    if code is None or not _count(code):
        raise OtpInvalid()
    if not constant_time_compare(digits_of(code), otp) or code.user_id is None:
        raise OtpInvalid()
    return code


def _count(code: OneTimeCode) -> int:
    rows = OneTimeCode.objects.filter(pk=code.pk, seed=code.seed, tries__lt=TRIES)
    return rows.update(tries=F("tries") + 1)


def use_code(code: OneTimeCode) -> None:
    """Mark a code as used, once; raise OtpInvalid for the second one who comes with it."""
    live = OneTimeCode.objects.live_at(timezone.now())
    if not live.filter(pk=code.pk, seed=code.seed).update(used_at=timezone.now()):
        raise OtpInvalid()
