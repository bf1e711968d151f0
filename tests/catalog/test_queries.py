from datetime import timedelta
from threading import Thread

import pytest
from django.contrib.auth.models import Permission
from django.db import connection, connections
from django.urls import reverse
from django.utils import timezone

from catalog.models import Product, SearchedQuery, SuggestedQuery
from catalog.services.queries import (
    _key_of,
    block_queries,
    forget_old_queries,
    normalised,
    record_click,
    record_search,
    refresh_suggestions,
    searches,
    unblock_queries,
)
from catalog.services.viewing import record_view, views
from tests.accounts.factories import make_staff, make_user

from .factories import make_category, make_product, make_variant
from .search.shop import index_everything

# InnoDB finds committed rows only.
pytestmark = pytest.mark.django_db(transaction=connection.vendor == "mysql")
SEARCH = "/api/v1/search/"
SUGGESTIONS = "/api/v1/search/suggestions/"


@pytest.fixture(autouse=True)
def _nothing_is_waiting():
    searches._sums, views._sums = {}, {}


def recorded():
    searches.write()
    rows = SearchedQuery.objects.order_by("text")
    return [(row.text, row.times, row.times_empty, row.clicks) for row in rows]


def make_days(text, *, days=3, times=2, empty=0, **fields):
    for number in range(days):
        day = timezone.localdate() - timedelta(days=number)
        SearchedQuery.objects.create(
            day=day, key=_key_of(text), text=text, times=times, times_empty=empty, **fields
        )


def test_a_search_is_counted_by_day_and_text_without_a_write_on_the_request(api):
    make_product(name="Mug")
    index_everything()
    api.get(SEARCH, {"q": "Mug"})
    api.get(SEARCH, {"q": "  mug "})
    api.get(SEARCH, {"q": "zzqx"})
    assert not SearchedQuery.objects.exists()
    assert recorded() == [("mug", 2, 0, 0), ("zzqx", 1, 1, 0)]
    assert {row.day for row in SearchedQuery.objects.all()} == {timezone.localdate()}
    api.get(SEARCH, {"q": "mug"})
    record_click(text="MUG")
    assert recorded() == [("mug", 3, 0, 1), ("zzqx", 1, 1, 0)]


def test_pages_without_words_and_further_pages_are_not_counted(api):
    for _ in range(3):
        make_variant(product=make_product(name="Mug"))
    index_everything()
    api.get(SEARCH)
    page = api.get(SEARCH, {"q": "mug", "page_size": 1}).json()
    api.get(page["next"])
    cursor = api.get(SEARCH, {"q": "lamp", "cursor": "", "ordering": "price"})
    assert cursor.status_code == 200
    page = api.get(SEARCH, {"q": "mug", "cursor": "", "ordering": "price", "page_size": 1}).json()
    api.get(page["next"])
    assert recorded() == [("lamp", 1, 1, 0), ("mug", 2, 0, 0)]


@pytest.mark.parametrize(
    "text",
    [
        "asha@example.com",
        "mail to asha@example",
        "+91 98765 43210",
        "(080) 4111-2222",
        "4111 1111 1111 1111",
        "4111-1111-1111-1111 visa",
        "\uff11\uff12\uff13\uff14\uff15\uff16\uff17\uff18\uff19",
        "x" * 150 + " asha@example.com",
    ],
)
def test_what_looks_like_a_persons_data_is_not_counted(text):
    record_search(text=text)
    record_click(text=text)
    assert recorded() == []


@pytest.mark.parametrize("text", ["iphone 15 128gb", "wh-1000xm5", "20 x 30 cm", "12345678"])
def test_models_and_sizes_are_counted(text):
    record_search(text=text)
    assert recorded() == [(text, 1, 0, 0)]


@pytest.mark.parametrize(
    ("text", "counted"),
    [
        ("  Blue\t MUG\n", "blue mug"),
        ("\uff2d\uff35\uff27", "mug"),
        ("Caf\u00e9", "caf\u00e9"),
        ("a\u200bb", "a b"),
        ("x" * 99 + " yz", "x" * 99),
        (" \t ", ""),
    ],
)
def test_texts_are_counted_in_one_form(text, counted):
    assert normalised(text) == counted


def test_texts_that_collations_take_for_equal_are_counted_apart():
    for text in ("cafe", "caf\u00e9", "stra\u00dfe", "strasse"):
        record_search(text=text)
    assert sorted(row[0] for row in recorded()) == ["cafe", "caf\u00e9", "strasse", "stra\u00dfe"]
    assert {row.times for row in SearchedQuery.objects.all()} == {1}


def test_what_a_misspelt_text_was_taken_as_is_kept():
    record_search(text="hedphone", taken_as="Headphone")
    record_search(text="hedphone", is_empty=True)
    assert recorded() == [("hedphone", 2, 1, 0)]
    assert SearchedQuery.objects.get().taken_as == "headphone"


@pytest.mark.django_db(transaction=True)
def test_processes_that_write_at_once_lose_nothing():
    def write():
        sums = {(timezone.localdate(), f"word {n}", ""): {"times": 1} for n in range(20)}
        try:
            searches._write(sums)
        finally:
            connections.close_all()

    threads = [Thread(target=write) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [(row.times) for row in SearchedQuery.objects.all()] == [6] * 20


def test_views_are_added_to_their_products():
    product = make_product(view_count=5)
    for _ in range(3):
        record_view(product_id=product.pk)
    record_view(product_id=product.pk + 999)
    assert Product.objects.get().view_count == 5
    views.write()
    assert Product.objects.get().view_count == 8


def test_suggested_is_what_was_searched_on_several_days_and_found_something():
    make_days("blue mug", times=3)
    make_days("bluetooth", times=2)
    make_days("two days", days=2, times=50)
    make_days("too seldom", times=1)
    make_days("in vain", times=4, empty=2)
    make_days("misspelt", times=9, taken_as="right")
    assert refresh_suggestions() == 2
    assert refresh_suggestions() == 2
    rows = SuggestedQuery.objects.order_by("-times")
    assert [(row.text, row.times) for row in rows] == [("blue mug", 9), ("bluetooth", 6)]


@pytest.mark.parametrize(("days", "left"), [(30, ["kept"]), (0, ["kept", "old", "older"])])
def test_old_queries_are_forgotten_when_the_shop_says_and_with_zero_days_never(
    settings, days, left
):
    settings.SEARCH_RETENTION_DAYS = days
    today = timezone.localdate()
    for text, age in (("old", 30), ("older", 60), ("kept", 29)):
        day = today - timedelta(days=age)
        SearchedQuery.objects.create(day=day, key=text, text=text, times=1)
    assert forget_old_queries() == 3 - len(left)
    assert sorted(row.text for row in SearchedQuery.objects.all()) == left


def test_suggestions_complete_what_is_typed(api):
    products = [make_variant(product=make_product(name=f"Bluetooth {n}")).product for n in range(6)]
    make_product(name="Bluetooth hidden", is_active=False)
    index_everything()
    make_category(name="Old blue things", slug="old")
    make_category(name="Bluetooth", slug="bluetooth")
    make_category(name="Blues", parent=make_category(is_active=False))
    make_category(name="Turbluent")
    for number in range(7):
        SuggestedQuery.objects.create(key=number, text=f"blue {number}", times=number)
    SuggestedQuery.objects.create(key="x", text="true blue", times=99)
    body = api.get(SUGGESTIONS, {"q": "Blue"}).json()
    assert set(body) == {"products", "categories", "queries"}
    assert [row["id"] for row in body["products"]] == [product.pk for product in products[:5]]
    assert body["products"][0] == api.get("/api/v1/products/").json()["results"][-1]
    assert [row["slug"] for row in body["categories"]] == ["bluetooth", "old"]
    assert set(body["categories"][0]) == {"id", "name", "slug"}
    assert body["queries"] == ["blue 6", "blue 5", "blue 4", "blue 3", "blue 2"]


@pytest.mark.parametrize("text", ["", "b", " b "])
def test_fewer_than_two_characters_suggest_nothing(api, text):
    make_product(name="b")
    empty = {"products": [], "categories": [], "queries": []}
    assert api.get(SUGGESTIONS, {"q": text}).json() == empty
    assert api.get(SUGGESTIONS).json() == empty


def test_suggestions_cost_six_queries_and_are_not_counted(api, django_assert_num_queries):
    for number in range(9):
        make_variant(product=make_product(name="Blue mug"))
        make_category(name=f"Blue {number}")
    index_everything()
    with django_assert_num_queries(6):
        assert len(api.get(SUGGESTIONS, {"q": "blue"}).json()["products"]) == 5
    assert recorded() == []


def suggested(api, text):
    return api.get(SUGGESTIONS, {"q": text}).json()["queries"]


def test_a_blocked_text_is_suggested_no_more_however_often_it_is_searched(api):
    make_days("blue mug", times=3)
    make_days("blue hat", times=2)
    refresh_suggestions()
    assert suggested(api, "blue") == ["blue mug", "blue hat"]
    assert block_queries(texts=["blue mug"]) == 1
    assert suggested(api, "blue") == ["blue hat"]
    refresh_suggestions()
    refresh_suggestions()
    assert suggested(api, "blue") == ["blue hat"]
    assert SuggestedQuery.objects.get(is_blocked=True).text == "blue mug"


def test_a_text_that_nobody_suggests_yet_can_be_blocked(api):
    assert block_queries(texts=["blue mug", "blue mug"]) == 1
    make_days("blue mug", times=9)
    refresh_suggestions()
    assert suggested(api, "blue") == []


def test_a_text_that_is_blocked_no_more_comes_back_with_the_next_list(api):
    make_days("blue mug", times=3)
    refresh_suggestions()
    block_queries(texts=["blue mug"])
    assert unblock_queries(texts=["blue mug", "blue hat"]) == 1
    assert suggested(api, "blue") == []
    refresh_suggestions()
    assert suggested(api, "blue") == ["blue mug"]


def test_staff_block_and_unblock_texts_in_the_admin(client, api):
    make_days("blue mug", times=3)
    make_days("blue hat", times=3)
    refresh_suggestions()
    searched = reverse("admin:catalog_searchedquery_changelist")
    suggestions = reverse("admin:catalog_suggestedquery_changelist")
    client.force_login(make_staff())
    assert client.get(searched).status_code == client.get(suggestions).status_code == 200
    mugs = list(SearchedQuery.objects.filter(text="blue mug").values_list("pk", flat=True))
    client.post(searched, {"action": "block", "_selected_action": mugs})
    assert suggested(api, "blue") == ["blue hat"]
    rows = list(SuggestedQuery.objects.values_list("pk", flat=True))
    client.post(suggestions, {"action": "block", "_selected_action": rows})
    assert suggested(api, "blue") == []
    mug = SuggestedQuery.objects.get(text="blue mug")
    client.post(suggestions, {"action": "unblock", "_selected_action": [mug.pk]})
    refresh_suggestions()
    assert suggested(api, "blue") == ["blue mug"]


def test_to_see_what_is_searched_is_not_to_block_it(client):
    make_days("blue mug")
    person = make_user(is_staff=True)
    person.user_permissions.set(Permission.objects.filter(codename="view_searchedquery"))
    client.force_login(person)
    page = reverse("admin:catalog_searchedquery_changelist")
    assert client.get(page).status_code == 200
    ids = list(SearchedQuery.objects.values_list("pk", flat=True))
    client.post(page, {"action": "block", "_selected_action": ids})
    assert not SuggestedQuery.objects.exists()
