from datetime import timedelta
from itertools import chain

import pytest
from django.utils import timezone

from catalog.models import Product
from config import pagination
from tests.catalog.factories import make_category

pytestmark = [pytest.mark.urls("tests.config.probe_urls"), pytest.mark.django_db]

URL = "/api/v1/products/"


@pytest.fixture
def products():
    """Seven products: prices in three ties, two moments of creation."""
    category, now = make_category(), timezone.now()
    made = [
        Product.objects.create(
            name=f"Product {n}", slug=f"p-{n}", currency="INR", category=category, price=n // 3
        )
        for n in range(7)
    ]
    for n, product in enumerate(made):
        moment = now - timedelta(microseconds=n // 4)
        Product.objects.filter(pk=product.pk).update(created_at=moment)
    return made


def ids(response):
    assert response.status_code == 200, response.content
    return [row["id"] for row in response.json()["results"]]


def test_a_page_says_where_it_stands(api, products):
    body = api.get(URL, {"page": 2, "page_size": 3, "ordering": "name"}).json()
    assert [row["name"] for row in body.pop("results")] == ["Product 3", "Product 4", "Product 5"]
    link = "http://testserver/api/v1/products/?ordering=name&"
    assert body == {
        "count": 7,
        "next": link + "page=3&page_size=3",
        "previous": link + "page_size=3",
        "page": 2,
        "page_size": 3,
        "total_pages": 3,
    }


def test_without_parameters_a_page_has_twenty_rows(api, products):
    body = api.get(URL).json()
    assert (body["page"], body["page_size"], body["next"]) == (1, 20, None)


def test_an_empty_list_has_one_empty_page(api):
    body = api.get(URL).json()
    assert (body["count"], body["total_pages"], body["results"]) == (0, 1, [])


@pytest.mark.parametrize("page", ["3", "0", "-1", "abc", "1.5", "9" * 5000])
def test_an_unknown_page_is_404(api, products, page):
    response = api.get(URL, {"page": page, "page_size": 4})
    assert (response.status_code, response.json()["code"]) == (404, "not_found")


def test_a_page_size_over_100_is_taken_as_100(api, products):
    assert api.get(URL, {"page_size": "9" * 30}).json()["page_size"] == 100


@pytest.mark.parametrize("size", ["0", "-1", "--1", "abc", "1.5", "9" * 5000])
@pytest.mark.parametrize("way", [{}, {"cursor": ""}])
def test_a_page_size_that_is_no_size_is_400(api, size, way):
    response = api.get(URL, {"page_size": size, **way})
    assert response.status_code == 400
    assert list(response.json()["details"]) == ["page_size"]


def test_counting_ends_at_the_cap_and_so_do_the_pages(api, products, monkeypatch):
    monkeypatch.setattr(pagination, "COUNT_CAP", 5)
    body = api.get(URL, {"page_size": 2}).json()
    assert (body["count"], body["count_is_capped"], body["total_pages"]) == (5, True, 3)
    assert len(ids(api.get(URL, {"page_size": 2, "page": 3}))) == 1
    assert api.get(URL, {"page_size": 2, "page": 4}).status_code == 404


def test_a_count_at_the_cap_is_exact(api, products, monkeypatch):
    monkeypatch.setattr(pagination, "COUNT_CAP", 7)
    assert "count_is_capped" not in api.get(URL).json()


def walk(api, link, towards):
    pages = []
    while link:
        response = api.get(link)
        pages.append(ids(response))
        link = response.json()[towards]
    return pages


KEYS = ["created_at", "name", "price"]


@pytest.mark.parametrize("ordering", KEYS + [f"-{key}" for key in KEYS])
def test_a_cursor_reaches_every_row_once_in_both_directions(api, products, ordering):
    expected = ids(api.get(URL, {"ordering": ordering, "page_size": 100}))
    forward = walk(api, f"{URL}?cursor=&page_size=2&ordering={ordering}", "next")
    assert list(chain(*forward)) == expected
    last = api.get(f"{URL}?cursor=&page_size=2&ordering={ordering}")
    while link := last.json()["next"]:
        last = api.get(link)
    backward = walk(api, last.json()["previous"], "previous")
    assert list(chain(*reversed(backward))) == expected[: len(expected) - len(forward[-1])]


def test_a_page_by_cursor_counts_nothing(api, products, django_assert_num_queries):
    with django_assert_num_queries(1):
        body = api.get(f"{URL}?cursor=&page_size=2").json()
    assert list(body) == ["next", "previous", "results"]
    assert body["previous"] is None


def test_rows_that_come_later_move_no_page(api, products):
    first = api.get(f"{URL}?cursor=&page_size=3&ordering=price").json()
    Product.objects.create(
        name="New", slug="new", currency="INR", category=products[0].category, price=0
    )
    second = ids(api.get(first["next"]))
    assert second[0] not in [row["id"] for row in first["results"]]


@pytest.mark.parametrize("ordering", ["slug", "-slug", "pk"])
def test_a_cursor_in_another_order_is_400(api, products, ordering):
    response = api.get(URL, {"cursor": "", "ordering": ordering})
    assert response.status_code == 400
    assert list(response.json()["details"]) == ["ordering"]


@pytest.mark.parametrize(
    "cursor",
    [
        *["x", "é", "AAAA", "bnVsbA", "W10", "WzEsMiwzLDRd", "%00", "9" * 5000],
        # ["-created_at", false, "0001-01-01T00:00:00+14:00", "1"], in Base64 and not signed
        "WyItY3JlYXRlZF9hdCIsIGZhbHNlLCAiMDAwMS0wMS0wMVQwMDowMDowMCsxNDowMCIsICIxIl0",
        "W1tb" * 1000,
    ],
)
def test_a_cursor_that_nobody_gave_out_is_404(api, products, cursor):
    assert api.get(URL, {"cursor": cursor}).status_code == 404


def test_a_cursor_with_a_value_of_another_kind_is_404(api, products):
    for value, pk in (("x", "1"), ("", "1"), ("2026-01-01", "x"), ("9" * 400, "9" * 400)):
        for ordering in ("-created_at", "price"):
            cursor = pagination.Cursor(ordering, False, value, pk).encode()
            response = api.get(URL, {"cursor": cursor, "ordering": ordering})
            assert response.status_code in (200, 404), response.content


def test_a_cursor_of_another_order_is_404(api, products):
    link = api.get(f"{URL}?cursor=&page_size=2&ordering=price").json()["next"]
    assert api.get(link.replace("ordering=price", "ordering=name")).status_code == 404
