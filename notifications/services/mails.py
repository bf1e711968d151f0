"""What a mail is made of, and who of the staff gets which."""

from dataclasses import dataclass, field

from accounts.models import User
from accounts.selectors import staff_who_may

# Mails to staff, and the permission that their content asks for.
OF_STAFF = {
    "daily_report": "orders.view_order",
    "low_stock_digest": "catalog.view_stockalert",
    "webhook_switched_off": "notifications.change_webhookendpoint",
}


class OutOfDate(Exception):
    """What the message says is no longer so: it must not be sent."""


@dataclass(frozen=True)
class Attachment:
    name: str
    content: str
    type: str = "text/csv"


@dataclass(frozen=True)
class Mail:
    subject: str
    text: str
    html: str
    attachments: list[Attachment] = field(default_factory=list)


def readers_of(kind: str) -> list[User]:
    """Return the staff who get a mail of this kind."""
    return list(staff_who_may(OF_STAFF[kind]).exclude(email=None).order_by("pk"))


def refuse_others(kind: str, user: User | None) -> None:
    """Raise OutOfDate where somebody lost the right to read what the mail says."""
    if user and not staff_who_may(OF_STAFF[kind]).filter(pk=user.pk).exists():
        raise OutOfDate("The recipient may not see this any more.")
