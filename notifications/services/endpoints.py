"""Addresses of integrators: kept by staff, given up by the shop when nothing is accepted."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.crypto import get_random_string, salted_hmac

from accounts.services.auditing import audited, track
from config.errors import InvalidInput, NotFound
from config.transactions import retried

from ..errors import AddressRefused
from ..models import EventType, Message, WebhookEndpoint
from .addresses import check_url
from .mails import readers_of
from .outbox import queue_all


def secret_of(endpoint: WebhookEndpoint) -> str:
    """Return what signs the webhooks of an endpoint: derived, never stored."""
    text = f"{endpoint.pk}:{endpoint.secret_seed}"
    return f"whsec_{salted_hmac('notifications.webhook', text, algorithm='sha256').hexdigest()}"


def create_endpoint(*, url: str, events: Iterable[str], is_active: bool = True) -> WebhookEndpoint:
    """Add an address, or raise InvalidInput where webhooks may not go there."""
    _refuse_url(url)
    endpoint = WebhookEndpoint(
        url=url, events=_in_order(events), is_active=is_active, secret_seed=_new_seed()
    )
    _insert(endpoint)
    return endpoint


def update_endpoint(*, endpoint_id: UUID, fields: dict[str, Any]) -> WebhookEndpoint:
    """Change what `fields` names; an endpoint that is switched on again starts afresh."""
    if "url" in fields:
        _refuse_url(fields["url"])  # looks names up, so before any lock
    return _change(endpoint_id, fields)


@retried
@transaction.atomic
@audited()
def rotate_secret(*, endpoint_id: UUID) -> WebhookEndpoint:
    """Give an endpoint another secret, which signs from the next try on."""
    endpoint = _lock(endpoint_id)
    track(endpoint, "secret_rotated").secret_seed = _new_seed()
    endpoint.save(update_fields=["secret_seed", "updated_at"])
    return endpoint


@retried
@transaction.atomic
@audited()
def delete_endpoint(*, endpoint_id: UUID) -> None:
    """Delete an endpoint and its log."""
    _lock(endpoint_id).delete()


@retried
@transaction.atomic
def switch_off(*, endpoint_id: UUID, failing_before: datetime) -> bool:
    """Give up an endpoint that accepts nothing since a moment, and tell staff, once."""
    rows = WebhookEndpoint.objects.filter(
        pk=endpoint_id, is_active=True, failing_since__lte=failing_before
    )
    if not rows.update(is_active=False, switched_off_at=timezone.now()):
        return False
    _tell_staff(WebhookEndpoint.objects.get(pk=endpoint_id))
    return True


@retried
@transaction.atomic
@audited()
def _change(endpoint_id: UUID, fields: dict[str, Any]) -> WebhookEndpoint:
    endpoint = _lock(endpoint_id)
    if fields.get("is_active") and not endpoint.is_active:
        endpoint.failing_since = endpoint.switched_off_at = endpoint.paused_until = None
    endpoint.url = fields.get("url", endpoint.url)
    endpoint.events = _in_order(fields.get("events", endpoint.events))
    endpoint.is_active = fields.get("is_active", endpoint.is_active)
    endpoint.save()
    return endpoint


@transaction.atomic
@audited()
def _insert(endpoint: WebhookEndpoint) -> None:
    track(endpoint).save(force_insert=True)


def _lock(endpoint_id: UUID) -> WebhookEndpoint:
    endpoint = WebhookEndpoint.objects.select_for_update().filter(pk=endpoint_id).first()
    if endpoint is None:
        raise NotFound()
    return track(endpoint)


def _new_seed() -> str:
    return get_random_string(32)


def _refuse_url(url: str) -> None:
    try:
        check_url(url)
    except AddressRefused as refusal:
        raise InvalidInput(url=refusal.message)


def _in_order(events: Iterable[str]) -> list[str]:
    wanted = set(events)
    return [event for event in EventType.values if event in wanted]


def _tell_staff(endpoint: WebhookEndpoint) -> None:
    kind = "webhook_switched_off"
    queue_all(
        Message(
            kind=kind,
            cause=f"{kind}:{endpoint.pk}:{endpoint.switched_off_at:%Y%m%d%H%M%S}:{person.pk}",
            recipient=person.email or "",
            user=person,
            data={"endpoint_id": str(endpoint.pk)},
        )
        for person in readers_of(kind)
    )
