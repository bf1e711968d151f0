from decimal import Decimal
from itertools import pairwise
from random import Random

import pytest
from django.db import connection

from catalog.facets.price_ranges import price_ranges, round_near
from catalog.models import Product, ProductAttribute
from tests.accounts.factories import make_staff

from .factories import make_category, make_product, make_variant
from .search.shop import index_everything

URL = "/api/v1/search/"


def facets(api, **query):
    response = api.get(URL, query)
    assert response.status_code == 200, response.json()
    return response.json()["facets"]


def counts(facet):
    return {row["value"]: row["count"] for row in facet}


@pytest.mark.django_db
def test_each_facet_is_counted_without_its_own_filter(api):
    for brand, color, price, on_hand in (
        ("Acme", "red", "10", 1),
        ("Acme", "blue", "20", 0),
        ("Bolt", "red", "30", 1),
    ):
        product = make_product(brand=brand, rating=Decimal("4.5"))
        make_variant(
            product=product, price=price, on_hand=on_hand, attributes={"color": color, "size": "L"}
        )
    found = facets(api, brand="Acme", attr_color="red")
    assert counts(found["brands"]) == {"Acme": 1, "Bolt": 1}
    assert counts(found["attributes"]["color"]) == {"blue": 1, "red": 1}
    assert counts(found["attributes"]["size"]) == {"L": 1}
    assert found["in_stock"] == {"true": 1, "false": 0}
    assert found["price_ranges"] == [{"min": "10.00", "max": "14.99", "count": 1}]
    assert [row["min_rating"] for row in found["ratings"]] == [4, 3, 2, 1]
    assert facets(api, in_stock="true")["in_stock"] == {"true": 2, "false": 1}
    ranges = facets(api, min_price="15", max_price="25")["price_ranges"]
    assert sum(row["count"] for row in ranges) == 3
    assert facets(api, min_rating="5")["ratings"][0] == {"min_rating": 4, "count": 3}


@pytest.mark.django_db(transaction=connection.vendor == "mysql")  # InnoDB finds committed rows
def test_what_a_facet_counts_is_what_its_filter_finds(api):
    chance = Random(7)
    roots = [make_category() for _ in range(2)]
    leaves = [make_category(parent=chance.choice(roots)) for _ in range(4)]
    for _ in range(30):
        product = make_product(
            name=f"{chance.choice(['Blue', 'Old'])} mug",
            brand=chance.choice(["Acme", "acme", "Bolt", ""]),
            category=chance.choice(roots + leaves),
            rating=Decimal(chance.randint(0, 50)) / 10,
        )
        for _ in range(chance.randint(1, 3)):
            make_variant(
                product=product,
                price=str(chance.choice([99, 100, 149, 450, 999, 2500])),
                on_hand=chance.randint(0, 1),
                attributes={"color": chance.choice(["red", "Red", "blue"])},
            )
    index_everything()
    found = facets(api, q="blue mug")
    asked = [{"category": row["slug"], "n": row["count"]} for row in found["categories"]]
    asked += [{"brand": row["value"], "n": row["count"]} for row in found["brands"]]
    asked += [
        {"min_price": row["min"], "max_price": row["max"], "n": row["count"]}
        for row in found["price_ranges"]
    ]
    asked += [{"min_rating": row["min_rating"], "n": row["count"]} for row in found["ratings"]]
    asked += [{"in_stock": flag, "n": count} for flag, count in found["in_stock"].items()]
    asked += [
        {"attr_color": row["value"], "n": row["count"]} for row in found["attributes"]["color"]
    ]
    assert len(asked) > 15
    for query in asked:
        count = query.pop("n")
        assert api.get(URL, {"q": "blue mug"} | query).json()["count"] == count, query


@pytest.mark.django_db
def test_categories_count_what_is_below_them_and_hidden_ones_are_left_out(api):
    root = make_category(name="Clothes", slug="clothes")
    shirts = make_category(name="Shirts", slug="shirts", parent=root)
    hidden = make_category(parent=root, is_active=False)
    below_hidden = make_category(parent=hidden)
    for category in (shirts, shirts, root, below_hidden):
        make_product(category=category)
    shown = [
        {"id": root.pk, "slug": "clothes", "name": "Clothes", "parent": None, "count": 4},
        {"id": shirts.pk, "slug": "shirts", "name": "Shirts", "parent": root.pk, "count": 2},
    ]
    assert facets(api)["categories"] == shown
    assert facets(api, category="shirts")["categories"] == shown


@pytest.mark.django_db
def test_what_is_chosen_is_shown_where_others_are_more_frequent(api):
    for number in range(25):
        for _ in range(2):
            product = make_product(brand=f"Brand {number:02}")
            make_variant(product=product, attributes={"color": f"color {number:02}"})
    rare = make_product(brand="Rare", category=make_category(slug="rare"))
    make_variant(product=rare, attributes={"color": "rare"})
    plain = facets(api)
    assert len(plain["categories"]) == 30
    assert len(plain["brands"]) == len(plain["attributes"]["color"]) == 20
    assert "Rare" not in counts(plain["brands"])
    chosen = facets(api, brand="Rare", attr_color="rare", category="rare")
    assert counts(chosen["brands"]) == {"Rare": 1}  # no other is in that category
    assert counts(facets(api, brand="Rare")["brands"])["Rare"] == 1
    assert len(facets(api, brand="Rare")["brands"]) == 21
    assert counts(facets(api, attr_color="rare")["attributes"]["color"])["rare"] == 1
    assert facets(api, category="rare")["categories"][-1]["slug"] == "rare"
    assert counts(facets(api, brand="Nobody")["brands"]).get("Nobody") is None


@pytest.mark.django_db
def test_an_attribute_of_which_every_product_has_its_own_value_is_no_facet(api):
    for number in range(21):
        make_variant(attributes={"mpn": f"P-{number}", "color": "red"})
    found = facets(api)
    assert list(found["attributes"]) == ["color"]
    assert "mpn" in facets(api, attr_mpn="P-3")["attributes"]


@pytest.mark.django_db
def test_attributes_follow_the_active_variants_of_a_product(api):
    api.force_authenticate(make_staff())
    category = make_category()
    variants = [
        {"sku": "A", "price": "5", "attributes": {"color": "red", "size": "L"}},
        {"sku": "B", "price": "5", "attributes": {"color": "blue", "size": "L"}},
    ]
    body = {"name": "Shirt", "category": category.pk, "variants": variants}
    made = api.post("/api/v1/products/", body).json()
    url = f"/api/v1/products/{made['id']}/variants/"
    red, blue = (variant["id"] for variant in made["variants"])

    def narrowed():
        rows = ProductAttribute.objects.filter(product=made["id"]).order_by("name", "value")
        return list(rows.values_list("name", "value"))

    assert narrowed() == [("color", "blue"), ("color", "red"), ("size", "L")]
    assert counts(facets(api)["attributes"]["size"]) == {"L": 1}
    api.patch(f"{url}{red}/", {"attributes": {"color": "Rot", "size": "L"}})
    assert narrowed() == [("color", "Rot"), ("color", "blue"), ("size", "L")]
    api.patch(f"{url}{red}/", {"is_active": False})
    assert narrowed() == [("color", "blue"), ("size", "L")]
    assert facets(api)["attributes"].keys() == {"color", "size"}
    api.patch(f"{url}{red}/", {"is_active": True})
    api.delete(f"{url}{blue}/")
    assert narrowed() == [("color", "Rot"), ("size", "L")]
    assert api.get(URL, {"attr_color": "blue"}).json()["count"] == 0
    api.delete(f"/api/v1/products/{made['id']}/")
    assert not Product.objects.exists()
    assert not ProductAttribute.objects.exists()


@pytest.mark.django_db
def test_what_did_not_change_is_not_written_again(api, django_assert_num_queries):
    api.force_authenticate(make_staff())
    variant = make_variant(attributes={"color": "red"})
    (row,) = ProductAttribute.objects.values_list("pk", flat=True)
    api.patch(f"/api/v1/products/{variant.product_id}/", {"name": "Other"})
    assert list(ProductAttribute.objects.values_list("pk", flat=True)) == [row]


@pytest.mark.parametrize(
    ("prices", "ranges"),
    [
        ([], []),
        (["0"], [("0.00", "0.00", 1)]),
        (["100"], [("100.00", "149.99", 1)]),
        (["0.01", "0.01"], [("0.01", "0.01", 2)]),
        (["99.99", "100.00"], [("80.00", "99.99", 1), ("100.00", "149.99", 1)]),
        (
            [str(price) for price in range(1, 101)],
            [
                ("1.00", "19.99", 19),
                ("20.00", "39.99", 20),
                ("40.00", "59.99", 20),
                ("60.00", "79.99", 20),
                ("80.00", "149.99", 21),
            ],
        ),
    ],
)
def test_price_ranges_are_round_and_leave_no_price_out(prices, ranges):
    found = price_ranges([Decimal(price) for price in prices], "INR")
    assert [(str(low), str(high), count) for low, high, count in found] == ranges


@pytest.mark.parametrize("currency", ["INR", "JPY", "KWD"])
def test_price_ranges_never_overlap_and_hold_every_price(currency):
    chance = Random(11)
    for size in (1, 2, 7, 500):
        for spread in (1, 3, 8):
            exponent = {"INR": 2, "JPY": 0, "KWD": 3}[currency]
            prices = [
                Decimal(int(10 ** chance.uniform(0, spread))).scaleb(-exponent) for _ in range(size)
            ]
            found = price_ranges(prices, currency)
            assert sum(row.count for row in found) == size
            assert len(found) <= 5
            for low, high, count in found:
                assert count == sum(low <= price <= high for price in prices)
            assert all(first.high < second.low for first, second in pairwise(found))


@pytest.mark.parametrize(
    ("amount", "rounded"),
    [("0", "0"), ("1.2", "1"), ("137", "150"), ("949", "1000"), ("68.5", "60"), ("0.07", "0.06")],
)
def test_round_numbers_are_near(amount, rounded):
    assert round_near(Decimal(amount), Decimal("0.01")) == Decimal(rounded)


@pytest.mark.django_db(transaction=connection.vendor == "mysql")  # InnoDB finds committed rows
def test_of_very_many_matches_facets_are_estimated_from_a_sample(api, monkeypatch):
    monkeypatch.setattr("catalog.search.RANKED", 10)
    monkeypatch.setattr("catalog.facets.counting.EXACT", 100)
    monkeypatch.setattr("catalog.facets.counting.SURELY_MORE", 150)
    monkeypatch.setattr("catalog.facets.counting.SAMPLE", 60)
    category = make_category()
    Product.objects.bulk_create(
        Product(
            name="Mug" if number % 10 else "Rare mug",
            slug=f"mug-{number}",
            category=category,
            currency="INR",
            brand="Acme" if number % 2 else "Bolt",
            price=5,
        )
        for number in range(300)
    )
    index_everything()
    found = facets(api, q="mug")
    many = found["in_stock"]["false"]
    assert 200 < many < 400
    assert many % 8 == 0  # one of eight was read
    assert found["in_stock"]["true"] == 0
    assert found["categories"][0]["count"] == many
    of_brand = counts(found["brands"])
    assert sum(of_brand.values()) == many
    assert 0.3 < of_brand["Acme"] / many < 0.7
    assert counts(facets(api, q="rare mug")["brands"]) == {"Bolt": 30}
    assert 200 < sum(counts(facets(api, q="mug", brand="Acme")["brands"]).values()) < 400
    assert 200 < facets(api)["in_stock"]["false"] < 400
