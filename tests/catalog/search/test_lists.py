from itertools import chain

import pytest
from django.db import connection

from catalog.models import Product
from tests.catalog.factories import make_product, make_variant

from .shop import index_everything, stock

# InnoDB's full-text index shows rows once they are committed, and not before.
pytestmark = pytest.mark.django_db(transaction=connection.vendor == "mysql")
URL = "/api/v1/products/"


def names(response):
    assert response.status_code == 200, response.json()
    return [row["name"] for row in response.json()["results"]]


def test_a_list_finds_words_in_name_brand_sku_and_description(api):
    make_variant(sku="MUG-77", product=make_product(name="Blue mug", brand="Acme"))
    make_product(name="Saucer", description="Goes with any blue mug.")
    make_product(name="Blue lamp")
    index_everything()
    assert names(api.get(URL, {"search": "BLUE mug"})) == ["Blue mug", "Saucer"]
    assert names(api.get(URL, {"search": "acme mug-7"})) == ["Blue mug"]
    assert names(api.get(URL, {"search": "mug", "ordering": "relevance"})) == ["Blue mug", "Saucer"]
    assert names(api.get(URL, {"search": "mug", "ordering": "name"})) == ["Blue mug", "Saucer"]
    assert names(api.get(URL, {"search": "mug", "ordering": "-name"})) == ["Saucer", "Blue mug"]


def test_a_search_goes_together_with_filters(api):
    stock("Red mug", brand="Acme")
    stock("Blue mug", brand="Zenith")
    assert names(api.get(URL, {"search": "mug", "brand": "Zenith"})) == ["Blue mug"]
    assert names(api.get(URL, {"brand": "Zenith", "search": "mug"})) == ["Blue mug"]
    assert names(api.get(URL, {"search": "mug", "brand": "Nobody"})) == []


def test_an_inactive_product_disappears_at_once(api):
    (mug,) = stock("Red mug")
    Product.objects.filter(pk=mug.pk).update(is_active=False)
    assert names(api.get(URL, {"search": "red mug"})) == []


def test_searching_a_list_costs_three_queries_more(api, django_assert_num_queries):
    stock(*(f"Red mug {number}" for number in range(5)))
    with django_assert_num_queries(5):  # and the count and the page
        assert len(names(api.get(URL, {"search": "red mug"}))) == 5


@pytest.mark.parametrize("ordering", ["relevance", "-price", "name"])
def test_later_pages_of_a_search_go_on_where_the_first_ended(api, ordering):
    for number in range(7):
        make_variant(product=make_product(name=f"Blue mug {number}"), price=str(number // 2))
    index_everything()
    query = {"search": "mug", "ordering": ordering}
    everything = names(api.get(URL, query))
    pages = [names(api.get(URL, query | {"page_size": 3, "page": page})) for page in (1, 2, 3)]
    assert list(chain(*pages)) == everything
    assert len(set(everything)) == 7
