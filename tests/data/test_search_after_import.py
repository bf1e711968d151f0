"""An import leaves words, counts and facets as the rows of the file are."""

from collections import Counter
from random import Random

import pytest
from django.db import connection

from catalog.importing.source import SourceProduct
from catalog.importing.writing import write_products
from catalog.models import Product, SearchRecount, SearchWord
from config.pagination import COUNT_CAP

# InnoDB's full-text index shows rows once they are committed, and not before.
pytestmark = pytest.mark.django_db(transaction=connection.vendor == "mysql")
COLORS, KINDS, BRANDS = ("red", "blue", "green"), ("lamp", "mug", "chair"), ("Acme", "Bolt", "")


def made(number, word="imported"):
    chance = Random(number)
    color, kind, brand = (chance.choice(words) for words in (COLORS, KINDS, BRANDS))
    return SourceProduct(
        source="test",
        external_id=str(number),
        name=f"{color} {kind} x{number}",
        brand=brand,
        description=f"An {word} thing.",
        price="1.00",
        stock=number % 2,
        category_path=("Things", kind),
        attributes={"color": color},
    )


def search(api, **query):
    body = api.get("/api/v1/search/", query).json()
    return body["count"], body["facets"], [row["name"] for row in body["results"]]


def counts(facet, key="value"):
    return {row[key]: row["count"] for row in facet}


SIZES = [300, pytest.param(20_000, marks=[pytest.mark.shop_data, pytest.mark.timeout(1800)])]


@pytest.mark.parametrize("size", SIZES)
def test_what_was_imported_is_found_counted_and_faceted(api, size):
    items = [made(number) for number in range(size)]
    write_products(items)
    assert not SearchRecount.objects.exists()

    lamps = [item for item in items if " lamp " in item.name]
    red = [item for item in lamps if item.name.startswith("red")]
    words = dict(SearchWord.objects.values_list("word", "frequency"))
    assert (words["lamp"], words["imported"], words[f"x{size - 1}"]) == (len(lamps), size, 1)

    count, facets, _ = search(api, q="lamp")
    assert count == len(lamps)
    brands = Counter(item.brand for item in lamps)
    assert counts(facets["brands"]) == {name: brands[name] for name in ("Acme", "Bolt")}
    assert counts(facets["categories"], "name") == {"Things": count, "lamp": count}
    assert counts(facets["attributes"]["color"]) == Counter(
        item.attributes["color"] for item in lamps
    )
    in_stock = sum(item.stock for item in lamps)
    assert facets["in_stock"] == {"true": in_stock, "false": count - in_stock}

    assert search(api, q="lapm red")[0] == search(api, q="red la")[0] == len(red)
    assert search(api, q=f"x{size - 1}")[2] == [items[-1].name]


@pytest.mark.shop_data
@pytest.mark.timeout(1800)
def test_of_twenty_thousand_matches_facets_are_exact(api):
    items = [made(number) for number in range(20_000)]
    write_products(items)
    for query in ({"q": "imported"}, {}):
        count, facets, _ = search(api, **query)
        assert count == COUNT_CAP
        brands = Counter(item.brand for item in items if item.brand)
        assert counts(facets["brands"]) == brands
        colors = Counter(item.attributes["color"] for item in items)
        assert counts(facets["attributes"]["color"]) == colors
        in_stock = sum(item.stock for item in items)
        assert facets["in_stock"] == {"true": in_stock, "false": 20_000 - in_stock}


def test_a_second_import_with_other_names_is_followed(api):
    write_products(made(number) for number in range(20))
    write_products(
        SourceProduct(
            source="test", external_id="7", name="Purple sofa", price="1.00", category_path=("X",)
        )
        for _ in range(1)
    )
    assert search(api, q="purple sofa")[2] == ["Purple sofa"]
    assert search(api, q="x7")[0] == 0
    assert Product.objects.count() == 20
    assert SearchWord.objects.get(word="x7").frequency == 0
