"""What mails about an account show."""

from math import ceil
from typing import Any
from urllib.parse import quote

from django.conf import settings
from django.utils import timezone

from accounts.models import CodePurpose, OneTimeCode, User
from accounts.services.codes import digits_of
from accounts.services.email_verification import make_email_token

from ...models import Message
from ..mails import OutOfDate


def show_account(message: Message) -> dict[str, Any]:
    user = User.objects.get(pk=message.data["user_id"])
    token = quote(make_email_token(user, message.recipient))
    return {"is_verified": user.email_verified, "verify_url": verify_page(token)}


def show_code(message: Message) -> dict[str, Any]:
    """Show the digits of a code while it lives: no message about it holds them."""
    live = OneTimeCode.objects.live_at(timezone.now())
    code = live.filter(pk=message.data["code_id"], seed=message.data["seed"]).first()
    if code is None:
        raise OutOfDate("This code has expired, or another one was asked for.")
    return {"digits": digits_of(code), "purpose": code.purpose, "minutes": _minutes()}


def hide_code(message: Message) -> dict[str, Any]:
    """Show of a code what staff may know."""
    code = OneTimeCode.objects.filter(pk=message.data["code_id"]).first()
    purpose = code.purpose if code else CodePurpose.RESET
    return {"digits": "••••••", "purpose": purpose, "minutes": _minutes()}


def verify_page(token: str) -> str:
    return settings.FRONTEND_URL + settings.FRONTEND_VERIFY_EMAIL_PATH.format(token=token)


def _minutes() -> int:
    return ceil(settings.OTP_LIFETIME.total_seconds() / 60)
