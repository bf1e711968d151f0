from datetime import date, timedelta

import pytest
from django.contrib.auth.models import Permission
from django.utils import timezone

from catalog.models import Product, SearchedQuery
from catalog.services.queries import searches
from catalog.services.viewing import views
from tests.accounts.factories import make_staff, make_user
from tests.catalog.factories import make_product

pytestmark = pytest.mark.django_db
EVENTS = "/api/v1/analytics/events/"
FIGURES = "/api/v1/analytics/search/"


@pytest.fixture(autouse=True)
def _nothing_is_waiting():
    searches._sums, views._sums = {}, {}


def count(text, *, ago=0, times=1, **fields):
    day = timezone.localdate() - timedelta(days=ago)
    SearchedQuery.objects.create(day=day, key=text, text=text, times=times, **fields)


def figures(api, **query):
    api.force_authenticate(make_staff())
    response = api.get(FIGURES, query)
    assert response.status_code == 200, response.json()
    return response.json()


def test_figures_sum_the_days_that_are_asked_for(api):
    count("mug", times=6, clicks=3, times_empty=1)
    count("mug", ago=29, times=2)
    count("mug", ago=30, times=100)
    count("zzqx", times=4, times_empty=4)
    today = timezone.localdate()
    assert figures(api) == {
        "start_date": str(today - timedelta(days=29)),
        "end_date": str(today),
        "totals": {
            "searches": 12,
            "different_queries": 2,
            "without_results": 5,
            "clicks": 3,
            "click_through": 0.25,
        },
        "top_queries": [
            {
                "query": "mug",
                "searches": 8,
                "without_results": 1,
                "clicks": 3,
                "click_through": 0.375,
            },
            {
                "query": "zzqx",
                "searches": 4,
                "without_results": 4,
                "clicks": 0,
                "click_through": 0.0,
            },
        ],
        "without_results": [{"query": "zzqx", "searches": 4}, {"query": "mug", "searches": 1}],
    }
    assert figures(api, days=31)["totals"]["searches"] == 112
    assert figures(api, days=1)["totals"]["searches"] == 10
    past = str(today - timedelta(days=30))
    assert figures(api, start_date=past, end_date=past)["totals"]["searches"] == 100
    assert figures(api, end_date=past, days=2)["start_date"] == str(today - timedelta(days=31))


def test_without_searches_all_is_nought(api):
    assert figures(api)["totals"] == {
        "searches": 0,
        "different_queries": 0,
        "without_results": 0,
        "clicks": 0,
        "click_through": 0.0,
    }


def test_fifty_queries_are_shown_at_the_most(api, django_assert_num_queries):
    for number in range(60):
        count(f"word {number}", times=number + 1, times_empty=1)
    api.force_authenticate(make_staff())
    with django_assert_num_queries(3):
        body = api.get(FIGURES).json()
    assert [len(body["top_queries"]), len(body["without_results"])] == [50, 50]
    assert body["top_queries"][0]["query"] == "word 59"
    assert body["totals"]["different_queries"] == 60


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"days": "0"}, "days"),
        ({"days": "x"}, "days"),
        ({"days": "99999999"}, "days"),
        ({"start_date": "31.1.2026"}, "start_date"),
        ({"end_date": "0001-01-01"}, "end_date"),
        ({"end_date": "9999-12-31"}, "end_date"),
        ({"start_date": "2026-02-01", "end_date": "2026-01-01"}, "start_date"),
    ],
)
def test_days_that_make_no_sense_are_refused(api, query, field):
    api.force_authenticate(make_staff())
    response = api.get(FIGURES, query)
    assert response.status_code == 400
    assert list(response.json()["details"]) == [field]


def test_figures_are_for_staff_who_may_see_them(api):
    analyst = make_user(is_staff=True)
    api.force_authenticate(analyst)
    assert api.get(FIGURES).status_code == 403
    analyst.user_permissions.add(Permission.objects.get(codename="view_searchedquery"))
    api.force_authenticate(type(analyst).objects.get(pk=analyst.pk))
    assert api.get(FIGURES).status_code == 200


def test_events_of_anybody_are_counted_without_a_query(api, django_assert_num_queries):
    product = make_product()
    events = [
        {"type": "view", "product": product.pk},
        {"type": "view", "product": product.pk + 99},
        {"type": "search", "query": "Blue mug"},
        {"type": "click", "query": "blue mug", "product": product.pk, "position": 1},
        {"type": "click", "product": product.pk},
    ]
    with django_assert_num_queries(0):
        response = api.post(EVENTS, events)
    assert (response.status_code, response.content) == (202, b"")
    views.write()
    assert Product.objects.get().view_count == 1
    row = figures(api)["top_queries"]
    assert row[0] == {
        "query": "blue mug",
        "searches": 1,
        "without_results": 0,
        "clicks": 1,
        "click_through": 1.0,
    }
    assert SearchedQuery.objects.get().day == timezone.localdate()
    assert isinstance(SearchedQuery.objects.get().day, date)


def test_the_same_event_twice_in_a_call_counts_once(api):
    product = make_product()
    api.post(EVENTS, [{"type": "view", "product": product.pk}] * 100)
    views.write()
    assert Product.objects.get().view_count == 1


@pytest.mark.parametrize(
    "events",
    [
        {},
        {"type": "view", "product": 1},
        [{"type": "view"}],
        [{"type": "search"}],
        [{"type": "buy", "product": 1}],
        [{"type": "view", "product": "x"}],
        [{"type": "view", "product": 0}],
        [{"type": "view", "product": 2**63}],
        [{"type": "click", "position": -1}],
        [{"type": "search", "query": "x" * 1001}],
        [{"type": "search", "query": {"a": 1}}],
        [7],
        [{"type": "search", "query": "mug"}] * 101,
    ],
)
def test_events_that_are_not_right_are_refused_whole(api, events):
    good = [{"type": "search", "query": "mug"}]
    response = api.post(EVENTS, good + events if isinstance(events, list) else events)
    assert (response.status_code, response.json()["code"]) in {
        (400, "validation_error"),
        (400, "parse_error"),
    }
    searches.write()
    assert not SearchedQuery.objects.exists()


def test_no_events_are_no_mistake(api):
    assert api.post(EVENTS, []).status_code == 202
