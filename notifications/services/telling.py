"""Telling somebody of something by every way that they want."""

from typing import Any
from uuid import UUID

from accounts.models import User

from ..models import Channel
from .notices import TEXTS, write_notices
from .outbox import queue_message
from .preferences import ways_for

# The mail of it is that of the return.
NOT_MAILED = {"order_returned"}
# What a phone gets: of two that come together, the one that says more.
SMS_KINDS = {
    "order_placed",
    "order_confirmed",
    "order_shipped",
    "order_delivered",
    "order_cancelled",
    "return_approved",
    "return_rejected",
    "payment_failed",
    "payment_refunded",
    "back_in_stock",
    "abandoned_cart",
}


def tell(
    *,
    kind: str,
    cause: str,
    user: User | None,
    email: str,
    data: dict[str, str],
    words: dict[str, Any],
) -> list[UUID]:
    """Write what a person gets, once a cause; return the ids of the messages to be sent.

    `data` are the ids for the templates of mail and SMS, `words` fill the text in the shop.
    """
    ways = ways_for(kind, user=user, email=email)
    if user and "in_app" in ways and kind in TEXTS:
        write_notices(users=[user], kind=kind, cause=cause, ids=data, words=words)
    queued = []
    if "email" in ways and kind not in NOT_MAILED:
        queued.append(queue_message(kind=kind, cause=cause, recipient=email, user=user, data=data))
    if user and "sms" in ways and kind in SMS_KINDS:
        queued.append(
            queue_message(
                kind=kind,
                cause=f"{cause}:sms",
                recipient=user.phone or "",
                channel=Channel.SMS,
                user=user,
                data=data,
            )
        )
    return [message.pk for message in queued if message]
