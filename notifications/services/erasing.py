"""Messages of people who are erased, and messages that are old."""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from config.bulk import delete_rows
from orders.models import Order

from ..models import EventRecord, EventType, Message, MessageState, WebhookDelivery

_BATCH = 500


@transaction.atomic
def erase_messages(*, user_id: UUID, email: str) -> None:
    """Delete a person's messages, but for those about orders that are still under way."""
    messages = Message.objects.filter(user=user_id)
    under_way = Order.objects.filter(user=user_id, erased_at=None).values_list("pk", flat=True)
    about_them = messages.filter(data__order_id__in=[str(pk) for pk in under_way])
    messages.exclude(pk__in=list(about_them.values_list("pk", flat=True))).delete()
    if email:
        erase_messages_to(email=email)


@transaction.atomic
def erase_messages_to(*, email: str) -> int:
    """Delete the messages to an address of nobody's account; return how many.

    Those about orders that are still under way go with the orders.
    """
    exact = messages_to(email)
    named = [row.data["order_id"] for row in exact if "order_id" in row.data]
    orders = Order.objects.filter(pk__in=named, erased_at=None)
    under_way = {str(pk) for pk in orders.values_list("pk", flat=True)}
    gone = [row.pk for row in exact if row.data.get("order_id") not in under_way]
    return Message.objects.filter(pk__in=gone).delete()[0]


def messages_to(email: str) -> list[Message]:
    """Return the messages to an address, in small letters, of nobody's account."""
    if not email:
        return []
    found = Message.objects.filter(recipient__iexact=email, user=None)
    # MariaDB finds "zoë" for "zoe", too.
    return [row for row in found.only("recipient", "data") if row.recipient.lower() == email]


@transaction.atomic
def erase_messages_about(*, order_ids: Sequence[UUID]) -> None:
    """Delete the messages about erased orders, and what leads to their parcels."""
    ids = [str(pk) for pk in order_ids]
    Message.objects.filter(data__order_id__in=ids).delete()
    events = list(EventRecord.objects.filter(type=EventType.SHIPMENT_SENT, data__order__in=ids))
    for event in events:
        event.data["tracking_number"] = ""
    EventRecord.objects.bulk_update(events, ["data"], batch_size=_BATCH)
    # Receivers may answer with what they got.
    WebhookDelivery.objects.filter(event__in=events).update(response="")


def delete_old_messages() -> int:
    """Delete what was sent or given up MESSAGE_RETENTION_DAYS ago, 0 being never."""
    if not settings.MESSAGE_RETENTION_DAYS:
        return 0
    kept_from = timezone.now() - timedelta(days=settings.MESSAGE_RETENTION_DAYS)
    old = Message.objects.exclude(status=MessageState.PENDING).filter(created_at__lt=kept_from)
    return delete_rows(old.order_by("created_at"), batch=_BATCH)
