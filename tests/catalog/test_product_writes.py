from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from catalog.models import Collection, Product, StockMovement, Tag, Variant
from catalog.signals import product_changed
from orders.models import Order, OrderLine
from tests.accounts.factories import make_staff, make_user

from .factories import make_category, make_product, make_seller, make_variant

pytestmark = pytest.mark.django_db
URL = "/api/v1/products/"


@pytest.fixture
def category():
    return make_category(slug="mugs")


@pytest.fixture
def staff(api):
    user = make_staff()
    api.force_authenticate(user)
    return user


def order_of(variant):
    money = {"subtotal": 1, "total_amount": 1}
    order = Order.objects.create(number=f"ORD-{variant.pk}", currency="INR", **money)
    return OrderLine.objects.create(
        order=order,
        position=1,
        product=variant.product,
        variant=variant,
        sku=variant.sku,
        name="x",
        quantity=1,
        unit_price=1,
        line_total=1,
    )


def sale(**fields):
    now = timezone.now()
    return {"starts_at": now - timedelta(hours=1), "ends_at": now + timedelta(hours=1)} | fields


def post(api, category, /, **fields):
    body = {"name": "Blue mug", "category": category.pk, "price": "199.90"} | fields
    return api.post(URL, {k: v for k, v in body.items() if v is not None})


def refused(response, field):
    assert response.status_code == 400, response.json()
    assert field in response.json()["details"], response.json()
    return True


def test_a_product_of_one_variant_is_created_with_stock_and_ledger(api, staff, category):
    Collection.objects.create(pk=7, title="Best", slug="best")
    response = post(
        api,
        category,
        description="Nice.",
        brand="Acme",
        compare_at_price="250",
        cost_price="90.5",
        sku="mug-1",
        stock=5,
        low_stock_threshold=2,
        tags=["Kitchen", "kitchen", "2026", "new"],
        collections=[7],
        hsn_code="6912",
        weight_grams=300,
        attributes={"color": "blue", "size": 12},
    )
    assert response.status_code == 201
    body = response.json()
    assert response["Location"] == f"http://testserver{URL}{body['id']}/"
    assert (body["slug"], body["currency"], body["price"]) == ("blue-mug", "INR", "199.90")
    assert (body["compare_at_price"], body["cost_price"]) == ("250.00", "90.50")
    assert (body["stock"], body["in_stock"], body["is_active"]) == (5, True, True)
    assert sorted(body["tags"]) == ["2026", "Kitchen", "new"]
    assert (body["collections"], body["hsn_code"], body["seller"]) == ([7], "6912", None)
    assert body["options"] == [
        {"name": "color", "values": ["blue"]},
        {"name": "size", "values": ["12"]},
    ]
    (variant,) = body["variants"]
    assert (variant["sku"], variant["stock"], variant["low_stock_threshold"]) == ("MUG-1", 5, 2)
    movement = StockMovement.objects.get()
    assert (movement.kind, movement.on_hand_after, movement.recorded_by) == ("IN", 5, staff)
    assert api.get(f"{URL}blue-mug/").json() == api.get(f"{URL}{body['id']}/").json() == body


def test_a_second_product_with_the_same_tags_makes_no_new_ones(api, staff, category):
    for _ in range(2):
        assert post(api, category, tags=["2026", "new", "Kitchen"]).status_code == 201
    assert Tag.objects.count() == 3


def test_a_product_of_several_variants_costs_its_lowest_price(api, staff, category):
    variants = [
        {"sku": "m-s", "price": "90", "stock": 2, "attributes": {"size": "S"}},
        {"price": "80", "stock": 3, "attributes": {"size": "L"}},
        {"sku": "m-x", "stock": 0},
    ]
    body = post(api, category, variants=variants).json()
    assert (body["price"], body["stock"]) == ("80.00", 5)
    assert [v["price"] for v in body["variants"]] == ["90.00", "80.00", "199.90"]
    assert [v["in_stock"] for v in body["variants"]] == [True, True, False]
    assert body["variants"][1]["sku"].startswith("BLUE-MUG-")
    assert body["options"] == [{"name": "size", "values": ["S", "L"]}]


def test_slugs_are_unique_never_a_number_and_never_a_word_of_the_path(api, staff, category):
    names = ["Blue mug", "Blue mug", "1984", "New", "कप", "-"]
    slugs = [post(api, category, name=name).json()["slug"] for name in names]
    assert len(set(slugs)) == len(slugs)
    assert slugs[0] == "blue-mug"
    assert slugs[1].startswith("blue-mug-")
    assert slugs[2:4] == ["product-1984", "product-new"]
    assert slugs[4].startswith("product")
    assert refused(post(api, category, slug="12"), "slug")
    assert refused(post(api, category, slug="low-stock"), "slug")
    assert refused(post(api, category, slug="blue-mug"), "slug")


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"price": None}, "price"),
        ({"price": "-1"}, "price"),
        ({"price": "1.234"}, "price"),
        ({"name": ""}, "name"),
        ({"category": 999999}, "category"),
        ({"variants": []}, "variants"),
        ({"price": None, "variants": [{"sku": "a"}]}, "variants"),
        ({"variants": [{"sku": "a", "price": 1}, {"sku": "A", "price": 1}]}, "variants"),
        ({"collections": [999]}, "collections"),
        ({"stock": -1}, "stock"),
        ({"seller": 999999}, "seller"),
        ({"flash_sale": sale(price="199.90")}, "flash_sale"),
        ({"flash_sale": sale()}, "flash_sale"),
        ({"flash_sale": sale(price="1", discount_percentage="1")}, "flash_sale"),
        ({"flash_sale": sale(discount_percentage="100")}, "flash_sale"),
        (
            {"flash_sale": sale(discount_percentage="1", ends_at="2020-01-01T00:00:00Z")},
            "flash_sale",
        ),
        ({"flash_sale": {"price": "1"}}, "flash_sale"),
        ({"variants": [{"price": 9}, {"price": 9}], "flash_sale": sale(price="1")}, "flash_sale"),
    ],
)
def test_a_refused_product_leaves_nothing(api, staff, category, fields, field):
    assert refused(post(api, category, **fields), field)
    assert not Product.objects.exists()
    assert not StockMovement.objects.exists()


def test_a_taken_sku_is_refused_whatever_its_case(api, staff, category):
    make_variant(sku="MUG-1")
    assert refused(post(api, category, sku="mug-1"), "sku")
    assert refused(post(api, category, variants=[{"sku": "Mug-1", "price": "1"}]), "variants")
    assert Product.objects.count() == 1


def test_guests_and_customers_may_not_write(api, category):
    product = make_variant().product
    for user, code in ((None, 401), (make_user(), 403)):
        api.force_authenticate(user)
        assert post(api, category).status_code == code
        for method in (api.put, api.patch, api.delete):
            assert method(f"{URL}{product.pk}/", {"name": "x"}).status_code == code
    assert Product.objects.get().name == product.name


def test_staff_need_the_permission(api, category):
    api.force_authenticate(make_user(is_staff=True))
    assert post(api, category).status_code == 403


def test_a_seller_writes_own_products_only(api, category):
    seller, other = make_seller(), make_seller()
    foreign = make_variant(product=make_product(seller=other)).product
    hidden = make_variant(product=make_product(seller=other, is_active=False)).product
    api.force_authenticate(seller.user)
    made = post(api, category, seller=other.pk).json()
    assert made["seller"] == {"id": seller.pk, "slug": seller.slug, "name": "Shop"}
    assert api.patch(f"{URL}{made['id']}/", {"brand": "Mine"}).json()["brand"] == "Mine"
    for method in (api.put, api.patch, api.delete):
        assert method(f"{URL}{foreign.pk}/", {"name": "x"}).status_code == 403
        assert method(f"{URL}{hidden.pk}/", {"name": "x"}).status_code == 404
    foreign.refresh_from_db()
    assert foreign.name != "x"


def test_an_inactive_product_is_404_but_for_its_seller_and_staff(api):
    seller = make_seller()
    product = make_variant(product=make_product(seller=seller, is_active=False)).product
    readers = [(None, 404), (make_user(), 404), (make_seller().user, 404)]
    for user, code in [*readers, (seller.user, 200), (make_staff(), 200)]:
        api.force_authenticate(user)
        assert api.get(f"{URL}{product.slug}/").status_code == code
        assert api.get(f"{URL}{product.pk}/variants/").status_code == code


def test_what_concerns_the_seller_alone_is_not_shown_to_others(api):
    seller = make_seller()
    shown = make_variant(product=make_product(seller=seller), cost_price="5")
    make_variant(product=shown.product, is_active=False)
    own = {"is_active", "hsn_code", "cost_price", "flash_sale_setting"}
    body = api.get(f"{URL}{shown.product_id}/").json()
    assert not own & set(body)
    assert [v["id"] for v in body["variants"]] == [shown.pk]
    api.force_authenticate(seller.user)
    body = api.get(f"{URL}{shown.product_id}/").json()
    assert own <= set(body)
    assert len(body["variants"]) == 2


def test_a_detail_costs_six_queries_at_most(api, django_assert_num_queries):
    product = make_product(seller=make_seller())
    for number in range(6):
        make_variant(product=product, attributes={"size": str(number)})
        product.tags.add(Tag.objects.create(name=f"t{number}", slug=f"t{number}"))
    with django_assert_num_queries(5):
        assert len(api.get(f"{URL}{product.slug}/").json()["variants"]) == 6


def test_patch_changes_what_it_names_and_never_stock(api, staff, category):
    made = post(api, category, sku="a", stock=5).json()
    body = api.patch(f"{URL}{made['id']}/", {"price": "150", "stock": 99, "sku": "b"}).json()
    assert (body["price"], body["stock"], body["variants"][0]["sku"]) == ("150.00", 5, "B")
    assert (body["name"], body["slug"]) == ("Blue mug", "blue-mug")
    assert api.get(URL, {"max_price": "150"}).json()["count"] == 1


def test_patch_with_variants_changes_adds_and_leaves(api, staff, category):
    variants = [{"sku": "a", "price": 1}, {"sku": "b", "price": 2}]
    made = post(api, category, variants=variants).json()
    a, b = (v["id"] for v in made["variants"])
    change = {"variants": [{"id": a, "price": "5"}, {"sku": "c", "price": "3", "stock": 4}]}
    body = api.patch(f"{URL}{made['id']}/", change).json()
    rows = [(v["sku"], v["price"], v["stock"]) for v in body["variants"]]
    assert rows == [("A", "5.00", 0), ("B", "2.00", 0), ("C", "3.00", 4)]
    assert (body["price"], body["in_stock"]) == ("2.00", True)
    foreign = make_variant()
    assert refused(api.patch(f"{URL}{made['id']}/", {"variants": [{"id": foreign.pk}]}), "variants")
    new = {"variants": [{"sku": "d"}]}
    assert refused(api.patch(f"{URL}{made['id']}/", new), "variants")
    assert Variant.objects.filter(product_id=made["id"]).count() == 3
    assert Variant.objects.get(pk=b).price == 2


def test_put_archives_the_variants_it_does_not_name(api, staff, category):
    variants = [{"sku": "a", "price": 1, "stock": 3}, {"sku": "b", "price": 2}]
    made = post(api, category, variants=variants).json()
    b = made["variants"][1]["id"]
    whole = {"name": "Mug", "category": category.pk}
    assert refused(api.put(f"{URL}{made['id']}/", whole), "variants")
    body = api.put(f"{URL}{made['id']}/", whole | {"variants": [{"id": b}]}).json()
    assert [v["sku"] for v in body["variants"]] == ["B"]
    assert (body["name"], body["price"], body["in_stock"]) == ("Mug", "2.00", False)
    assert Variant.objects.get(sku="A").archived_at is not None
    assert refused(api.put(f"{URL}{made['id']}/", whole), "price")
    assert api.put(f"{URL}{made['id']}/", whole | {"price": "7"}).json()["price"] == "7.00"


def test_patch_of_the_price_of_several_variants_is_refused(api, staff):
    product = make_product()
    make_variant(product=product, price="1")
    make_variant(product=product, price="2")
    assert refused(api.patch(f"{URL}{product.pk}/", {"price": "9"}), "price")
    assert sorted(product.variants.values_list("price", flat=True)) == [1, 2]


def test_a_flash_sale_comes_and_goes(api, staff, category):
    made = post(api, category, flash_sale=sale(discount_percentage="25")).json()
    assert (made["price"], made["compare_at_price"]) == ("149.93", "199.90")
    assert made["variants"][0]["price"] == "149.93"
    assert made["flash_sale"]["price"] == "149.93"
    assert made["flash_sale_setting"]["discount_percentage"] == 25.0
    assert api.get(URL, {"max_price": "150"}).json()["count"] == 1
    body = api.patch(f"{URL}{made['id']}/", {"flash_sale": sale(price="99")}).json()
    assert (body["price"], body["flash_sale_setting"]["price"]) == ("99.00", "99.00")
    body = api.patch(f"{URL}{made['id']}/", {"flash_sale": None}).json()
    assert (body["price"], body["flash_sale"], body["flash_sale_setting"]) == ("199.90", None, None)


def test_no_single_change_slips_past_the_rules_of_a_flash_price(api, staff, category):
    made = post(api, category, flash_sale=sale(price="99")).json()
    url = f"{URL}{made['id']}/"
    variant = made["variants"][0]["id"]
    assert refused(api.patch(url, {"price": "99"}), "flash_sale")
    assert refused(api.patch(f"{url}variants/{variant}/", {"price": "50"}), "flash_sale")
    assert refused(api.post(f"{url}variants/", {"price": "500"}), "flash_sale")
    assert refused(api.patch(url, {"variants": [{"price": "500"}]}), "flash_sale")
    assert refused(api.patch(url, {"flash_sale": {"price": "5"}}), "flash_sale")
    assert refused(api.patch(url, {"flash_sale": sale(price="300")}), "flash_sale")
    body = api.get(url).json()
    assert (body["price"], body["compare_at_price"], len(body["variants"])) == (
        "99.00",
        "199.90",
        1,
    )


def test_delete_removes_a_product_that_was_never_ordered(api, staff):
    variant = make_variant()
    assert api.delete(f"{URL}{variant.product_id}/").status_code == 204
    assert not Product.objects.exists()
    assert not Variant.objects.exists()


def test_delete_archives_a_product_that_is_in_a_cart_and_the_cart_says_so(api, staff):
    variant = make_variant()
    api.post("/api/v1/cart/items/", {"variant": variant.pk, "quantity": 1})
    assert api.delete(f"{URL}{variant.product_id}/").status_code == 204
    assert api.get(f"{URL}{variant.product_id}/").status_code == 404
    (line,) = api.get("/api/v1/cart/").json()["items"]
    assert "is no longer sold" in line["message"]
    assert (line["available"], line["line_total"]) == (0, "0.00")


def test_delete_archives_a_product_that_was_ordered(api, staff):
    variant = make_variant()
    line = order_of(variant)
    url = f"{URL}{variant.product_id}/"
    assert api.delete(url).status_code == 204
    assert api.get(url).status_code == api.delete(url).status_code == 404
    assert api.patch(url, {"is_active": True}).status_code == 404
    assert api.get(URL).json()["count"] == 0
    line.refresh_from_db()
    assert line.product.archived_at is not None


def test_writing_a_product_tells_others(api, staff, category):
    told = []

    def listen(product_ids, **kwargs):
        told.extend(product_ids)

    product_changed.connect(listen)
    made = post(api, category).json()
    api.patch(f"{URL}{made['id']}/", {"brand": "x"})
    api.delete(f"{URL}{made['id']}/")
    product_changed.disconnect(listen)
    assert told == [made["id"]] * 3


def test_variants_are_written_below_their_product(api, staff):
    product = make_variant(price="50", on_hand=0).product
    url = f"{URL}{product.slug}/variants/"
    made = api.post(url, {"sku": "x-2", "price": "40", "stock": 3, "attributes": {"color": "red"}})
    assert made.status_code == 201
    body = made.json()
    assert (body["sku"], body["price"], body["stock"], body["in_stock"]) == (
        "X-2",
        "40.00",
        3,
        True,
    )
    assert api.get(made["Location"]).json() == body
    product.refresh_from_db()
    assert (product.price, product.in_stock) == (Decimal(40), True)
    patched = api.patch(made["Location"], {"is_active": False, "stock": 50}).json()
    assert (patched["is_active"], patched["stock"]) == (False, 3)
    product.refresh_from_db()
    assert (product.price, product.in_stock) == (Decimal(50), False)
    assert refused(api.post(url, {"sku": "X-2", "price": "1"}), "sku")
    assert refused(api.post(url, {"sku": "y"}), "price")
    assert refused(api.patch(made["Location"], {"image": 99}), "image")
    assert api.get(url).json()["count"] == 2
    api.force_authenticate(None)
    assert api.get(url).json()["count"] == 1
    assert api.get(made["Location"]).status_code == 404


def test_a_variant_is_deleted_archived_once_ordered_and_the_last_one_stays(api, staff):
    first, second, third = (make_variant(product=p) for p in [make_product()] * 3)
    order_of(first)
    url = f"{URL}{first.product_id}/variants/"
    assert api.delete(f"{url}{first.pk}/").status_code == 204
    assert api.delete(f"{url}{second.pk}/").status_code == 204
    assert api.get(f"{url}{first.pk}/").status_code == 404
    assert list(Variant.objects.values_list("pk", flat=True)) == [first.pk, third.pk]
    response = api.delete(f"{url}{third.pk}/")
    assert (response.status_code, response.json()["code"]) == (409, "conflict")
    assert Variant.objects.filter(pk=third.pk).exists()


def test_a_variant_of_another_product_is_not_found(api, staff):
    variant, other = make_variant(), make_variant()
    url = f"{URL}{other.product_id}/variants/{variant.pk}/"
    assert api.get(url).status_code == api.delete(url).status_code == 404
