"""The staff screens of events, endpoints and what was sent."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import Permission
from django.utils import timezone

from notifications.models import DeliveryState, WebhookDelivery, WebhookEndpoint
from notifications.services.endpoints import secret_of
from notifications.services.feed import number_events
from tests.accounts.factories import make_staff, make_user

from .factories import make_endpoint, make_event

pytestmark = pytest.mark.django_db

ENDPOINTS = "/admin/notifications/webhookendpoint/"
LOG = "/admin/notifications/webhookdelivery/"
EVENTS = "/admin/notifications/eventrecord/"
SENT = {"_form_submitted": "on"}


@pytest.fixture
def staff(client):
    client.force_login(make_staff())
    return client


def text_of(answer):
    assert answer.status_code == 200
    return answer.content.decode()


def told(client, address):
    return [str(message) for message in client.get(address).context["messages"]]


def make_delivery(url="https://hooks.example.com/in"):
    endpoint = make_endpoint(url)
    make_event("order.paid", number="ORD-1")
    number_events()
    return endpoint.deliveries.get()


def test_an_endpoint_is_added_and_its_secret_shown_once(staff):
    form = {"url": "https://93.184.215.14/in", "events": ["order.paid"], "is_active": "on"}
    answer = staff.post(f"{ENDPOINTS}add/", form)
    assert answer.status_code == 302
    endpoint = WebhookEndpoint.objects.get()
    assert (endpoint.url, endpoint.events, endpoint.is_active) == (
        "https://93.184.215.14/in",
        ["order.paid"],
        True,
    )
    assert secret_of(endpoint) in text_of(staff.get(ENDPOINTS))
    page = text_of(staff.get(f"{ENDPOINTS}{endpoint.pk}/change/"))
    assert secret_of(endpoint) not in page
    assert endpoint.secret_seed not in page


def test_a_private_address_is_refused(staff):
    form = {"url": "http://127.0.0.1/", "events": ["order.paid"], "is_active": "on"}
    assert "ports" not in text_of(staff.post(f"{ENDPOINTS}add/", form))
    assert "private address" in text_of(staff.post(f"{ENDPOINTS}add/", form))
    assert not WebhookEndpoint.objects.exists()


def test_an_endpoint_is_changed(staff):
    now = timezone.now()
    endpoint = make_endpoint(
        "https://93.184.215.14/in", is_active=False, failing_since=now, switched_off_at=now
    )
    assert "Switched off" in text_of(staff.get(ENDPOINTS))
    form = {"url": endpoint.url, "events": ["stock.low"], "is_active": "on"}
    assert staff.post(f"{ENDPOINTS}{endpoint.pk}/change/", form).status_code == 302
    endpoint.refresh_from_db()
    assert (endpoint.events, endpoint.is_active) == (["stock.low"], True)
    assert (endpoint.failing_since, endpoint.switched_off_at) == (None, None)


def test_a_test_is_sent(staff, receiver):
    endpoint = make_endpoint(receiver.url)
    assert "A signed event" in text_of(staff.get(f"{ENDPOINTS}{endpoint.pk}/test/"))
    assert receiver.calls == []
    answer = staff.post(f"{ENDPOINTS}{endpoint.pk}/test/", SENT)
    assert answer["HX-Redirect"] == f"{ENDPOINTS}{endpoint.pk}/change/"
    assert [event["type"] for event in receiver.events] == ["ping"]
    (message,) = told(staff, answer["HX-Redirect"])
    assert message.startswith("Accepted with 200")
    receiver.status = 500
    staff.post(f"{ENDPOINTS}{endpoint.pk}/test/", SENT)
    (message,) = told(staff, answer["HX-Redirect"])
    assert message.startswith("Not accepted: The answer was 500.")


def test_another_secret_is_shown_once(staff):
    endpoint = make_endpoint()
    old = secret_of(endpoint)
    answer = staff.post(f"{ENDPOINTS}{endpoint.pk}/secret/", SENT)
    endpoint.refresh_from_db()
    (message,) = told(staff, answer["HX-Redirect"])
    assert secret_of(endpoint) in message
    assert old not in message


def test_the_events_of_a_time_are_sent_again(staff):
    delivery = make_delivery()
    WebhookDelivery.objects.update(status=DeliveryState.DELIVERED)
    now = timezone.localtime()
    hour = timedelta(hours=1)
    form = SENT | {
        "since": (now - hour).strftime("%Y-%m-%dT%H:%M"),
        "until": (now + hour).strftime("%Y-%m-%dT%H:%M"),
    }
    address = f"{ENDPOINTS}{delivery.endpoint_id}/replay/"
    assert "Send again" in text_of(staff.get(address))
    answer = staff.post(address, form)
    assert told(staff, answer["HX-Redirect"]) == [
        "Events queued: 1. A worker sends them in a moment."
    ]
    delivery.refresh_from_db()
    assert delivery.status == DeliveryState.PENDING


def test_the_log_shows_what_was_sent_and_sends_it_again(staff):
    delivery = make_delivery()
    WebhookDelivery.objects.update(
        status=DeliveryState.GIVEN_UP, response_status=500, response="<b>oops", error="Broken."
    )
    page = text_of(staff.get(LOG))
    assert "order.paid" in page
    assert "Broken." in page
    assert "&lt;b&gt;oops" in text_of(staff.get(f"{LOG}{delivery.pk}/change/"))
    staff.post(LOG, {"action": "send_again", "_selected_action": [delivery.pk]})
    delivery.refresh_from_db()
    assert delivery.status == DeliveryState.PENDING


def test_the_list_of_events_shows_their_data(staff):
    delivery = make_delivery()
    assert "ORD-1" in text_of(staff.get(EVENTS))
    assert "ORD-1" in text_of(staff.get(f"{EVENTS}{delivery.event_id}/change/"))
    assert "ORD-1" in text_of(staff.get(EVENTS, {"q": "ORD-1"}))


def test_the_log_costs_the_same_however_long_it_is(staff, django_assert_max_num_queries):
    make_delivery()
    make_endpoint()
    for _ in range(5):
        make_event()
    number_events()
    with django_assert_max_num_queries(14):
        staff.get(LOG)


def test_who_may_only_look_can_do_nothing(client, receiver):
    endpoint = make_endpoint(receiver.url)
    person = make_user(is_staff=True)
    person.user_permissions.set(Permission.objects.filter(codename="view_webhookendpoint"))
    client.force_login(person)
    text_of(client.get(f"{ENDPOINTS}{endpoint.pk}/change/"))
    for words in ("test", "secret", "replay"):
        assert client.post(f"{ENDPOINTS}{endpoint.pk}/{words}/", SENT).status_code == 403
    assert receiver.calls == []
    assert client.get(LOG).status_code == 403
