"""What people change about themselves: profile, password, and that they are here at all."""

from typing import Any
from uuid import UUID, uuid4

from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.utils import timezone

from config.errors import InvalidInput
from config.events import emit
from config.idempotency import forget_answers
from config.transactions import retried

from ..models import ERASED, Membership, User
from ..signals import contact_replaced, email_changed, user_erased
from .auditing import audited, record, track
from .erasing import erase_traces
from .passwords import delete_proofs, end_resets, replace_password
from .phones import send_phone_code
from .registration import save_identified
from .tokens import TokenPair, issue_tokens, lock_user

_WRONG_PASSWORD = "This is not your password."  # noqa: S105


@retried
@transaction.atomic
@audited()
def update_profile(*, user_id: UUID, **changes: Any) -> User:  # noqa: ANN401
    """Change a profile; a new e-mail or phone has to be verified again."""
    user = track(lock_user(user_id))
    email, email_key, phone = user.email, user.email_key, user.phone
    for field, value in changes.items():
        setattr(user, field, value)
    user.set_keys()
    if not (user.email or user.phone):
        raise InvalidInput(email="Keep an e-mail address or a phone number.")
    has_new_email = user.email_key != email_key
    has_new_phone = user.phone != phone
    user.email_verified = user.email_verified and not has_new_email
    user.phone_verified = user.phone_verified and not has_new_phone
    save_identified(user)
    if has_new_email or has_new_phone:
        end_resets(user)  # whoever read the previous one must not set a password by it
    if has_new_email:
        _tell_of_new_email(user, previous=email)
    if has_new_phone:
        _tell_of_new_phone(user, previous=phone)
    return user


def _tell_of_new_email(user: User, *, previous: str | None) -> None:
    if user.email:
        emit(email_changed, user_id=user.pk, event_id=uuid4())
    if previous:
        _warn(user, "email", previous)


def _tell_of_new_phone(user: User, *, previous: str | None) -> None:
    if user.phone:
        send_phone_code(user)
    if previous:
        _warn(user, "sms", previous)


def _warn(user: User, channel: str, previous: str) -> None:
    ids = {"user_id": user.pk, "event_id": uuid4()}
    emit(contact_replaced, channel=channel, previous=previous, **ids)


def change_password(*, user: User, current_password: str, new_password: str) -> TokenPair:
    """Set another password; every token given out before dies, and a new pair is given."""
    check_password(user, current_password, field="current_password", may_lack=False)
    # Slow on purpose: no transaction waits for it.
    return _change_password(user.pk, user.password, make_password(new_password))


@retried
@transaction.atomic
@audited()
def _change_password(user_id: UUID, checked_hash: str, new_hash: str) -> TokenPair:
    user = lock_user(user_id)
    if user.password != checked_hash:  # changed by somebody else since we checked it
        raise InvalidInput(current_password=_WRONG_PASSWORD)
    replace_password(user, new_hash)
    return issue_tokens(user)


def check_password(
    user: User, password: str, *, field: str = "password", may_lack: bool = True
) -> None:
    """Raise InvalidInput on `field` unless this is the user's password.

    Who has none, and logs in with an account elsewhere, leaves it out where `may_lack` says so.
    """
    if may_lack and not password and not user.has_usable_password():
        return
    if not user.check_password(password):
        raise InvalidInput(**{field: _WRONG_PASSWORD})


@retried
@transaction.atomic
@audited()
def erase_user(*, user_id: UUID) -> None:
    """Erase a person: what must stay, such as orders, hangs on a row without a name."""
    user = User.objects.select_for_update().get(pk=user_id)
    if user.erased_at:
        return
    record(user, "erased")
    email = user.own_address
    erase_traces(user)
    User.objects.filter(pk=user_id).update(
        **ERASED,
        membership=Membership.BRONZE,
        language="en",
        password=make_password(None),
        erased_at=timezone.now(),
    )
    user.groups.clear()
    user.user_permissions.clear()
    user.addresses.all().delete()
    user.refresh_tokens.all().delete()
    delete_proofs(user)
    forget_answers(scopes=[f"user:{user_id}"])
    emit(user_erased, user_id=user_id, email=email)
