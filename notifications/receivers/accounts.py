"""Mails about an account, which nobody can refuse: each in the transaction of its cause."""

from typing import Any
from uuid import UUID

from django.dispatch import receiver

from accounts.models import OneTimeCode, User
from accounts.signals import (
    code_requested,
    contact_replaced,
    email_changed,
    password_changed,
    two_factor_changed,
    user_registered,
)
from config.events import enqueue

from ..models import Channel
from ..services.outbox import queue_message
from ..tasks import deliver_message


@receiver(user_registered)
def welcome(user_id: UUID, **kwargs: Any) -> None:  # noqa: ANN401
    _tell_user(user_id, "welcome", cause=str(user_id))


@receiver(email_changed)
def ask_to_verify(user_id: UUID, event_id: UUID, **kwargs: Any) -> None:  # noqa: ANN401
    _tell_user(user_id, "verify_email", cause=str(event_id))


@receiver(code_requested)
def send_code(user_id: UUID, code_id: int, channel: str, **kwargs: Any) -> None:  # noqa: ANN401
    code = OneTimeCode.objects.select_related("user").get(pk=code_id)
    data = {"code_id": str(code_id), "seed": str(code.seed)}
    _queue("one_time_code", str(code.seed), code.recipient, code.user, data, channel)


@receiver(contact_replaced)
def warn_previous_contact(
    user_id: UUID,
    channel: str,
    previous: str,
    event_id: UUID,
    **kwargs: Any,  # noqa: ANN401
) -> None:
    user = User.objects.get(pk=user_id)
    _queue("contact_replaced", str(event_id), previous, user, {}, channel)


@receiver(password_changed)
def tell_new_password(user_id: UUID, event_id: UUID, **kwargs: Any) -> None:  # noqa: ANN401
    _warn_user(user_id, "password_changed", event_id)


@receiver(two_factor_changed)
def tell_second_factor(user_id: UUID, event_id: UUID, change: str, **kwargs: Any) -> None:  # noqa: ANN401
    _warn_user(user_id, "two_factor_changed", event_id, change=change)


def _tell_user(user_id: UUID, kind: str, *, cause: str) -> None:
    user = User.objects.get(pk=user_id)
    _queue(kind, cause, user.email or "", user, {"user_id": str(user_id)})


def _warn_user(user_id: UUID, kind: str, event_id: UUID, **data: str) -> None:
    """Tell somebody by mail, or by SMS who has only a phone, what happened to their account."""
    user = User.objects.get(pk=user_id)
    channel = Channel.EMAIL if user.email else Channel.SMS
    _queue(kind, str(event_id), user.email or user.phone or "", user, data, channel)


def _queue(
    kind: str,
    cause: str,
    recipient: str,
    user: User | None,
    data: dict[str, str],
    channel: str = Channel.EMAIL,
) -> None:
    message = queue_message(
        kind=kind, cause=cause, recipient=recipient, channel=channel, user=user, data=data
    )
    if message:
        enqueue(deliver_message, message.pk)
