"""What an order would come to, before it is placed."""

import pytest

from carts.models import Cart, CartItem, Coupon, CouponUse, TaxRate
from catalog.models import Stock, Variant
from orders.models import Order
from tests.accounts.factories import make_address, make_user
from tests.carts.factories import make_coupon
from tests.catalog.factories import make_product, make_variant

from .factories import ADDRESS, make_cart, make_shipping_method

pytestmark = pytest.mark.django_db

URL = "/api/v1/checkout/preview/"
PLACE = {"country": "IN", "state": "Karnataka", "postal_code": "560001"}


@pytest.fixture
def method():
    return make_shipping_method(price="50.00")


@pytest.fixture
def shopper(api):
    user = make_user()
    api.force_authenticate(user)
    return user


@pytest.fixture
def mug(shopper):
    """What is in the shopper's cart, twice, for 100.00 a piece."""
    mug = make_variant(price="100.00", on_hand=5, product=make_product(name="Mug"))
    make_cart(mug, user=shopper, quantity=2)
    return mug


def test_a_preview_of_the_cart_alone_leaves_null_what_is_not_known(api, mug):
    answer = api.post(URL, {})
    assert answer.status_code == 200
    body = answer.json()
    line = body.pop("items")[0]
    assert body == {
        "currency": "INR",
        "subtotal": "200.00",
        "discount_amount": "0.00",
        "shipping_cost": None,
        "tax_amount": None,
        "total_amount": None,
        "coupon_code": None,
        "discounts": [],
        "refused": None,
        "tax_lines": None,
        "shipping_methods": None,
        "gateways": ["razorpay", "stripe"],
        "messages": [],
    }
    assert line == {
        "id": None,
        "product": mug.product_id,
        "slug": mug.product.slug,
        "thumbnail": None,
        "variant": mug.pk,
        "sku": mug.sku,
        "name": "Mug",
        "attributes": {},
        "quantity": 2,
        "unit_price": "100.00",
        "discount_amount": "0.00",
        "tax_amount": None,
        "line_total": "200.00",
        "returned_quantity": 0,
    }


def test_a_place_brings_the_methods_and_the_tax_of_the_lines(api, mug, method):
    TaxRate.objects.create(country="IN", rate="18")
    body = api.post(URL, {"shipping_address": PLACE}).json()
    assert [(row["id"], row["price"]) for row in body["shipping_methods"]] == [(method.pk, "50.00")]
    assert body["items"][0]["tax_amount"] == "36.00"
    assert (body["shipping_cost"], body["tax_amount"], body["total_amount"]) == (None, None, None)


def test_a_preview_with_everything_is_the_order_that_is_then_placed(api, mug, method):
    TaxRate.objects.create(country="IN", state="KA", rate="18")
    make_coupon(value="12.5", usage_limit=1)
    body = {"shipping_address": ADDRESS, "shipping_method": method.pk, "coupon_code": "save10"}
    shown = api.post(URL, body).json()
    assert shown["total_amount"] == "256.50"
    placed = api.post("/api/v1/orders/", body | {"expected_total": shown["total_amount"]})
    assert placed.status_code == 201
    same = shown.keys() & placed.json().keys() - {"items"}
    assert same >= {"subtotal", "discounts", "refused", "tax_lines", "coupon_code", "tax_amount"}
    assert {name: shown[name] for name in same} == {name: placed.json()[name] for name in same}
    line, of_order = shown["items"][0], placed.json()["items"][0]
    assert line.pop("id") != of_order.pop("id")
    assert line == of_order


def rows():
    models = (Cart, CartItem, Coupon, CouponUse, Order, Stock)
    return [list(model.objects.order_by("pk").values()) for model in models]


def test_nothing_is_written(api, mug, method):
    make_coupon(usage_limit=1, usage_limit_per_user=1, first_order_only=True)
    before = rows()
    body = {"shipping_address": ADDRESS, "shipping_method": method.pk, "coupon_code": "SAVE10"}
    assert api.post(URL, body).json()["discount_amount"] == "20.00"
    assert rows() == before


def test_short_stock_and_new_prices_are_messages(api, mug):
    Stock.objects.update(on_hand=1)
    Variant.objects.update(price="90.00")
    answer = api.post(URL, {})
    assert (answer.status_code, answer.json()["subtotal"]) == (200, "180.00")
    (message,) = answer.json()["messages"]
    assert message.startswith("Only 1 of 'Mug' are left.")
    assert "from 100.00 to 90.00 INR" in message


def test_what_is_no_longer_sold_is_a_message_and_does_not_count(api, mug, shopper):
    make_cart(make_variant(price="7.00", is_active=False), user=shopper)
    body = api.post(URL, {}).json()
    assert (body["subtotal"], len(body["items"]), len(body["messages"])) == ("200.00", 1, 1)


@pytest.mark.parametrize("reason", ["unknown", "min_purchase"])
def test_a_code_that_cannot_be_used_is_refused_and_no_error(api, mug, reason):
    if reason == "min_purchase":
        make_coupon(min_purchase="500")
    answer = api.post(URL, {"coupon_code": "SAVE10"})
    assert (answer.status_code, answer.json()["refused"]["reason"]) == (200, reason)


def test_the_carts_code_counts_unless_null_is_sent(api, mug):
    make_coupon()
    Cart.objects.update(coupon_code="SAVE10")
    assert api.post(URL, {}).json()["discount_amount"] == "20.00"
    assert api.post(URL, {"coupon_code": None}).json()["discount_amount"] == "0.00"


def test_a_place_that_no_zone_serves_has_no_methods_and_a_message(api, mug, method):
    place = {"country": "US", "state": "CA", "postal_code": "94016"}
    answer = api.post(URL, {"shipping_address": place, "shipping_method": method.pk})
    body = answer.json()
    assert (answer.status_code, body["shipping_methods"], body["total_amount"]) == (200, [], None)
    assert body["messages"] == ["We do not send to this place. Give another address."]


def test_a_method_of_another_place_is_a_message(api, mug, method):
    other = make_shipping_method(countries=("US",))
    body = api.post(URL, {"shipping_address": PLACE, "shipping_method": other.pk}).json()
    assert [row["id"] for row in body["shipping_methods"]] == [method.pk]
    assert (body["shipping_cost"], len(body["messages"])) == (None, 1)


def test_tax_is_not_known_before_the_state_is(api, mug, method):
    body = {"shipping_address": {"country": "IN"}, "shipping_method": method.pk}
    shown = api.post(URL, body).json()
    assert (shown["shipping_cost"], shown["tax_amount"], shown["total_amount"]) == (
        "50.00",
        None,
        None,
    )


def test_a_saved_address_wins_over_one_that_is_written(api, mug, shopper, method):
    saved = make_address(shopper)
    body = {"shipping_address_id": str(saved.pk), "shipping_address": {"country": "??"}}
    assert len(api.post(URL, body).json()["shipping_methods"]) == 1
    assert (
        api.post(URL, {"shipping_address_id": str(make_address(make_user()).pk)}).status_code == 400
    )


def test_nothing_to_pay_needs_no_gateway(api, mug):
    free = make_shipping_method(price="0")
    make_coupon(None, value=100)
    body = {"shipping_address": PLACE, "shipping_method": free.pk}
    shown = api.post(URL, body).json()
    assert (shown["total_amount"], shown["gateways"]) == ("0.00", [])


def test_a_guest_previews_the_cart_that_is_named(api, method):
    cart = make_cart(make_variant())
    for headers, body in (({"X-Cart-ID": str(cart.pk)}, {}), ({}, {"cart_id": str(cart.pk)})):
        assert api.post(URL, body, headers=headers).json()["subtotal"] == "100.00"


def test_a_guests_limits_are_known_once_the_mail_is(api):
    cart = make_cart(make_variant())
    coupon = make_coupon(usage_limit_per_user=1)
    CouponUse.objects.create(coupon=coupon, order_id=cart.pk, email_key="asha@example.com")
    body = {"cart_id": str(cart.pk), "coupon_code": "SAVE10"}
    assert api.post(URL, body).json()["refused"] is None
    body["email"] = "Asha@example.com"
    assert api.post(URL, body).json()["refused"]["reason"] == "exhausted"


def test_without_a_cart_there_is_nothing_to_preview(api):
    answer = api.post(URL, {})
    assert (answer.status_code, answer.json()["code"]) == (409, "cart_empty")
    assert not Cart.objects.exists()


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"shipping_address": {"country": "XX"}}, "shipping_address"),
        ({"shipping_address": {"country": "IN", "state": "Nowhere"}}, "shipping_address"),
        ({"shipping_method": "fast"}, "shipping_method"),
        ({"email": "no mail"}, "email"),
    ],
)
def test_what_cannot_be_read_is_refused(api, mug, body, field):
    answer = api.post(URL, body)
    assert (answer.status_code, list(answer.json()["details"])) == (400, [field])


@pytest.mark.parametrize("body", [{"shipping_address": {}}, {"shipping_address": {"state": "X"}}])
def test_an_address_without_a_country_is_as_none(api, mug, body):
    body |= {"shipping_method": None, "email": "", "billing_address": None}
    assert api.post(URL, body).json()["shipping_methods"] is None


def test_a_preview_costs_a_fixed_number_of_queries(api, shopper, method, django_assert_num_queries):
    make_coupon(usage_limit_per_user=1, products=[make_product()])
    make_coupon(None)
    make_cart(*(make_variant() for _ in range(8)), user=shopper)
    body = {"shipping_address": PLACE, "shipping_method": method.pk, "coupon_code": "SAVE10"}
    with django_assert_num_queries(9):
        assert len(api.post(URL, body).json()["items"]) == 8
