"""The outbox: a message is a row first, and the row alone knows when it is tried again."""

import logging
from collections.abc import Iterable
from datetime import datetime, timedelta
from smtplib import SMTPDataError, SMTPException, SMTPRecipientsRefused
from time import monotonic
from typing import Any
from uuid import UUID

from anymail.exceptions import AnymailInvalidAddress, AnymailRecipientsRefused
from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.utils import timezone

from accounts.models import User
from accounts.services.auditing import audited, record
from config.transactions import retried

from ..models import Channel, Message, MessageState
from ..sms import send_sms
from ..sms.errors import Refused
from .composing import compose
from .mails import OutOfDate
from .preferences import is_refused
from .rendering import render_sms

logger = logging.getLogger(__name__)

# Longer than a mail server may take to answer (settings.EMAIL_TIMEOUT for each step).
LEASE = timedelta(minutes=2)
# The pause after each failed try: ten tries within 24 hours.
PAUSES = [timedelta(minutes=m) for m in (1, 2, 5, 15, 30, 60, 180, 360, 780)]
SWEEP_SIZE = 200
SWEEP_SECONDS = 25.0


def queue_message(
    *,
    kind: str,
    cause: str,
    recipient: str,
    channel: str = Channel.EMAIL,
    user: User | None = None,
    data: dict[str, str] | None = None,
) -> Message | None:
    """Write a message into the running transaction, once a cause; None if there is nobody."""
    if not recipient:
        return None
    content = {
        "kind": kind,
        "channel": channel,
        "recipient": recipient,
        "user": user,
        "data": data or {},
    }
    message, is_new = Message.objects.get_or_create(cause=f"{kind}:{cause}", defaults=content)
    return message if is_new else None


def queue_all(messages: Iterable[Message]) -> list[Message]:
    """Write many messages into the running transaction; return those whose cause is new."""
    rows = {message.cause: message for message in messages}
    known = set(Message.objects.filter(cause__in=rows).values_list("cause", flat=True))
    fresh = [message for cause, message in rows.items() if cause not in known]
    Message.objects.bulk_create(fresh, ignore_conflicts=True)
    return fresh


def deliver_due() -> None:
    """Send what is due, oldest first, for a while: where no server answers, most keep their tries.

    Sweeps that begin meanwhile take what this one has not taken yet.
    """
    deadline = monotonic() + SWEEP_SECONDS
    for message_id in due_messages():
        if monotonic() >= deadline:
            return
        deliver(message_id=message_id)


def due_messages() -> list[UUID]:
    """Return the ids of messages that should be tried now, oldest first."""
    now = timezone.now()
    due = Message.objects.filter(_due_at(now), status=MessageState.PENDING)
    return list(due.order_by("next_attempt_at").values_list("pk", flat=True)[:SWEEP_SIZE])


def deliver(*, message_id: UUID | str) -> bool:
    """Send one message if it is due and nobody else is sending it; return whether it was sent.

    The claim commits before the mail server is called and the outcome after it: the same mail
    goes out twice only where the process dies between the server's answer and our commit, and
    then with the same Message-ID.
    """
    message = _claim(message_id)
    if message is None:
        return False
    try:
        _send(message)
    except OutOfDate as reason:
        _drop(message, reason)
        return False
    except Exception as error:  # noqa: BLE001  whatever is wrong with one mail, the next goes out
        _record_failure(message, error)
        return False
    _record_success(message)
    return True


def resend(*, message_id: UUID | str) -> bool:
    """Queue a message anew with all its tries; return False where it is being sent just now."""
    return bool(_queue_anew(Message.objects.filter(pk=message_id)))


def try_again(*, message_ids: Iterable[UUID]) -> int:
    """Queue messages anew that were given up or wait; return how many: none goes out twice."""
    unsent = Message.objects.exclude(status=MessageState.SENT)
    return _queue_anew(unsent.filter(pk__in=list(message_ids)))


@retried
@transaction.atomic
@audited()
def _queue_anew(messages: QuerySet[Message]) -> int:
    now = timezone.now()
    free = messages.filter(_free_at(now)).select_for_update().order_by("pk")
    ids = list(free.values_list("pk", flat=True))
    for message_id in ids:
        record(Message(pk=message_id), "sent_again")
    return messages.filter(pk__in=ids).update(
        status=MessageState.PENDING, attempts=0, next_attempt_at=now, leased_until=None
    )


def _free_at(now: datetime) -> Q:
    return Q(leased_until=None) | Q(leased_until__lt=now)


def _due_at(now: datetime) -> Q:
    return _free_at(now) & Q(next_attempt_at__lte=now)


@retried
@transaction.atomic
def _claim(message_id: UUID | str) -> Message | None:
    now = timezone.now()
    claimed = Message.objects.filter(
        _due_at(now), pk=message_id, status=MessageState.PENDING
    ).update(leased_until=now + LEASE, attempts=F("attempts") + 1)
    return Message.objects.select_related("user").get(pk=message_id) if claimed else None


def _send(message: Message) -> None:
    if is_refused(message):
        raise OutOfDate("The person wants no more of these.")
    if message.channel == Channel.SMS:
        send_sms(to=message.recipient, text=render_sms(message))
    else:
        compose(message).send()


@retried
def _record_success(message: Message) -> None:
    Message.objects.filter(pk=message.pk).update(
        status=MessageState.SENT, sent_at=timezone.now(), leased_until=None, error=""
    )


@retried
def _drop(message: Message, reason: OutOfDate) -> None:
    """Delete what nobody waits for any more; what was sent once stays in the log as sent."""
    if message.sent_at is None:
        message.delete()
        return
    Message.objects.filter(pk=message.pk).update(
        status=MessageState.SENT, leased_until=None, error=f"Not sent again: {reason}"[:255]
    )


@retried
def _record_failure(message: Message, error: Exception) -> None:
    is_last = message.attempts > len(PAUSES) or _is_permanent(error)
    logger.log(
        logging.ERROR if is_last else logging.WARNING,
        "Message %s (%s) %s after try %d: %s",
        message.pk,
        message.kind,
        "is given up" if is_last else "waits",
        message.attempts,
        type(error).__name__,
        # What a mail server or provider says may name the recipient: their row has it.
        exc_info=None if isinstance(error, SMTPException | OSError | Refused) else error,
    )
    changes: dict[str, Any] = {
        "error": f"{type(error).__name__}: {error}".replace("\x00", "")[:255],
        "leased_until": None,
    }
    if is_last:
        changes["status"] = MessageState.GIVEN_UP
    else:
        changes["next_attempt_at"] = timezone.now() + PAUSES[message.attempts - 1]
    # A later try may have succeeded meanwhile.
    Message.objects.filter(
        pk=message.pk, status=MessageState.PENDING, attempts=message.attempts
    ).update(**changes)


def _is_permanent(error: Exception) -> bool:
    """Tell whether this message was refused for good, as by a mail server's 5xx answer.

    A refused login or sender is no fault of the message: it waits until somebody mends it.
    """
    match error:
        case Refused() | AnymailRecipientsRefused() | AnymailInvalidAddress():
            return True
        case SMTPRecipientsRefused():
            return all(code >= 500 for code, _ in error.recipients.values())
        case SMTPDataError():
            return error.smtp_code >= 500
    return False
