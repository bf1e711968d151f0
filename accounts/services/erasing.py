"""What accounts, and the screens of staff, keep of people beside their own row."""

from collections import Counter
from contextlib import suppress

from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.contrib.sessions.models import Session
from django.db import transaction

from config.events import emit
from config.transactions import retried

from ..models import OneTimeCode, Seller, User
from ..signals import guest_erased

_ERASED_NAME = "[erased]"


class _DryRun(Exception):
    """Undoes an erasure that was only to be counted."""


def erase_traces(user: User) -> None:
    """Forget what a locked user, who still has a name, left in the admin and in codes."""
    for word in filter(None, (user.email, user.phone)):
        _forget_word(word)
    for row in (user, *Seller.objects.filter(user=user)):
        LogEntry.objects.filter(
            content_type=ContentType.objects.get_for_model(row), object_id=str(row.pk)
        ).update(object_repr=_ERASED_NAME, change_message="")
    if user.is_staff:
        _end_admin_sessions(user)


def erase_guest(*, email: str, is_dry_run: bool = False) -> Counter[str]:
    """Erase what somebody left without an account; return how many rows of what that was."""
    done: Counter[str] = Counter()
    with suppress(_DryRun):
        _erase_guest(email.strip().lower(), done, is_dry_run)
    return done


@retried
@transaction.atomic
def _erase_guest(email: str, done: Counter[str], is_dry_run: bool) -> None:
    done.clear()  # of an attempt that the database gave up
    done["codes"] += _forget_word(email)
    emit(guest_erased, email=email, done=done)
    if is_dry_run:
        raise _DryRun()


def _forget_word(word: str) -> int:
    """Delete the codes for an address or phone, and take it out of the log of the admin."""
    codes = OneTimeCode.objects.filter(recipient__iexact=word)
    exact = [pk for pk, text in codes.values_list("pk", "recipient") if _same(text, word)]
    deleted, _ = OneTimeCode.objects.filter(pk__in=exact).delete()
    LogEntry.objects.filter(object_repr__icontains=word).update(object_repr=_ERASED_NAME)
    LogEntry.objects.filter(change_message__icontains=word).update(change_message="")
    return deleted


def _same(text: str, word: str) -> bool:
    """Compare as people mean it: MariaDB finds "zoë" for "zoe", too."""
    return text.lower() == word.lower()


def _end_admin_sessions(user: User) -> None:
    """Delete the sessions of somebody who worked in the admin: there are as many as staff."""
    for session in Session.objects.iterator():
        if session.get_decoded().get("_auth_user_id") == str(user.pk):
            session.delete()
