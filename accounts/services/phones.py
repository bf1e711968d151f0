"""Codes by SMS that prove that a phone is at hand."""

from uuid import UUID

from django.db import transaction

from config.errors import InvalidInput
from config.events import emit
from config.transactions import retried

from ..errors import OtpInvalid
from ..models import CodePurpose, OneTimeCode, User
from ..signals import code_requested
from .codes import renew_code, try_code, use_code
from .tokens import lock_user


def send_phone_code(user: User) -> None:
    """Send a code to the phone of a user, in the caller's transaction."""
    phone = user.phone or ""
    code = renew_code(purpose=CodePurpose.PHONE, recipient=phone, user=user)
    emit(code_requested, user_id=user.pk, code_id=code.pk, channel=code.channel)


@retried
@transaction.atomic
def resend_phone_code(*, user_id: UUID) -> None:
    """Send another code, unless the phone is verified already."""
    user = lock_user(user_id)
    if not user.phone:
        raise InvalidInput(phone="There is no phone number to verify. Add one first.")
    if not user.phone_verified:
        send_phone_code(user)


def verify_phone(*, user: User, otp: str) -> None:
    """Mark the user's phone as verified by the code that was sent to it, or raise OtpInvalid."""
    if not user.phone:
        raise OtpInvalid()
    code = try_code(purpose=CodePurpose.PHONE, recipient=user.phone, otp=otp)
    _verify(user.pk, code)


@retried
@transaction.atomic
def _verify(user_id: UUID, code: OneTimeCode) -> None:
    user = lock_user(user_id)
    if user.pk != code.user_id or user.phone != code.recipient:  # it has another owner by now
        raise OtpInvalid()
    use_code(code)
    user.phone_verified = True
    user.save(update_fields=["phone_verified"])
