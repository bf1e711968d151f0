"""The outbox: a message is a row first, and the row alone knows when it is tried again."""

import logging
from datetime import datetime, timedelta
from smtplib import SMTPDataError, SMTPException, SMTPRecipientsRefused, SMTPSenderRefused
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from accounts.models import User
from config.transactions import retried

from ..models import Channel, Message, MessageState
from ..sms import send_sms
from ..sms.errors import Refused
from .rendering import OutOfDate, render, render_sms

logger = logging.getLogger(__name__)

# Longer than a mail server may take to answer (settings.EMAIL_TIMEOUT for each step).
LEASE = timedelta(minutes=2)
# The pause after each failed try: ten tries within 24 hours.
PAUSES = [timedelta(minutes=m) for m in (1, 2, 5, 15, 30, 60, 180, 360, 780)]
SWEEP_SIZE = 200


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


def due_messages() -> list[UUID]:
    """Return the ids of messages that should be tried now, oldest first."""
    now = timezone.now()
    due = Message.objects.filter(_free_at(now), status=MessageState.PENDING)
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
    except OutOfDate:  # nobody waits for it any more
        message.delete()
        return False
    except Exception as error:  # noqa: BLE001  whatever is wrong with one mail, the next goes out
        _record_failure(message, error)
        return False
    Message.objects.filter(pk=message.pk).update(
        status=MessageState.SENT, sent_at=timezone.now(), leased_until=None, error=""
    )
    return True


def resend(*, message_id: UUID | str) -> None:
    """Put a message that was sent or given up back into the queue."""
    Message.objects.filter(pk=message_id).exclude(status=MessageState.PENDING).update(
        status=MessageState.PENDING, attempts=0, next_attempt_at=timezone.now(), leased_until=None
    )


def _free_at(now: datetime) -> Q:
    is_free = Q(leased_until=None) | Q(leased_until__lt=now)
    return is_free & Q(next_attempt_at__lte=now)


@retried
@transaction.atomic
def _claim(message_id: UUID | str) -> Message | None:
    now = timezone.now()
    claimed = Message.objects.filter(
        _free_at(now), pk=message_id, status=MessageState.PENDING
    ).update(leased_until=now + LEASE, attempts=F("attempts") + 1)
    return Message.objects.select_related("user").get(pk=message_id) if claimed else None


def _send(message: Message) -> None:
    if message.channel == Channel.SMS:
        send_sms(to=message.recipient, text=render_sms(message))
    else:
        _send_mail(message)


def _send_mail(message: Message) -> None:
    mail = render(message)
    domain = settings.SITE_URL.partition("://")[2].partition("/")[0].partition(":")[0]
    email = EmailMultiAlternatives(
        subject=mail.subject,
        body=mail.text,
        to=[message.recipient],
        headers={"Message-ID": f"<{message.pk}@{domain or 'localhost'}>"},
    )
    email.attach_alternative(mail.html, "text/html")
    email.send()


def _record_failure(message: Message, error: Exception) -> None:
    is_last = message.attempts > len(PAUSES) or _is_permanent(error)
    logger.log(
        logging.ERROR if is_last else logging.WARNING,
        "Message %s (%s) failed at try %d: %s",
        message.pk,
        message.kind,
        message.attempts,
        type(error).__name__,
        # What a mail server or provider says may name the recipient: their row has it.
        exc_info=None if isinstance(error, SMTPException | OSError | Refused) else error,
    )
    changes: dict[str, Any] = {
        "error": f"{type(error).__name__}: {error}"[:255],
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
    """Tell whether the message was refused for good, as by a mail server's 5xx answer."""
    match error:
        case Refused():
            return True
        case SMTPRecipientsRefused():
            return all(code >= 500 for code, _ in error.recipients.values())
        case SMTPDataError() | SMTPSenderRefused():
            return error.smtp_code >= 500
    return False
