from datetime import timedelta
from uuid import uuid4

import pytest
from django.conf import settings
from django.utils import timezone

from config.errors import NotFound
from notifications.models import Notification
from notifications.services import notices
from notifications.services.notices import write_notices
from notifications.tasks import delete_old_notifications
from tests.accounts.factories import make_user

from .factories import make_notification

pytestmark = pytest.mark.django_db

URL = "/api/v1/notifications/"


@pytest.fixture
def reader(api):
    user = make_user()
    api.force_authenticate(user)
    return user


def make_many(user, count):
    return [make_notification(user) for _ in range(count)]


def test_a_notification_shows_what_the_contract_says(api, reader):
    row = make_notification(reader, data={"order": "5e0c4bd2-5d6b-4f59-a2f8-6c4b7a1a4b52"})
    make_notification(make_user())
    body = api.get(URL).json()
    assert body["count"] == 1
    assert body["results"] == [
        {
            "id": str(row.pk),
            "kind": "order_placed",
            "title": row.title,
            "body": "Thank you.",
            "data": {"order": "5e0c4bd2-5d6b-4f59-a2f8-6c4b7a1a4b52"},
            "read_at": None,
            "created_at": f"{row.created_at:%Y-%m-%dT%H:%M:%SZ}",
        }
    ]


def test_a_list_costs_two_queries_newest_first(api, reader, django_assert_num_queries):
    rows = make_many(reader, 30)
    with django_assert_num_queries(2):
        body = api.get(URL).json()
    assert [row["id"] for row in body["results"]] == [str(row.pk) for row in rows[:9:-1]]


def test_a_cursor_reads_all_once(api, reader):
    rows = make_many(reader, 7)
    Notification.objects.update(created_at=timezone.now())  # as those of one statement
    url, seen = f"{URL}?cursor=&page_size=3", []
    while url:
        body = api.get(url).json()
        seen += [row["id"] for row in body["results"]]
        url = body["next"]
    assert len(seen) == 7
    assert set(seen) == {str(row.pk) for row in rows}


@pytest.mark.parametrize(("unread", "expected"), [("true", [0]), ("false", [1]), ("", [1, 0])])
def test_the_list_is_narrowed_by_whether_it_was_read(api, reader, unread, expected):
    rows = [make_notification(reader), make_notification(reader, read_at=timezone.now())]
    ids = [row["id"] for row in api.get(URL, {"unread": unread}).json()["results"]]
    assert ids == [str(rows[index].pk) for index in expected]


def test_what_is_neither_true_nor_false_is_400(api, reader):
    response = api.get(URL, {"unread": "maybe"})
    assert response.status_code == 400
    assert response.json()["details"] == {"unread": ["Give true or false."]}


def test_unread_ones_are_counted_in_one_query(api, reader, django_assert_num_queries):
    make_many(reader, 3)
    make_notification(reader, read_at=timezone.now())
    make_notification(make_user())
    with django_assert_num_queries(1):
        assert api.get(f"{URL}unread-count/").json() == {"unread_count": 3}


def test_marking_twice_keeps_the_first_time(api, reader):
    row = make_notification(reader)
    first = api.post(f"{URL}{row.pk}/mark-read/")
    assert first.status_code == 200
    assert first.json()["read_at"] is not None
    kept = Notification.objects.get().read_at
    assert api.post(f"{URL}{row.pk}/mark-read/").json() == first.json()
    assert Notification.objects.get().read_at == kept


def test_marking_what_was_deleted_since_is_not_found():
    row = make_notification(make_user())
    Notification.objects.all().delete()
    with pytest.raises(NotFound):
        notices.mark_read(notification=row)


def test_marking_all_counts_those_that_were_unread(api, reader):
    make_many(reader, 3)
    others = make_notification(make_user())
    assert api.post(f"{URL}mark-all-read/").json() == {"updated": 3}
    assert api.post(f"{URL}mark-all-read/").json() == {"updated": 0}
    others.refresh_from_db()
    assert others.read_at is None


def test_a_deleted_one_is_gone(api, reader):
    row = make_notification(reader)
    assert api.delete(f"{URL}{row.pk}/").status_code == 204
    assert api.delete(f"{URL}{row.pk}/").status_code == 404
    assert api.post(f"{URL}{row.pk}/mark-read/").status_code == 404
    assert api.get(URL).json()["results"] == []
    assert api.get(f"{URL}unread-count/").json() == {"unread_count": 0}
    row.refresh_from_db()
    assert (row.title, row.body, row.data) == ("", "", {})


def test_a_deleted_one_does_not_come_back_when_its_cause_is_told_again(api, reader):
    for _ in range(2):
        write_notices(
            users=[reader], kind="order_confirmed", cause="1", ids={}, words={"number": "ORD-1"}
        )
        for row in api.get(URL).json()["results"]:
            api.delete(f"{URL}{row['id']}/")
    assert Notification.objects.count() == 1
    assert api.get(URL).json()["count"] == 0


def test_somebody_elses_looks_like_one_that_does_not_exist(api, reader):
    row = make_notification(make_user())
    bodies = []
    for pk in (row.pk, uuid4()):
        answers = [api.delete(f"{URL}{pk}/"), api.post(f"{URL}{pk}/mark-read/")]
        assert [answer.status_code for answer in answers] == [404, 404]
        bodies.append([answer.json()["error"] for answer in answers])
    assert bodies[0] == bodies[1]
    row.refresh_from_db()
    assert row.read_at is None


def test_old_ones_are_deleted_in_batches(monkeypatch):
    monkeypatch.setattr(notices, "_BATCH", 2)
    user, now = make_user(), timezone.now()
    kept_for = timedelta(days=settings.NOTIFICATION_RETENTION_DAYS)
    for _ in range(5):
        make_notification(user, created_at=now - kept_for - timedelta(minutes=1))
    young = make_notification(user, created_at=now - kept_for + timedelta(minutes=1))
    delete_old_notifications()
    assert list(Notification.objects.all()) == [young]


def test_where_they_are_kept_for_ever_nothing_is_deleted(settings):
    settings.NOTIFICATION_RETENTION_DAYS = 0
    make_notification(make_user(), created_at=timezone.now() - timedelta(days=4000))
    delete_old_notifications()
    assert Notification.objects.count() == 1
