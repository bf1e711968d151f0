import pytest
from django.db import connection

from catalog.models import Product
from tests.accounts.factories import make_staff, make_user

from .factories import make_category, make_product, make_seller, make_variant
from .search.shop import index_everything
from .test_product_lists import ids

# InnoDB finds committed rows only.
pytestmark = pytest.mark.django_db(transaction=connection.vendor == "mysql")
URL = "/api/v1/search/"
PAGE = {"count", "next", "previous", "page", "page_size", "total_pages", "results"}
BESIDE = {"facets", "query", "corrected_query"}


@pytest.mark.parametrize("query", [{}, {"q": ""}, {"q": "  "}])
def test_without_words_it_is_a_page_of_all_by_popularity(api, query):
    seldom, often = make_product(sold_count=1), make_product(sold_count=9)
    make_product(sold_count=99, is_active=False)
    response = api.get(URL, query)
    assert ids(response) == [often.pk, seldom.pk]
    body = response.json()
    assert set(body) == PAGE | BESIDE
    assert (body["query"], body["corrected_query"], body["count"]) == ("", None, 2)


def test_words_and_filters_narrow_together_and_the_best_match_comes_first(api):
    named = make_variant(product=make_product(name="Mug", brand="Acme"), price="50").product
    told = make_variant(product=make_product(description="Not a mug.", brand="Acme")).product
    make_variant(product=make_product(name="Mug", brand="Bolt"))
    make_variant(product=make_product(name="Lamp", brand="Acme"))
    index_everything()
    response = api.get(URL, {"q": " mug ", "brand": "Acme"})
    assert ids(response) == [named.pk, told.pk]
    assert response.json()["query"] == "mug"
    assert ids(api.get(URL, {"q": "mug", "brand": "Acme", "min_price": "60"})) == [told.pk]
    by_price = api.get(URL, {"q": "mug", "brand": "Acme", "ordering": "-price"})
    assert ids(by_price) == [told.pk, named.pk]


def test_the_name_of_the_words_in_product_lists_works_too(api):
    mug = make_product(name="Mug")
    make_product(name="Lamp")
    index_everything()
    response = api.get(URL, {"search": "mug"})
    assert ids(response) == [mug.pk]
    assert response.json()["query"] == "mug"


def test_results_are_products_as_in_lists(api):
    make_variant(price="19.90", on_hand=3)
    assert api.get(URL).json()["results"] == api.get("/api/v1/products/").json()["results"]


def test_nothing_found_is_an_empty_page(api):
    make_product()
    body = api.get(URL, {"q": "zzqx"}).json()
    assert (body["count"], body["results"], body["next"]) == (0, [], None)
    assert body["facets"] == {
        "categories": [],
        "brands": [],
        "price_ranges": [],
        "ratings": [],
        "attributes": {},
        "in_stock": {"true": 0, "false": 0},
    }


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("ordering", "colour"),
        ("ordering", "relevance"),
        ("min_price", "abc"),
        ("category", "nothing"),
        ("in_stock", "maybe"),
        ("page_size", "0"),
        ("facets", "some"),
    ],
)
def test_a_value_that_does_not_parse_is_refused_with_its_field(api, name, value):
    response = api.get(URL, {name: value})
    assert response.status_code == 400
    assert list(response.json()["details"]) == [name]


def test_pages_are_numbered_and_an_unknown_one_is_404(api):
    for _ in range(5):
        make_product(name="Mug")
    index_everything()
    first = api.get(URL, {"q": "mug", "page_size": 2}).json()
    assert (first["count"], first["total_pages"]) == (5, 3)
    assert len(ids(api.get(first["next"]))) == 2
    assert api.get(URL, {"q": "mug", "page_size": 2, "page": 4}).status_code == 404


def test_a_cursor_reads_every_match_once_and_follows_no_relevance(api):
    wanted = [make_variant(product=make_product(name="Mug"), price=str(n)).product for n in (3, 7)]
    make_variant(price="5")
    index_everything()
    query = {"q": "mug", "ordering": "price", "cursor": "", "page_size": 1}
    page = api.get(URL, query)
    assert set(page.json()) == {"next", "previous", "results"} | BESIDE
    assert ids(page) + ids(api.get(page.json()["next"])) == [row.pk for row in wanted]
    for refused in ({"q": "mug", "cursor": ""}, {"cursor": ""}):
        assert api.get(URL, refused).status_code == 400


def test_a_page_may_come_without_facets(api):
    make_product()
    body = api.get(URL, {"facets": "false"}).json()
    assert (body["count"], body["facets"]) == (1, None)


@pytest.mark.parametrize("text", ["x" * 5000, "%_\\", "\U0001f600", "'\"&|!:*()<>", "-"])
def test_any_text_may_be_searched(api, text):
    make_product(name="Mug")
    index_everything()
    response = api.get(URL, {"q": text})
    assert (response.status_code, response.json()["count"]) == (200, 0)
    assert len(response.json()["query"]) <= 200
    assert api.get(f"{URL}suggestions/", {"q": text}).status_code == 200


@pytest.mark.parametrize("rows", [1, 15])
def test_a_page_with_facets_costs_four_queries(api, rows, django_assert_num_queries):
    for number in range(rows):
        product = make_product(brand=f"Brand {number}")
        make_variant(product=product, attributes={"color": f"shade {number}"})
    with django_assert_num_queries(4):
        assert len(ids(api.get(URL))) == rows


@pytest.mark.parametrize("rows", [1, 15])
def test_each_filter_in_use_costs_one_query_more(api, rows, django_assert_num_queries):
    for _ in range(rows):
        make_variant(product=make_product(brand="Acme"), attributes={"color": "red", "size": "L"})
    query = {"brand": "Acme", "min_price": "1", "max_price": "999", "attr_color": "red"}
    with django_assert_num_queries(4 + 3):
        assert len(ids(api.get(URL, query))) == rows


def test_a_count_over_ten_thousand_is_capped_in_facets_too(api):
    category = make_category()
    Product.objects.bulk_create(
        (
            Product(name="Mug", slug=f"mug-{n}", category=category, currency="INR", price=5)
            for n in range(10_001)
        ),
        batch_size=500,
    )
    body = api.get(URL, {"page_size": 1}).json()
    assert (body["count"], body["count_is_capped"], body["total_pages"]) == (10_000, True, 10_000)
    assert body["facets"]["in_stock"] == {"true": 0, "false": 10_000}
    assert body["facets"]["categories"][0]["count"] == 10_000
    Product.objects.order_by("pk").first().delete()
    body = api.get(URL, {"page_size": 1}).json()
    assert (body["count"], "count_is_capped" in body) == (10_000, False)


def test_hidden_products_are_found_by_their_seller_and_staff_alone(api):
    seller = make_seller()
    hidden = make_product(name="Mug", seller=seller, is_active=False)
    index_everything()
    for user, found in (
        (None, []),
        (make_user(), []),
        (seller.user, [hidden.pk]),
        (make_staff(), [hidden.pk]),
    ):
        api.force_authenticate(user)
        response = api.get(URL, {"q": "mug"})
        assert ids(response) == found
        assert response.json()["facets"]["in_stock"]["false"] == len(found)
    assert ids(api.get(URL, {"q": "mug", "is_active": "true"})) == []


def test_a_guests_answer_may_be_cached_and_is_not_sent_twice(api):
    make_product()
    first = api.get(URL)
    assert first["Cache-Control"] == "public, max-age=60"
    assert api.get(URL, HTTP_IF_NONE_MATCH=first["ETag"]).status_code == 304
    api.force_authenticate(make_user())
    assert api.get(URL)["Cache-Control"] == "private, no-cache"
