"""Webhooks on their way: once an event and endpoint, tried for a day, one at a time."""

from datetime import timedelta
from threading import Event

import pytest
from django.core import mail
from django.utils import timezone

from notifications.errors import EndpointOff
from notifications.models import (
    DeliveryState,
    EventRecord,
    Message,
    WebhookDelivery,
    WebhookEndpoint,
)
from notifications.services import deliveries
from notifications.services.deliveries import TRIED_FOR, deliver_due, send_test
from notifications.services.endpoints import rotate_secret, secret_of
from notifications.services.feed import number_events
from notifications.services.outbox import PAUSES
from notifications.services.replaying import redeliver, replay
from notifications.services.sending import sign
from notifications.tasks import deliver_pending, publish_events
from tests.accounts.factories import make_staff, make_user
from tests.concurrency.races import run_together

from .factories import Receiver, make_endpoint, make_event

pytestmark = pytest.mark.django_db(transaction=True)


def deliver(receiver, count=1):
    """Have an endpoint, and send it so many events; the deliveries, oldest first."""
    endpoint = make_endpoint(receiver.url)
    for number in range(1, count + 1):
        make_event(id=number)
    publish_events()
    return list(endpoint.deliveries.order_by("event"))


def make_due():
    WebhookEndpoint.objects.update(paused_until=None)
    WebhookDelivery.objects.update(next_attempt_at=timezone.now())


def again(delivery):
    make_due()
    deliver_due()
    delivery.refresh_from_db()


def test_a_webhook_carries_the_event_as_the_feed_shows_it(receiver):
    (delivery,) = deliver(receiver)
    event = EventRecord.objects.get()
    assert receiver.events == [event.payload]
    _, headers, body = receiver.calls[0]
    moment = headers["X-Storefront-Signature"].partition(",")[0].removeprefix("t=")
    secret = secret_of(delivery.endpoint)
    assert headers["X-Storefront-Signature"] == sign(secret, body, int(moment))
    assert headers["X-Storefront-Delivery"] == str(delivery.pk)
    assert (delivery.status, delivery.attempts) == (DeliveryState.DELIVERED, 1)
    assert (delivery.response_status, delivery.response) == (200, "thanks")
    assert delivery.latency_ms is not None


def test_an_endpoint_gets_what_it_asks_for_alone(receiver):
    make_endpoint(receiver.url, events=["order.paid", "stock.low"])
    for event_type in ("order.created", "order.paid", "product.updated", "stock.low"):
        make_event(event_type)
    publish_events()
    assert sorted(event["type"] for event in receiver.events) == ["order.paid", "stock.low"]


def test_what_was_delivered_is_not_sent_again(receiver):
    deliver(receiver)
    make_due()
    publish_events()
    assert len(receiver.calls) == 1


def test_a_failure_waits_before_the_next_try(receiver):
    receiver.status = 500
    before = timezone.now()
    (delivery,) = deliver(receiver)
    assert (delivery.status, delivery.attempts) == (DeliveryState.PENDING, 1)
    assert delivery.next_attempt_at >= before + PAUSES[0]
    assert (delivery.response_status, delivery.error) == (500, "The answer was 500.")
    assert delivery.leased_until is None
    deliver_due()
    assert len(receiver.calls) == 1
    receiver.status = 200
    again(delivery)
    assert delivery.status == DeliveryState.DELIVERED
    assert receiver.calls[0][2] == receiver.calls[1][2]


def test_a_receiver_that_asks_to_wait_is_given_the_time(receiver):
    receiver.status, receiver.headers = 503, {"Retry-After": "7200"}
    before = timezone.now()
    (delivery,) = deliver(receiver)
    assert delivery.next_attempt_at >= before + timedelta(hours=2)


def test_a_receiver_that_asks_to_wait_is_left_alone_with_whatever_it_is(receiver):
    receiver.status, receiver.headers = 429, {"Retry-After": "600"}
    (first,) = deliver(receiver)
    receiver.status = 200
    make_event()
    publish_events()
    assert len(receiver.calls) == 1
    WebhookEndpoint.objects.update(paused_until=timezone.now())  # the time is over
    publish_events()
    assert len(receiver.calls) == 2
    assert first.endpoint.deliveries.filter(status=DeliveryState.DELIVERED).count() == 1


def test_whoever_sends_again_by_hand_does_not_wait_for_the_receiver(receiver):
    receiver.status, receiver.headers = 429, {"Retry-After": "600"}
    (delivery,) = deliver(receiver)
    receiver.status = 200
    redeliver(delivery_id=delivery.pk)
    deliver_due()
    delivery.refresh_from_db()
    assert (delivery.status, len(receiver.calls)) == (DeliveryState.DELIVERED, 2)


def test_nobody_is_given_more_than_six_hours(receiver):
    receiver.status, receiver.headers = 503, {"Retry-After": "999999"}
    (delivery,) = deliver(receiver)
    assert delivery.next_attempt_at <= timezone.now() + timedelta(hours=6)


def test_a_webhook_is_given_up_after_a_day(receiver):
    receiver.status = 500
    (delivery,) = deliver(receiver)
    for _ in range(9):
        again(delivery)
    assert (delivery.status, delivery.attempts) == (DeliveryState.GIVEN_UP, 10)
    again(delivery)
    assert len(receiver.calls) == 10


def test_no_try_comes_when_the_day_is_over(receiver):
    receiver.status, receiver.headers = 503, {"Retry-After": "3600"}
    (delivery,) = deliver(receiver)
    WebhookDelivery.objects.update(give_up_at=timezone.now() + timedelta(minutes=50))
    again(delivery)
    assert (delivery.status, delivery.attempts) == (DeliveryState.GIVEN_UP, 2)


def test_an_endpoint_that_accepts_nothing_for_a_day_is_switched_off_and_staff_are_told(receiver):
    boss = make_staff(email="boss@example.com")
    make_user(email="clerk@example.com", is_staff=True)
    receiver.status = 500
    (delivery,) = deliver(receiver)
    endpoint = delivery.endpoint
    assert endpoint.is_active
    WebhookEndpoint.objects.update(failing_since=timezone.now() - timedelta(hours=24))
    again(delivery)
    endpoint.refresh_from_db()
    assert not endpoint.is_active
    assert endpoint.switched_off_at is not None
    message = Message.objects.get(kind="webhook_switched_off")
    assert message.user == boss
    deliver_pending()
    (sent,) = [each for each in mail.outbox if each.to == ["boss@example.com"]]
    assert receiver.url in sent.body
    assert f"/admin/notifications/webhookendpoint/{endpoint.pk}/change/" in sent.body
    again(delivery)
    assert len(receiver.calls) == 2


def test_a_success_ends_the_time_of_failing(receiver):
    receiver.status = 500
    (delivery,) = deliver(receiver)
    assert WebhookEndpoint.objects.get().failing_since is not None
    receiver.status = 200
    again(delivery)
    assert WebhookEndpoint.objects.get().failing_since is None


def test_an_endpoint_that_fails_is_tried_one_at_a_time(receiver):
    make_endpoint(receiver.url, failing_since=timezone.now())
    for _ in range(3):
        make_event()
    number_events()
    assert len(deliveries._claim_due(room=32)) == 1
    assert deliveries._claim_due(room=32) == []


def test_an_endpoint_gets_a_few_at_once_and_the_sweep_no_more_than_it_has_room_for(receiver):
    for _ in range(3):
        make_endpoint(receiver.url)
    for _ in range(9):
        make_event()
    number_events()
    assert len(deliveries._claim_due(room=5)) == 5
    assert len(deliveries._claim_due(room=32)) == 7


def test_a_slow_endpoint_does_not_hold_up_another(receiver, settings):
    slow, is_over, quick_is_done = Receiver(), Event(), Event()
    settings.WEBHOOK_ALLOWED_HOSTS += [f"127.0.0.1:{slow.port}"]
    slow.act = lambda handler: is_over.wait(20)
    make_endpoint(slow.url)
    make_endpoint(receiver.url)
    for _ in range(12):
        make_event()

    def watch():
        while len(receiver.calls) < 12 and not quick_is_done.wait(0.02):
            pass
        is_over.set()
        return len(receiver.calls)

    try:
        got, _ = run_together(watch, publish_events)
    finally:
        quick_is_done.set()
        slow.stop()
    assert got == 12
    assert len(slow.calls) <= 4 + 1


def test_six_sweeps_at_once_send_each_webhook_once(receiver):
    make_endpoint(receiver.url)
    for number in range(20):
        make_event(id=number)
    number_events()
    run_together(*[deliver_due] * 6)
    assert sorted(event["data"]["id"] for event in receiver.events) == list(range(20))
    assert not WebhookDelivery.objects.exclude(status=DeliveryState.DELIVERED).exists()


def test_control_without_the_claim_webhooks_are_sent_more_than_once(receiver, monkeypatch):
    monkeypatch.setattr(
        deliveries,
        "_claim",
        lambda pk, now: WebhookDelivery.objects.select_related("endpoint", "event").get(pk=pk),
    )
    receiver.pause = 0.2
    make_endpoint(receiver.url)
    make_event()
    number_events()
    run_together(*[deliver_due] * 4)
    assert len(receiver.calls) > 1


def test_a_webhook_whose_sender_died_is_sent_when_its_lease_is_over(receiver):
    make_endpoint(receiver.url)
    make_event()
    number_events()
    (claimed,) = deliveries._claim_due(room=32)
    deliver_due()
    assert receiver.calls == []
    WebhookDelivery.objects.update(leased_until=timezone.now() - timedelta(seconds=1))
    deliver_due()
    claimed.refresh_from_db()
    assert (claimed.status, claimed.attempts) == (DeliveryState.DELIVERED, 2)


def test_a_try_that_fails_late_leaves_a_delivered_webhook_delivered(receiver):
    (delivery,) = deliver(receiver)
    late = deliveries.Outcome(False, 1, error="late")
    deliveries._record(delivery, late)
    delivery.refresh_from_db()
    assert (delivery.status, delivery.error) == (DeliveryState.DELIVERED, "")


def test_an_endpoint_that_is_off_gets_nothing_and_can_be_sent_later_what_it_missed(receiver):
    endpoint = make_endpoint(receiver.url, events=["order.paid"], is_active=False)
    make_event("order.paid", id=1)
    make_event("order.shipped", id=2)
    publish_events()
    assert not endpoint.deliveries.exists()
    now = timezone.now()
    with pytest.raises(EndpointOff):
        replay(endpoint_id=endpoint.pk, since=now - timedelta(hours=1), until=now)
    WebhookEndpoint.objects.update(is_active=True)
    assert replay(endpoint_id=endpoint.pk, since=now - timedelta(hours=1), until=now) == 1
    deliver_due()
    assert [event["data"]["id"] for event in receiver.events] == [1]
    assert replay(endpoint_id=endpoint.pk, since=now, until=now + timedelta(hours=1)) == 0


def test_a_time_is_sent_again(receiver):
    deliver(receiver, count=3)
    now = timezone.now()
    endpoint = WebhookEndpoint.objects.get()
    assert replay(endpoint_id=endpoint.pk, since=now - timedelta(hours=1), until=now) == 3
    deliver_due()
    assert len(receiver.calls) == 6
    assert endpoint.deliveries.count() == 3


def test_one_webhook_is_sent_again_with_a_new_day(receiver):
    receiver.status = 500
    (delivery,) = deliver(receiver)
    WebhookDelivery.objects.update(status=DeliveryState.GIVEN_UP, attempts=10)
    before = timezone.now()
    delivery = redeliver(delivery_id=delivery.pk)
    assert (delivery.status, delivery.attempts) == (DeliveryState.PENDING, 0)
    assert delivery.give_up_at >= before + TRIED_FOR
    receiver.status = 200
    again(delivery)
    assert (delivery.status, delivery.attempts) == (DeliveryState.DELIVERED, 1)


def test_one_webhook_of_an_endpoint_that_is_off_is_not_sent_again(receiver):
    (delivery,) = deliver(receiver)
    WebhookEndpoint.objects.update(is_active=False)
    with pytest.raises(EndpointOff):
        redeliver(delivery_id=delivery.pk)
    delivery.refresh_from_db()
    assert delivery.status == DeliveryState.DELIVERED


def test_another_secret_signs_from_the_next_try_on(receiver):
    (delivery,) = deliver(receiver)
    old = secret_of(delivery.endpoint)
    endpoint = rotate_secret(endpoint_id=delivery.endpoint_id)
    new = secret_of(endpoint)
    assert old != new
    assert old not in str(vars(delivery.endpoint))
    redeliver(delivery_id=delivery.pk)
    deliver_due()
    _, headers, body = receiver.calls[1]
    moment = headers["X-Storefront-Signature"].partition(",")[0].removeprefix("t=")
    assert headers["X-Storefront-Signature"] == sign(new, body, int(moment))


def test_a_test_is_signed_and_leaves_no_event(receiver):
    endpoint = make_endpoint(receiver.url)
    assert send_test(endpoint=endpoint).is_accepted
    assert [event["type"] for event in receiver.events] == ["ping"]
    assert not EventRecord.objects.exists()
    assert not WebhookDelivery.objects.exists()


def test_an_endpoint_and_its_log_can_go_while_it_is_sent_to(receiver):
    (delivery,) = deliver(receiver)
    WebhookEndpoint.objects.get().delete()
    deliveries._record(delivery, deliveries.Outcome(False, 1, error="late"))
    assert not WebhookDelivery.objects.exists()
