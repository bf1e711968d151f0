"""Every field of a product refuses what it cannot hold, by its name, and nothing changes."""

import pytest

from catalog.models import Product, Variant
from tests.accounts.factories import make_staff

from .factories import make_category, make_product, make_seller, make_variant

pytestmark = pytest.mark.django_db
URL = "/api/v1/products/"

TEXTS = ["name", "description", "brand", "tax_class", "meta_title", "meta_description"]
NOT_TEXTS = [None, True, [], {}, ["x"]]
NUMBERS = ["weight_grams", "low_stock_threshold", "stock"]
NOT_COUNTS = [None, -1, 1.5, "x", "", True, [], {}, 2**31]
AMOUNTS = ["price", "compare_at_price", "cost_price"]
NOT_AMOUNTS = ["x", "-1", "NaN", "Infinity", "1.234", "1e30", True, [], {}]
NOT_IDS = ["x", 0, -1, 1.5, True, [], {}, 2**62]

BAD = [
    *[(name, NOT_TEXTS) for name in TEXTS],
    *[(name, NOT_COUNTS) for name in NUMBERS],
    *[(name, NOT_AMOUNTS) for name in AMOUNTS],
    *[(name, ["x" * 501]) for name in TEXTS if name != "description"],
    ("name", ["", "  "]),
    ("tax_class", [""]),
    ("price", [None, ""]),
    ("slug", [None, "with space", "x/y", "é", "12", "new", "x" * 256, [], {}]),
    ("category", [None, "", *NOT_IDS]),
    ("seller", NOT_IDS),
    ("is_active", [None, "x", 2, [], {}]),
    ("featured", [None, "x", 2, [], {}]),
    ("tags", [None, "x", {}, [None], [""], [[]], ["x" * 61], ["x"] * 51]),
    ("collections", [None, "x", {}, [None], ["x"], [0], [999999], [1] * 101]),
    ("hsn_code", [None, "123", "123456789", "12a4", [], {}]),
    ("sku", [None, "x" * 65, [], {}]),
    ("barcode", [None, "x" * 65, [], {}]),
    ("attributes", [None, "x", [], {"": "x"}, {"x" * 51: "x"}, {"a": None}, {"a": "x" * 101}]),
    ("attributes", [{"a": {}}, {"a": []}, {str(n): "x" for n in range(21)}]),
    ("flash_sale", ["x", 1, [], {}, {"price": "1"}, {"price": "x", "ends_at": "2099-01-01"}]),
    ("flash_sale", [{"price": "1.00", "ends_at": "never"}, {"discount_percentage": "NaN"}]),
    ("variants", [None, "x", {}, [None], ["x"], [{"id": "x"}], [{}] * 201]),
]


@pytest.mark.parametrize(("name", "values"), BAD)
def test_a_bad_value_is_refused_by_the_name_of_its_field(api, name, values):
    api.force_authenticate(make_staff())
    variant = make_variant(price="100.00")
    product, whole = variant.product, {"name": "Mug", "price": "5.00"}
    rows = Product.objects.values(), Variant.objects.values()
    before = [list(query.all()) for query in rows]
    whole["category"] = product.category_id
    for value in values:
        calls = [
            api.patch(f"{URL}{product.pk}/", {name: value}),
            api.put(f"{URL}{product.pk}/", whole | {name: value}),
            api.post(URL, whole | {name: value}),
        ]
        for response in calls:
            assert response.status_code == 400, (value, response.json())
            assert list(response.json()["details"]) == [name]
    assert [list(query.all()) for query in rows] == before


def test_a_taken_sku_is_named(api):
    api.force_authenticate(make_staff())
    make_variant(sku="MUG-1")
    response = api.patch(f"{URL}{make_variant().product_id}/", {"sku": "mug-1"})
    assert response.json()["details"] == {"sku": ["The SKU MUG-1 is taken."]}


def test_staff_alone_feature_products(api):
    seller = make_seller()
    api.force_authenticate(seller.user)
    body = {"name": "Mug", "category": make_category().pk, "price": "5.00", "featured": True}
    made = api.post(URL, body).json()
    assert made["featured"] is False
    url = f"{URL}{made['id']}/"
    assert api.patch(url, {"featured": True}).json()["featured"] is False
    api.force_authenticate(make_staff())
    assert api.patch(url, {"featured": True}).json()["featured"] is True
    api.force_authenticate(seller.user)
    body = api.put(url, body | {"name": "Cup", "featured": False}).json()
    assert (body["name"], body["featured"]) == ("Cup", True)


def test_a_seller_does_not_see_the_costs_of_others(api):
    own, other = make_seller(), make_seller()
    variant = make_variant(product=make_product(seller=other), cost_price="5.00")
    url = f"{URL}{variant.product_id}/"
    for user, sees in ((own.user, False), (other.user, True)):
        api.force_authenticate(user)
        assert ("cost_price" in api.get(url).json()) is sees
        assert "cost_price" not in api.get(f"{url}variants/").json()["results"][0]
    api.force_authenticate(own.user)
    assert api.patch(f"{url}variants/{variant.pk}/", {"price": "1.00"}).status_code == 403
    variant.refresh_from_db()
    assert variant.price == 100
