"""What comes in by webhook: stored once, however often and by whomever it is sent."""

import hashlib
from datetime import timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils import timezone

from config.transactions import retried

from ..models import EventState, GatewayEvent, Signature
from .redacting import redact

# Whoever finds the address can post to it: at most so many rows a gateway within an hour.
MOST_REFUSED = 50
MOST_REFUSED_WITHIN = timedelta(hours=1)
LONGEST_REFUSED = 4096
REFUSED_KEPT_FOR = timedelta(days=7)
_REFUSED = "refused:"
_REASONS = {
    Signature.INVALID: "A wrong webhook secret here, or a forger there.",
    Signature.MISSING: "Whoever sent this did not sign it.",
}


def store_event(*, gateway_id: str, event_id: str, body: bytes) -> GatewayEvent | None:
    """Keep a signed event, or count it and return None where it is there already.

    An event without an id, or with one that does not fit, is known by its body.
    """
    fits = 0 < len(event_id) <= 128 and event_id.isprintable()
    if not fits or event_id.startswith(_REFUSED):
        event_id = f"sha256:{hashlib.sha256(body).hexdigest()}"
    try:
        return _create(gateway_id, event_id, body)
    except IntegrityError:
        _count_delivery(gateway_id, event_id)
        return None


@retried
def note_refused(*, gateway_id: str, body: bytes, signature: Signature) -> None:
    """Keep a delivery that was refused, or count it where the same one came before.

    Its id is made of its body, and no signed event is given such an id: a forger cannot take
    the place of an event that is still to come. What comes above the limit is not kept.
    """
    event_id = f"{_REFUSED}{hashlib.sha256(body).hexdigest()}"
    told = {"signature": signature, "error": _REASONS[signature]}
    if _count_delivery(gateway_id, event_id, **told) or _is_flooded(gateway_id):
        return
    try:
        _create(gateway_id, event_id, body, status=EventState.REFUSED, **told)
    except IntegrityError:  # its twin was quicker
        _count_delivery(gateway_id, event_id, **told)


def clean_refused_events() -> int:
    """Delete what was refused and has not come again for a week; return how many."""
    old = timezone.now() - REFUSED_KEPT_FOR
    rows = GatewayEvent.objects.filter(status=EventState.REFUSED, last_received_at__lt=old)
    return rows.delete()[0]


def _create(gateway_id: str, event_id: str, body: bytes, **fields: Any) -> GatewayEvent:  # noqa: ANN401
    text = redact(body.decode(errors="replace").replace("\x00", ""))
    if fields.get("status") == EventState.REFUSED:
        text = text[:LONGEST_REFUSED]
    with transaction.atomic():
        return GatewayEvent.objects.create(
            gateway=gateway_id, event_id=event_id, body=text, **fields
        )


def _count_delivery(gateway_id: str, event_id: str, **told: Any) -> bool:  # noqa: ANN401
    """Count one more delivery of an event, and tell whether the event is there."""
    rows = GatewayEvent.objects.filter(gateway=gateway_id, event_id=event_id)
    again = F("deliveries") + 1
    return bool(rows.update(deliveries=again, last_received_at=timezone.now(), **told))


def _is_flooded(gateway_id: str) -> bool:
    """Tell whether the limit is reached; calls of one moment may pass it by their number."""
    since = timezone.now() - MOST_REFUSED_WITHIN
    rows = GatewayEvent.objects.filter(
        status=EventState.REFUSED, gateway=gateway_id, received_at__gt=since
    )
    return rows.count() >= MOST_REFUSED
