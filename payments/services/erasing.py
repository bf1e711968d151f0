"""What payments keep of people: nothing that names them, and of what gateways sent not for ever."""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from ..models import EventState, GatewayEvent, Payment, Refund

_BATCH = 500


@transaction.atomic
def erase_payers(*, order_ids: Sequence[UUID]) -> None:
    """Keep the payments and refunds of erased orders, without texts that may name somebody."""
    Payment.objects.filter(order__in=order_ids).update(error="", checkout_url="")
    Refund.objects.filter(payment__order__in=order_ids).update(error="", reason="")
    handled = GatewayEvent.objects.filter(status=EventState.HANDLED)
    handled.filter(payment__order__in=order_ids).update(body="", error="")


def empty_old_events() -> int:
    """Empty what was handled GATEWAY_EVENT_RETENTION_DAYS ago, 0 being never; return how many."""
    if not settings.GATEWAY_EVENT_RETENTION_DAYS:
        return 0
    kept_from = timezone.now() - timedelta(days=settings.GATEWAY_EVENT_RETENTION_DAYS)
    old = GatewayEvent.objects.filter(status=EventState.HANDLED, received_at__lt=kept_from)
    full = old.exclude(body="").order_by("received_at", "pk")
    emptied = 0
    while ids := list(full.values_list("pk", flat=True)[:_BATCH]):
        emptied += old.filter(pk__in=ids).update(body="", error="")
    return emptied
