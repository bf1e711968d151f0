"""What gateways sent is not kept for ever, and what was emptied is not handled again."""

from datetime import timedelta

import pytest
from django.utils import timezone

from payments.errors import EventRefused
from payments.models import GatewayEvent
from payments.services import erasing
from payments.services.erasing import empty_old_events
from payments.services.events import handle_again, queue_again
from payments.tasks import empty_old_events as task
from tests.accounts.factories import make_staff

pytestmark = pytest.mark.django_db


def make_event(days, status="handled", **fields):
    event = GatewayEvent.objects.create(
        gateway="razorpay", event_id=f"evt_{days}_{status}", body="{}", status=status, **fields
    )
    GatewayEvent.objects.update(received_at=timezone.now() - timedelta(days=days))
    return event


@pytest.fixture
def events(settings):
    """By what becomes of them: days before now, and state."""
    settings.GATEWAY_EVENT_RETENTION_DAYS = 30
    refused = {"signature": "invalid"}
    made = {
        "old": make_event(31, error="An old text"),
        "young": make_event(29),
        "waits": make_event(31, "received"),
        "failed": make_event(31, "failed"),
        "refused": make_event(31, "refused", **refused),
    }
    for name, event in made.items():
        days = 29 if name == "young" else 31
        moment = timezone.now() - timedelta(days=days)
        GatewayEvent.objects.filter(pk=event.pk).update(received_at=moment)
    return made


def bodies(events):
    return {name: GatewayEvent.objects.get(pk=event.pk).body for name, event in events.items()}


def test_what_was_handled_long_ago_is_emptied_and_nothing_else(events):
    assert empty_old_events() == 1
    assert bodies(events) == dict.fromkeys(events, "{}") | {"old": ""}
    assert GatewayEvent.objects.get(pk=events["old"].pk).error == ""
    assert empty_old_events() == 0


def test_more_events_than_a_batch_are_emptied(events, monkeypatch):
    monkeypatch.setattr(erasing, "_BATCH", 1)
    GatewayEvent.objects.exclude(status="refused").update(status="handled")
    assert empty_old_events() == 3


def test_with_zero_days_events_are_kept_for_ever(events, settings):
    settings.GATEWAY_EVENT_RETENTION_DAYS = 0
    task()
    assert set(bodies(events).values()) == {"{}"}


def test_what_was_emptied_is_not_handled_again(events, client):
    old = events["old"]
    empty_old_events()
    assert queue_again(event_ids=[old.pk]) == 0
    with pytest.raises(EventRefused):
        handle_again(event_id=old.pk)
    client.force_login(make_staff())
    page = f"/admin/payments/gatewayevent/{old.pk}/"
    assert client.get(f"{page}change/").status_code == 200
    assert client.post(f"{page}handle/", {"_form_submitted": "on"}).status_code == 403
    old.refresh_from_db()
    assert (old.status, old.attempts) == ("handled", 0)
