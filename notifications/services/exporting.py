"""What a person was told, and how they want to be told, for their export."""

from collections.abc import Iterable

from django.db.models import Q

from accounts.models import User
from accounts.services.exporting import CHUNK, Part, Row

from ..models import Message, Notification, Preference
from .erasing import messages_to


def _messages(user: User) -> Iterable[Row]:
    """Return what was sent to their address before they had an account, too."""
    as_guest = [message.pk for message in messages_to(user.own_address)]
    mine = Q(user=user) | Q(pk__in=as_guest)
    rows = Message.objects.filter(mine).order_by("created_at", "pk")
    columns = ("kind", "channel", "recipient", "status", "created_at", "sent_at")
    return rows.values(*columns).iterator(CHUNK)


def _notifications(user: User) -> Iterable[Row]:
    rows = Notification.objects.owned_by(user).order_by("created_at", "pk")
    return rows.values("kind", "title", "body", "read_at", "created_at").iterator(CHUNK)


def _preferences(user: User) -> Iterable[Row]:
    rows = Preference.objects.filter(user=user).order_by("topic")
    return rows.values("topic", "email", "in_app", "sms").iterator(CHUNK)


PARTS: dict[str, Part] = {
    "messages": _messages,
    "notifications": _notifications,
    "notification_preferences": _preferences,
}
