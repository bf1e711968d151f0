"""The feed over HTTP: oldest first, by cursors, for staff."""

from datetime import timedelta

import pytest
from django.db import transaction
from django.utils import timezone

from notifications.models import EventRecord, FeedHead
from notifications.services.feed import delete_old_events, number_events
from tests.accounts.factories import make_staff
from tests.orders.factories import make_placed_order

from .factories import make_endpoint, make_event

pytestmark = pytest.mark.django_db
EVENTS = "/api/v1/events/"


@pytest.fixture
def staff(api):
    api.force_authenticate(make_staff())
    return api


def read(staff, **query):
    answer = staff.get(EVENTS, query)
    assert answer.status_code == 200, answer.content
    return answer.json()


def numbers(page):
    return [event["data"]["id"] for event in page["results"]]


def test_the_feed_holds_what_happened_oldest_first(staff):
    order = make_placed_order()
    page = read(staff, type="order.created")
    (event,) = page["results"]
    record = EventRecord.objects.get(type="order.created")
    assert event == {
        "id": str(record.event_id),
        "type": "order.created",
        "created_at": record.created_at.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "data": {
            "id": str(order.pk),
            "number": order.number,
            "status": "pending",
            "payment_status": "pending",
            "total_amount": "150.00",
            "amount_paid": "0.00",
            "amount_refunded": "0.00",
            "currency": "INR",
        },
    }


def test_a_reader_goes_on_where_it_stopped(staff):
    for number in range(1, 6):
        make_event(id=number)
    first = read(staff, limit=2)
    second = read(staff, limit=2, after=first["next"])
    third = read(staff, limit=2, after=second["next"])
    assert [numbers(page) for page in (first, second, third)] == [[1, 2], [3, 4], [5]]
    nothing = read(staff, after=third["next"])
    assert nothing["results"] == []
    make_event(id=6)
    assert numbers(read(staff, after=nothing["next"])) == [6]


def test_there_is_a_cursor_before_anything_happened(staff):
    empty = read(staff)
    assert empty["results"] == []
    make_event(id=1)
    assert numbers(read(staff, after=empty["next"])) == [1]


def test_empty_parameters_are_as_none(staff):
    make_event(id=1)
    assert numbers(read(staff, after="", type="", limit="")) == [1]


def test_a_type_narrows_the_feed(staff):
    make_event("order.paid", id=1)
    make_event("order.shipped", id=2)
    make_event("order.paid", id=3)
    assert numbers(read(staff, type="order.paid")) == [1, 3]


def test_more_than_the_most_is_the_most(staff):
    EventRecord.objects.bulk_create(EventRecord(type="order.paid", data={}) for _ in range(501))
    assert len(read(staff, limit=100000)["results"]) == 500


@pytest.mark.parametrize(
    "query",
    [
        {"after": "abc"},
        {"after": "5"},
        {"after": "x" * 300},
        {"type": "order.exploded"},
        {"limit": "0"},
        {"limit": "-1"},
        {"limit": "many"},
        {"limit": "9" * 5000},
    ],
)
def test_what_does_not_parse_is_refused(staff, query):
    answer = staff.get(EVENTS, query)
    assert answer.status_code == 400
    assert answer.json()["code"] == "validation_error"
    assert list(answer.json()["details"]) == list(query)


def test_a_page_costs_the_same_however_long_it_is(staff, django_assert_num_queries):
    for _ in range(3):
        make_event()
    read(staff)
    with django_assert_num_queries(2):  # is there anything to number, the page
        read(staff)


def test_numbers_go_on_after_old_events_are_gone(settings):
    make_event()
    make_event()
    number_events()
    EventRecord.objects.update(created_at=timezone.now() - timedelta(days=91))
    assert delete_old_events() == 2
    make_event()
    number_events()
    assert list(EventRecord.objects.values_list("position", flat=True)) == [3]
    assert FeedHead.objects.get().last == 3


def test_events_are_kept_as_long_as_the_shop_says(settings):
    settings.EVENT_RETENTION_DAYS = 7
    old, young, waiting = make_event(), make_event(), make_event()
    EventRecord.objects.filter(pk=old.pk).update(
        position=1, created_at=timezone.now() - timedelta(days=8)
    )
    EventRecord.objects.filter(pk=young.pk).update(
        position=2, created_at=timezone.now() - timedelta(days=6)
    )
    delete_old_events()
    assert set(EventRecord.objects.values_list("pk", flat=True)) == {young.pk, waiting.pk}


def test_deliveries_are_written_with_the_number_or_not_at_all():
    endpoint = make_endpoint(events=["order.paid"])
    make_endpoint(events=["order.paid"], is_active=False)
    paid, _ = make_event("order.paid"), make_event("order.shipped")
    with transaction.atomic():
        number_events()
        transaction.set_rollback(True)
    assert not endpoint.deliveries.exists()
    assert EventRecord.objects.filter(position=None).count() == 2
    assert number_events() == 2
    assert number_events() == 0
    assert list(endpoint.deliveries.values_list("event", flat=True)) == [paid.pk]


def test_many_events_are_numbered_with_few_queries(django_assert_max_num_queries):
    make_endpoint()
    EventRecord.objects.bulk_create(EventRecord(type="order.paid", data={}) for _ in range(1000))
    with django_assert_max_num_queries(40):
        assert number_events() == 1000
    positions = list(EventRecord.objects.order_by("pk").values_list("position", flat=True))
    assert positions == list(range(1, 1001))
