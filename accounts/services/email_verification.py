"""Links that prove that an e-mail address is read by its user."""

from datetime import timedelta
from uuid import UUID, uuid4

from django.core import signing
from django.db import transaction

from config.errors import InvalidInput
from config.events import emit
from config.transactions import retried

from ..models import User
from ..signals import email_changed
from .tokens import lock_user

LIFETIME = timedelta(days=3)
_SALT = "accounts.email_verification"


def make_email_token(user: User, address: str | None = None) -> str:
    """Return a token that verifies one address of this user, by default the present one.

    It works for three days, and while that address is the user's. What is sent to an address
    must be made for it: the user may have another one by then.
    """
    email_key = user.email_key if address is None else address.strip().lower()
    return signing.dumps([str(user.pk), email_key], salt=_SALT)


@retried
@transaction.atomic
def verify_email(*, token: str) -> User:
    """Mark the address that `token` was made for as verified, or raise InvalidInput."""
    try:
        user_id, email_key = signing.loads(token, salt=_SALT, max_age=LIFETIME)
    except signing.BadSignature:
        raise InvalidInput(token=_REFUSED)
    owned = User.objects.filter(pk=user_id, email_key=email_key, is_active=True)
    user = owned.select_for_update().first() if email_key else None
    if user is None:
        raise InvalidInput(token=_REFUSED)
    user.email_verified = True
    user.save(update_fields=["email_verified"])
    return user


_REFUSED = "This link is not valid or has expired. Ask for a new one."


@retried
@transaction.atomic
def resend_verification(*, user_id: UUID) -> None:
    """Have the verification mail sent again, unless the address is verified already."""
    user = lock_user(user_id)
    if not user.email:
        raise InvalidInput(email="There is no e-mail address to verify. Add one first.")
    if not user.email_verified:
        emit(email_changed, user_id=user.pk, event_id=uuid4())
