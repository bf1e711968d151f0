"""What messages a person was sent, for their export."""

from collections.abc import Iterable

from accounts.models import User
from accounts.services.exporting import CHUNK, Part, Row

from ..models import Message


def _messages(user: User) -> Iterable[Row]:
    rows = Message.objects.filter(user=user).order_by("created_at", "pk")
    return rows.values("kind", "channel", "recipient", "status", "created_at", "sent_at").iterator(
        CHUNK
    )


PARTS: dict[str, Part] = {"messages": _messages}
