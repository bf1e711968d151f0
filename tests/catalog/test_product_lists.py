from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from catalog.models import Collection, Product, Tag
from catalog.services.prices import refresh_derived
from tests.accounts.factories import make_staff, make_user

from .factories import make_category, make_product, make_seller, make_variant

pytestmark = pytest.mark.django_db
URL = "/api/v1/products/"


def ids(response):
    assert response.status_code == 200, response.json()
    return [row["id"] for row in response.json()["results"]]


def start_flash_sale(product, **setting):
    now = timezone.now()
    product.flash_starts_at, product.flash_ends_at = now - timedelta(hours=1), now + timedelta(1)
    for name, value in setting.items():
        setattr(product, name, value)
    product.save()
    refresh_derived(product)


def test_a_list_item_has_the_fields_of_the_contract(api):
    category = make_category(name="Mugs", slug="mugs")
    made = datetime(2026, 1, 31, 12, tzinfo=UTC)
    product = make_product(name="Mug", slug="mug", brand="Acme", category=category, created_at=made)
    make_variant(product=product, price="150.00", compare_at_price="200", on_hand=5, reserved=2)
    make_variant(product=product, price="180", on_hand=4)
    make_variant(product=product, price="1", on_hand=9, is_active=False)
    refresh_derived(product)
    (item,) = api.get(URL).json()["results"]
    assert item == {
        "id": product.pk,
        "slug": "mug",
        "name": "Mug",
        "brand": "Acme",
        "category": {"id": category.pk, "name": "Mugs", "slug": "mugs"},
        "currency": "INR",
        "price": "150.00",
        "compare_at_price": "200.00",
        "discount_percentage": 25.0,
        "on_sale": True,
        "in_stock": True,
        "stock": 7,
        "rating": 0.0,
        "review_count": 0,
        "thumbnail": None,
        "featured": False,
        "best_seller": False,
        "flash_sale": None,
        "created_at": "2026-01-31T12:00:00Z",
    }


def test_a_flash_sale_shows_its_price_against_the_normal_one(api):
    variant = make_variant(price="100.00")
    start_flash_sale(variant.product, flash_percentage=Decimal(30))
    (item,) = api.get(URL).json()["results"]
    assert (item["price"], item["compare_at_price"]) == ("70.00", "100.00")
    assert (item["discount_percentage"], item["on_sale"]) == (30.0, True)
    assert item["flash_sale"]["price"] == "70.00"
    assert item["flash_sale"]["ends_at"].endswith("Z")


def test_a_flash_sale_keeps_a_higher_compare_at_price(api):
    variant = make_variant(price="100.00", compare_at_price="140")
    start_flash_sale(variant.product, flash_price=Decimal(70))
    (item,) = api.get(URL).json()["results"]
    assert (item["price"], item["compare_at_price"]) == ("70.00", "140.00")


@pytest.mark.parametrize("rows", [1, 100])
def test_a_list_costs_two_queries_however_many_rows(api, rows, django_assert_num_queries):
    for _ in range(rows):
        make_variant()
    with django_assert_num_queries(2):
        assert len(ids(api.get(URL, {"page_size": 100}))) == rows


def test_a_later_page_costs_one_query_more_and_works_out_the_stock_of_its_own_rows_alone(
    api, django_assert_num_queries
):
    for _ in range(7):
        make_variant()
    everything = api.get(URL, {"page_size": 100}).json()["results"]
    with django_assert_num_queries(3) as captured:
        page = api.get(URL, {"page_size": 3, "page": 2}).json()["results"]
    assert page == everything[3:6]
    count, keys, rows = [row["sql"] for row in captured.captured_queries]
    assert "COUNT" in count
    assert "OFFSET 3" in keys
    assert ["catalog_stock" in sql for sql in (count, keys, rows)] == [False, False, True]


def test_a_list_with_filters_costs_four_queries_at_most_and_words_four_more(
    api, django_assert_max_num_queries
):
    category, tag = make_category(slug="hats"), Tag.objects.create(name="wool", slug="wool")
    for _ in range(5):
        product = make_variant(product=make_product(category=category)).product
        product.tags.add(tag)
    query = {"category": "hats", "tag": "wool", "attr_color": "red"}
    with django_assert_max_num_queries(4):
        api.get(URL, query)
    with django_assert_max_num_queries(8):
        api.get(URL, query | {"search": "product"})
    with django_assert_max_num_queries(4):
        api.get(URL, {"cursor": ""})


def test_category_takes_descendants_by_slug_or_id_and_may_be_repeated(api):
    root = make_category(slug="clothes")
    child = make_category(parent=root)
    other, third = make_category(slug="toys"), make_category()
    shirt = make_product(category=child)
    toy, lamp = make_product(category=other), make_product(category=third)
    assert ids(api.get(URL, {"category": "clothes"})) == [shirt.pk]
    assert ids(api.get(URL, {"category": str(root.pk)})) == [shirt.pk]
    both = api.get(URL, {"category": ["clothes", "toys"], "ordering": "created_at"})
    assert ids(both) == [shirt.pk, toy.pk]
    assert lamp.pk not in ids(both)
    assert ids(api.get("/api/v1/categories/clothes/products/")) == [shirt.pk]
    assert api.get("/api/v1/categories/nothing/products/").status_code == 404


@pytest.mark.parametrize("name", ["category", "collection", "tag", "seller"])
@pytest.mark.parametrize("value", ["nothing", "999999", "9" * 30])
def test_a_group_that_does_not_exist_is_refused(api, name, value):
    response = api.get(URL, {name: value})
    assert response.status_code == 400
    assert list(response.json()["details"]) == [name]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("min_price", "abc"),
        ("max_price", "NaN"),
        ("max_price", "1e30"),
        ("min_rating", "x"),
        ("in_stock", "maybe"),
        ("on_sale", "2"),
        ("featured", "x"),
        ("flash_sale", "x"),
        ("ordering", "colour"),
        ("ordering", "relevance"),
        ("page_size", "0"),
    ],
)
def test_a_value_that_does_not_parse_is_refused_with_its_field(api, name, value):
    response = api.get(URL, {name: value})
    assert response.status_code == 400
    assert list(response.json()["details"]) == [name]


def test_an_unknown_brand_or_attribute_gives_an_empty_page_and_unknown_names_are_ignored(api):
    product = make_variant(attributes={"color": "red"}).product
    assert ids(api.get(URL, {"brand": "Nobody"})) == []
    assert ids(api.get(URL, {"attr_color": "blue"})) == []
    assert ids(api.get(URL, {"attr_sh'ape": "red"})) == []
    assert ids(api.get(URL, {"colour": "blue", "min_price": ""})) == [product.pk]


def test_repeated_brands_and_attributes_mean_any_of_them(api):
    red = make_variant(attributes={"color": "red"}, product=make_product(brand="Acme")).product
    blue = make_variant(attributes={"color": "blue"}, product=make_product(brand="Bolt")).product
    make_variant(attributes={"color": "grey", "size": "red"}, product=make_product(brand="Cozy"))
    hidden = make_variant(attributes={"color": "red"}, is_active=False)
    for query in ({"attr_color": ["red", "blue"]}, {"brand": ["Acme", "Bolt"]}):
        assert ids(api.get(URL, query | {"ordering": "created_at"})) == [red.pk, blue.pk]
    assert hidden.product_id not in ids(api.get(URL, {"attr_color": "red"}))


def test_brands_and_attributes_are_compared_to_the_letter(api):
    attributes = {"Shoe size": "XL", "Gr\u00f6\u00dfe": "Gro\u00df"}
    product = make_variant(attributes=attributes, product=make_product(brand="Acme")).product
    for name, right, wrong in (
        ("brand", "Acme", ["acme", "Acm\u00e9", "Acme "]),
        ("attr_Shoe size", "XL", ["xl", "XL "]),
        ("attr_Gr\u00f6\u00dfe", "Gro\u00df", ["gro\u00df", "Gross"]),
    ):
        assert ids(api.get(URL, {name: [right, *wrong]})) == [product.pk]
        for value in wrong:
            assert ids(api.get(URL, {name: value})) == [], (name, value)


def test_collections_tags_and_sellers_narrow(api):
    picked, tagged, sold = (
        make_product(),
        make_product(),
        make_product(seller=make_seller(slug="s")),
    )
    Collection.objects.create(title="Best", slug="best").products.add(picked)
    Tag.objects.create(name="Eco", slug="eco").products.add(tagged)
    assert ids(api.get(URL, {"collection": "best"})) == [picked.pk]
    assert ids(api.get(URL, {"tag": "eco"})) == [tagged.pk]
    assert ids(api.get(URL, {"seller": "s"})) == [sold.pk]


def test_prices_stock_and_flags_narrow(api):
    cheap = make_variant(price="10", on_hand=0).product
    dear = make_variant(price="90", compare_at_price="120").product
    refresh_derived(dear)
    sale = make_variant(price="50").product
    start_flash_sale(sale, flash_percentage=Decimal(10))
    cheap.featured = cheap.best_seller = True
    cheap.rating = Decimal("4.5")
    cheap.save()
    order = {"ordering": "price"}
    assert ids(api.get(URL, {"min_price": "45", "max_price": "90"} | order)) == [sale.pk, dear.pk]
    assert ids(api.get(URL, {"max_price": "10.00"})) == [cheap.pk]
    assert ids(api.get(URL, {"in_stock": "false"})) == [cheap.pk]
    assert ids(api.get(URL, {"in_stock": "true"} | order)) == [sale.pk, dear.pk]
    assert ids(api.get(URL, {"on_sale": "true"} | order)) == [sale.pk, dear.pk]
    assert ids(api.get(URL, {"on_sale": "false"})) == [cheap.pk]
    assert ids(api.get(URL, {"flash_sale": "1"})) == [sale.pk]
    assert ids(api.get(URL, {"flash_sale": "false"} | order)) == [cheap.pk, dear.pk]
    assert ids(api.get(URL, {"featured": "true"})) == [cheap.pk]
    assert ids(api.get(URL, {"best_seller": "TRUE"})) == [cheap.pk]
    assert ids(api.get(URL, {"min_rating": "4"})) == [cheap.pk]
    assert ids(api.get(f"{URL}featured/")) == [cheap.pk]
    assert ids(api.get(f"{URL}best-sellers/")) == [cheap.pk]
    assert ids(api.get(f"{URL}flash-sale/")) == [sale.pk]
    assert ids(api.get(f"{URL}new/")) == [sale.pk, dear.pk, cheap.pk]


def test_orderings_end_in_the_id(api):
    first, second, third = (make_variant(price="5").product for _ in range(3))
    first.sold_count = 9
    first.save()
    assert ids(api.get(URL, {"ordering": "price"})) == [first.pk, second.pk, third.pk]
    assert ids(api.get(URL, {"ordering": "-price"})) == [third.pk, second.pk, first.pk]
    assert ids(api.get(URL, {"ordering": "-popularity"})) == [first.pk, third.pk, second.pk]
    assert ids(api.get(URL, {"ordering": "-rating"})) == [third.pk, second.pk, first.pk]


@pytest.mark.parametrize("ordering", ["price", "-price", "name", "-name", "-created_at"])
def test_a_cursor_reads_every_product_once_in_order(api, ordering):
    for number in range(7):
        make_variant(price=str(10 * (number % 3)))
    whole = ids(api.get(URL, {"ordering": ordering}))
    page = api.get(URL, {"ordering": ordering, "cursor": "", "page_size": 3})
    assert set(page.json()) == {"next", "previous", "results"}
    read = ids(page)
    while following := page.json()["next"]:
        page = api.get(following)
        read += ids(page)
    assert read == whole
    assert len(read) == 7


def test_a_cursor_passes_any_number_of_equal_values_and_goes_back(api):
    category = make_category()
    Product.objects.bulk_create(
        Product(name="Same", slug=f"same-{n}", category=category, currency="INR", price=5)
        for n in range(1_250)
    )
    read, url = [], f"{URL}?ordering=-price&cursor=&page_size=100"
    while url:
        page = api.get(url)
        read += ids(page)
        url, last = page.json()["next"], page.json()
    assert read == list(Product.objects.order_by("-pk").values_list("pk", flat=True))
    back = api.get(last["previous"])
    assert ids(back) == read[1_100:1_200]
    assert ids(api.get(back.json()["next"])) == read[1_200:]
    first = back
    while first.json()["previous"]:
        first = api.get(first.json()["previous"])
    assert ids(first) == read[:100]


@pytest.mark.parametrize("cursor", ["x", "e30=", "WyJvbiIsICJ4IiwgIngiXQ==", "é"])
def test_a_cursor_that_was_not_given_out_is_404(api, cursor):
    assert api.get(URL, {"cursor": cursor}).status_code == 404


def test_a_cursor_does_not_follow_popularity(api):
    assert api.get(URL, {"cursor": "", "ordering": "popularity"}).status_code == 400


def test_others_see_active_products_only(api):
    seller = make_seller()
    shown = make_product(seller=seller)
    hidden = make_product(seller=seller, is_active=False)
    foreign = make_product(is_active=False)
    order = {"ordering": "created_at"}
    assert ids(api.get(URL, {"is_active": "false", "mine": "true"})) == [shown.pk]
    api.force_authenticate(make_user())
    assert ids(api.get(URL, {"is_active": "false"})) == [shown.pk]
    api.force_authenticate(seller.user)
    assert ids(api.get(URL, order)) == [shown.pk, hidden.pk]
    assert ids(api.get(URL, {"is_active": "false"})) == [hidden.pk]
    api.force_authenticate(make_staff())
    assert ids(api.get(URL, {"is_active": "false"} | order)) == [hidden.pk, foreign.pk]
    assert ids(api.get(URL, {"mine": "true"})) == []
    assert api.get(URL, {"mine": "x"}).status_code == 400


def test_a_guests_list_may_be_cached_and_is_not_sent_twice(api):
    make_variant()
    first = api.get(URL)
    assert first["Cache-Control"] == "public, max-age=60"
    assert "Authorization" in first["Vary"]
    again = api.get(URL, HTTP_IF_NONE_MATCH=first["ETag"])
    assert (again.status_code, again.content) == (304, b"")
    assert again["ETag"] == first["ETag"]
    make_variant()
    assert api.get(URL, HTTP_IF_NONE_MATCH=first["ETag"]).status_code == 200


def test_a_users_list_is_private(api):
    api.force_authenticate(make_user())
    assert api.get(URL)["Cache-Control"] == "private, no-cache"


def test_an_unknown_page_is_404(api):
    assert api.get(URL, {"page": 9}).status_code == 404


def test_low_stock_is_for_staff(api):
    low = make_variant(on_hand=8, reserved=3, low_stock_threshold=5)
    make_variant(on_hand=9, reserved=3, low_stock_threshold=5)
    assert api.get(f"{URL}low-stock/").status_code == 401
    api.force_authenticate(make_user())
    assert api.get(f"{URL}low-stock/").status_code == 403
    api.force_authenticate(make_staff())
    (row,) = api.get(f"{URL}low-stock/").json()["results"]
    assert (row["id"], row["stock"], row["low_stock_threshold"]) == (low.pk, 5, 5)
    assert row["product"]["id"] == low.product_id
