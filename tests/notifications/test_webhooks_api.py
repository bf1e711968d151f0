"""Webhook endpoints over HTTP."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from notifications.models import DeliveryState, Message, WebhookDelivery, WebhookEndpoint
from notifications.services.endpoints import secret_of, switch_off
from notifications.services.feed import number_events
from tests.accounts.factories import make_staff

from .factories import make_endpoint, make_event

pytestmark = pytest.mark.django_db
ENDPOINTS = "/api/v1/webhook-endpoints/"
URL = "https://93.184.215.14/in"


@pytest.fixture
def staff(api):
    api.force_authenticate(make_staff())
    return api


def address(endpoint, *words):
    return "".join([ENDPOINTS, *(f"{word}/" for word in (endpoint.pk, *words))])


def make_delivery():
    endpoint = make_endpoint()
    make_event("order.paid")
    number_events()
    return endpoint.deliveries.select_related("event").get()


def test_an_endpoint_is_made_and_its_secret_shown_once(staff):
    answer = staff.post(ENDPOINTS, {"url": URL, "events": ["stock.low", "order.paid"]})
    assert answer.status_code == 201, answer.content
    endpoint = WebhookEndpoint.objects.get()
    body = answer.json()
    assert body.pop("secret") == secret_of(endpoint)
    assert answer["Location"].endswith(address(endpoint))
    assert body == staff.get(address(endpoint)).json()
    assert body["url"] == URL
    assert body["events"] == ["order.paid", "stock.low"]
    assert body["is_active"] is True
    assert set(body) == {
        "id",
        "url",
        "events",
        "is_active",
        "failing_since",
        "switched_off_at",
        "created_at",
        "updated_at",
    }


@pytest.mark.parametrize(
    ("fields", "named"),
    [
        ({"url": "http://127.0.0.1/"}, "url"),
        ({"url": "http://localhost/"}, "url"),
        ({"url": "https://10.0.0.1/in"}, "url"),
        ({"url": "ftp://93.184.215.14/"}, "url"),
        ({"url": "https://me:you@93.184.215.14/"}, "url"),
        ({"url": "https://93.184.215.14/" + "a" * 500}, "url"),
        ({"url": None}, "url"),
        ({"url": ["https://93.184.215.14/"]}, "url"),
        ({"events": []}, "events"),
        ({"events": ["order.exploded"]}, "events"),
        ({"events": "order.paid"}, "events"),
        ({"events": [["order.paid"]]}, "events"),
        ({"events": [{}]}, "events"),
        ({"events": ["order.paid"] * 100}, "events"),
        ({"events": None}, "events"),
        ({"is_active": "perhaps"}, "is_active"),
    ],
)
def test_what_no_webhook_could_use_is_refused(staff, fields, named):
    body = {"url": URL, "events": ["order.paid"]} | fields
    answer = staff.post(ENDPOINTS, body)
    assert answer.status_code == 400, answer.content
    assert answer.json()["code"] == "validation_error"
    assert list(answer.json()["details"]) == [named]
    assert not WebhookEndpoint.objects.exists()


def test_a_change_to_a_private_address_changes_nothing(staff):
    endpoint = make_endpoint()
    answer = staff.patch(address(endpoint), {"url": "http://[::1]/", "is_active": False})
    assert answer.status_code == 400
    endpoint.refresh_from_db()
    assert (endpoint.url, endpoint.is_active) == ("https://hooks.example.com/in", True)


def test_an_endpoint_that_was_switched_off_starts_afresh(staff):
    now = timezone.now()
    endpoint = make_endpoint(is_active=False, failing_since=now, switched_off_at=now)
    answer = staff.patch(address(endpoint), {"is_active": True})
    assert answer.status_code == 200
    assert answer.json()["is_active"] is True
    assert answer.json()["failing_since"] is None
    assert answer.json()["switched_off_at"] is None
    assert answer.json()["events"] == endpoint.events
    assert "secret" not in answer.json()


def test_an_endpoint_is_replaced_and_deleted_with_its_log(staff):
    delivery = make_delivery()
    endpoint = delivery.endpoint
    answer = staff.put(address(endpoint), {"url": URL, "events": ["order.created"]})
    assert (answer.json()["url"], answer.json()["events"]) == (URL, ["order.created"])
    assert staff.delete(address(endpoint)).status_code == 204
    assert not WebhookDelivery.objects.exists()


def test_another_secret_is_shown_once(staff):
    endpoint = make_endpoint()
    old = secret_of(endpoint)
    answer = staff.post(address(endpoint, "rotate-secret"))
    assert answer.status_code == 200
    assert answer["Cache-Control"] == "no-store"
    endpoint.refresh_from_db()
    assert answer.json()["secret"] == secret_of(endpoint) != old


def test_the_log_shows_each_delivery(staff):
    delivery = make_delivery()
    page = staff.get(address(delivery.endpoint, "deliveries")).json()
    assert page["count"] == 1
    (row,) = page["results"]
    assert row.pop("created_at")
    assert row.pop("next_attempt_at")
    assert row == {
        "id": str(delivery.pk),
        "event": {"id": str(delivery.event.event_id), "type": "order.paid"},
        "status": "pending",
        "attempts": 0,
        "response_status": None,
        "response": "",
        "latency_ms": None,
        "error": "",
        "delivered_at": None,
    }
    other = make_endpoint()
    assert staff.get(address(other, "deliveries")).json()["count"] == 0
    filtered = staff.get(address(delivery.endpoint, "deliveries"), {"status": "delivered"})
    assert filtered.json()["count"] == 0
    wrong = staff.get(address(delivery.endpoint, "deliveries"), {"status": "lost"})
    assert wrong.status_code == 400


def test_the_log_costs_the_same_however_long_it_is(staff, django_assert_num_queries):
    endpoint = make_endpoint()
    for _ in range(5):
        make_event()
    number_events()
    with django_assert_num_queries(3):  # the endpoint, the count, the page
        staff.get(address(endpoint, "deliveries"))


def test_a_delivery_is_sent_again(staff):
    delivery = make_delivery()
    WebhookDelivery.objects.update(status=DeliveryState.DELIVERED, attempts=3)
    answer = staff.post(address(delivery.endpoint, "deliveries", delivery.pk, "redeliver"))
    assert answer.status_code == 200
    assert (answer.json()["status"], answer.json()["attempts"]) == ("pending", 0)


def test_a_delivery_of_an_endpoint_that_is_off_is_a_conflict(staff):
    delivery = make_delivery()
    WebhookEndpoint.objects.update(is_active=False)
    answer = staff.post(address(delivery.endpoint, "deliveries", delivery.pk, "redeliver"))
    assert answer.status_code == 409
    assert answer.json()["code"] == "conflict"


def test_a_delivery_is_found_below_its_own_endpoint_alone(staff):
    delivery = make_delivery()
    other = make_endpoint()
    assert (
        staff.post(address(other, "deliveries", delivery.pk, "redeliver")).status_code
        == staff.post(address(other, "deliveries", uuid4(), "redeliver")).status_code
        == staff.get(f"{ENDPOINTS}{uuid4()}/").status_code
        == staff.get(f"{ENDPOINTS}{uuid4()}/deliveries/").status_code
        == staff.patch(f"{ENDPOINTS}{uuid4()}/", {"is_active": True}).status_code
        == staff.get(f"{ENDPOINTS}nonsense/").status_code
        == 404
    )


def test_telling_staff_of_a_dead_endpoint_costs_the_same_however_many_they_are():
    counts = []
    for _ in range(2):
        for _ in range(3):
            make_staff()
        endpoint = make_endpoint(failing_since=timezone.now() - timedelta(days=1))
        with CaptureQueriesContext(connection) as queries:
            assert switch_off(endpoint_id=endpoint.pk, failing_before=timezone.now())
        counts.append(len(queries))
    assert counts[0] == counts[1]
    assert Message.objects.filter(kind="webhook_switched_off").count() == 3 + 6
