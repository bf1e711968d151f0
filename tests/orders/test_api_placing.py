from decimal import Decimal
from uuid import uuid4

import pytest
from django.core.cache import cache

from carts.models import Cart, TaxRate
from catalog.models import Stock
from config.models import IdempotencyKey
from orders.models import Order
from orders.services.access import token_of
from tests.accounts.factories import make_address, make_user
from tests.catalog.factories import make_product, make_variant

from .factories import ADDRESS, make_cart, make_shipping_method

pytestmark = pytest.mark.django_db

NO_CART = "6f1e1f0e-6d5b-4f0b-9a43-0f6f4a1b2c3d"
URL = "/api/v1/orders/"


@pytest.fixture
def method():
    return make_shipping_method(price="50.00")


@pytest.fixture
def shopper(api):
    user = make_user(email="asha@example.com")
    api.force_authenticate(user)
    return user


def body_with(method, **fields):
    return {"shipping_address": ADDRESS, "shipping_method": method.pk} | fields


def guest_body(method, cart, **fields):
    return body_with(method, cart_id=str(cart.pk)) | {"email": "guest@example.com"} | fields


def test_a_user_orders_what_is_in_the_own_cart(api, shopper, method):
    TaxRate.objects.create(country="IN", rate="10")
    product = make_product(name="Blue mug", slug="blue-mug", thumbnail="thumbnails/mug.webp")
    mug = make_variant(
        price="199.90", sku="MUG-1", product=product, attributes={"color": "blue"}, on_hand=9
    )
    cart = make_cart(mug, user=shopper, quantity=2)
    answer = api.post(URL, body_with(method, notes="Ring twice", expected_total="489.78"))

    assert answer.status_code == 201
    order = Order.objects.get()
    line = order.lines.get()
    assert answer["Location"] == f"http://testserver/api/v1/orders/{order.pk}/"
    body = answer.json()
    times = {name: body.pop(name) for name in ("expires_at", "created_at", "updated_at")}
    assert all(text.endswith("Z") and len(text) == 20 for text in times.values())
    assert body == {
        "id": str(order.pk),
        "number": order.number,
        "status": "pending",
        "payment_status": "pending",
        "email": "asha@example.com",
        "currency": "INR",
        "subtotal": "399.80",
        "discount_amount": "0.00",
        "shipping_cost": "50.00",
        "tax_amount": "39.98",
        "total_amount": "489.78",
        "amount_paid": "0.00",
        "amount_refunded": "0.00",
        "coupon_code": None,
        "discounts": [],
        "refused": None,
        "tax_lines": [{"name": "Tax", "rate": "10.00", "amount": "39.98"}],
        "gateway": None,
        "invoice_number": None,
        "credit_notes": [],
        "can_cancel": True,
        "delivered_at": None,
        "return_until": None,
        "items": [
            {
                "id": str(line.pk),
                "product": product.pk,
                "slug": "blue-mug",
                "thumbnail": "http://testserver/media/thumbnails/mug.webp",
                "variant": mug.pk,
                "sku": "MUG-1",
                "name": "Blue mug",
                "attributes": {"color": "blue"},
                "quantity": 2,
                "unit_price": "199.90",
                "discount_amount": "0.00",
                "tax_amount": "39.98",
                "line_total": "399.80",
                "returned_quantity": 0,
            }
        ],
        "shipping_address": ADDRESS,
        "billing_address": ADDRESS,
        "shipping_method": {"id": method.pk, "name": "Standard"},
        "shipments": [],
        "notes": "Ring twice",
    }
    assert not cart.items.exists()
    assert Stock.objects.get(pk=mug.pk).reserved == 2


def test_a_guest_orders_with_an_email_and_gets_the_orders_token(api, method):
    cart = make_cart(make_variant())
    answer = api.post(URL, guest_body(method, cart))
    assert answer.status_code == 201
    order = Order.objects.get()
    assert (order.user, order.email) == (None, "guest@example.com")
    assert answer.json()["access_token"] == token_of(order)
    seen = api.get(f"{URL}{order.number}/", {"token": token_of(order)})
    assert seen.status_code == 200
    assert "access_token" not in seen.json()


@pytest.mark.parametrize("email", [None, "", "no address", f"{'x' * 250}@example.com", ...])
def test_a_guest_must_give_an_email(api, method, email):
    cart = make_cart(make_variant())
    body = guest_body(method, cart, email=email)
    if email is ...:
        del body["email"]
    answer = api.post(URL, body)
    assert answer.status_code == 400
    assert list(answer.json()["details"]) == ["email"]
    assert not Order.objects.exists()
    assert cart.items.count() == 1


def test_guests_log_in_where_guest_checkout_is_off(api, method, settings):
    settings.GUEST_CHECKOUT = False
    cart = make_cart(make_variant())
    answer = api.post(URL, guest_body(method, cart))
    assert (answer.status_code, answer.json()["code"]) == (401, "not_authenticated")
    assert answer["WWW-Authenticate"]
    assert cart.items.count() == 1
    api.force_authenticate(make_user())
    assert api.post(URL, guest_body(method, cart)).status_code == 201


def test_a_user_without_an_email_may_order(api, method):
    user = make_user(email=None, phone="+919876543210")
    api.force_authenticate(user)
    make_cart(make_variant(), user=user)
    answer = api.post(URL, body_with(method, email="ignored@example.com"))
    assert (answer.status_code, answer.json()["email"]) == (201, "")


# Which cart


def test_the_header_or_the_cookie_stand_for_the_cart_id(api, method):
    for name in ("header", "cookie"):
        cart = make_cart(make_variant())
        body = guest_body(method, cart)
        del body["cart_id"]
        headers = {"X-Cart-ID": str(cart.pk)} if name == "header" else {}
        if name == "cookie":
            api.cookies["cart_id"] = str(cart.pk)
        assert api.post(URL, body, headers=headers).status_code == 201
        assert not cart.items.exists()


@pytest.mark.parametrize("cart_id", ["not-a-uuid", NO_CART, None, 7])
def test_a_cart_id_that_names_no_cart_is_an_empty_cart(api, method, cart_id):
    answer = api.post(URL, body_with(method, email="guest@example.com", cart_id=cart_id))
    assert (answer.status_code, answer.json()["code"]) == (409, "cart_empty")


def test_a_guest_cannot_order_the_cart_of_a_user(api, method):
    cart = make_cart(make_variant(), user=make_user())
    answer = api.post(URL, guest_body(method, cart))
    assert (answer.status_code, answer.json()["code"]) == (409, "cart_empty")
    assert cart.items.count() == 1


def test_a_user_gets_the_own_cart_whatever_header_is_sent(api, shopper, method):
    own, other = make_cart(make_variant(), user=shopper), make_cart(make_variant())
    answer = api.post(URL, body_with(method), headers={"X-Cart-ID": str(other.pk)})
    assert answer.status_code == 201
    assert (own.items.count(), other.items.count()) == (0, 1)


def test_an_empty_cart_is_refused(api, shopper, method):
    make_cart(user=shopper)
    answer = api.post(URL, body_with(method))
    assert (answer.status_code, answer.json()["code"]) == (409, "cart_empty")


# Addresses and shipping


def test_a_saved_address_wins_over_an_inline_one(api, shopper, method):
    saved = make_address(shopper, city="Mysuru", full_name="Saved")
    make_cart(make_variant(), user=shopper)
    body = body_with(method, shipping_address_id=str(saved.pk), billing_address=ADDRESS)
    answer = api.post(URL, body).json()
    assert answer["shipping_address"] == ADDRESS | {"city": "Mysuru", "full_name": "Saved"}
    assert answer["billing_address"] == ADDRESS
    saved.delete()
    assert Order.objects.get().shipping_address["city"] == "Mysuru"


def test_an_inline_address_is_not_even_read_where_a_saved_one_wins(api, shopper, method):
    saved = make_address(shopper, city="Mysuru")
    make_cart(make_variant(), user=shopper)
    ids = {"shipping_address_id": str(saved.pk), "billing_address_id": str(saved.pk)}
    body = body_with(method, **ids) | {"shipping_address": {}, "billing_address": {"city": "x"}}
    answer = api.post(URL, body)
    assert answer.status_code == 201
    assert answer.json()["shipping_address"]["city"] == "Mysuru"


def test_an_inline_address_is_judged_and_spelt_as_saved_ones_are(api, shopper, method):
    cart = make_cart(make_variant(), user=shopper)
    loose = {
        "full_name": "Asha Rao",
        "phone_number": "098765 43210",
        "address_line1": "12 MG Road",
        "city": "Bengaluru",
        "state": "Karnataka",
        "postal_code": "560 001",
        "country": "in",
    }
    for wrong in ({"state": "Bavaria"}, {"postal_code": ""}, {"country": "XX"}):
        answer = api.post(URL, body_with(method) | {"shipping_address": loose | wrong})
        assert answer.status_code == 400
        assert list(answer.json()["details"]["shipping_address"]) == list(wrong)
    assert cart.items.count() == 1
    answer = api.post(URL, body_with(method) | {"shipping_address": loose})
    assert answer.status_code == 201
    assert answer.json()["shipping_address"] == ADDRESS


def test_a_saved_billing_address_is_kept_beside_the_shipping_address(api, shopper, method):
    saved = make_address(shopper, address_type="billing", city="Mysuru")
    make_cart(make_variant(), user=shopper)
    body = body_with(method, billing_address_id=str(saved.pk), shipping_address_id=None)
    answer = api.post(URL, body).json()
    assert answer["billing_address"]["city"] == "Mysuru"
    assert answer["shipping_address"] == ADDRESS


@pytest.mark.parametrize("field", ["shipping_address_id", "billing_address_id"])
def test_an_address_of_somebody_else_is_refused(api, shopper, method, field):
    theirs = make_address(make_user())
    cart = make_cart(make_variant(), user=shopper)
    for value in (str(theirs.pk), str(uuid4()), "nonsense", 7):
        answer = api.post(URL, body_with(method, **{field: value}))
        assert answer.status_code == 400
        assert list(answer.json()["details"]) == [field]
    assert cart.items.count() == 1


def test_a_guest_cannot_use_a_saved_address(api, method):
    address = make_address(make_user())
    cart = make_cart(make_variant())
    answer = api.post(URL, guest_body(method, cart, shipping_address_id=str(address.pk)))
    assert answer.status_code == 400
    assert list(answer.json()["details"]) == ["shipping_address_id"]


@pytest.mark.parametrize("field", ["shipping_address", "shipping_method"])
@pytest.mark.parametrize("how", ["left out", "null"])
def test_an_address_and_a_method_must_be_given(api, shopper, method, field, how):
    cart = make_cart(make_variant(), user=shopper)
    body = body_with(method) | {field: None}
    if how == "left out":
        del body[field]
    answer = api.post(URL, body)
    assert answer.status_code == 400
    assert list(answer.json()["details"]) == [field]
    assert cart.items.count() == 1


def test_a_method_that_does_not_serve_the_address_is_refused(api, shopper, method):
    cart = make_cart(make_variant(), user=shopper)
    elsewhere = make_shipping_method(countries=["US"])
    for pk in (elsewhere.pk, 10**15):
        answer = api.post(URL, body_with(method, shipping_method=pk))
        assert answer.status_code == 400
        assert list(answer.json()["details"]) == ["shipping_method"]
    assert cart.items.count() == 1


def test_a_place_that_no_zone_serves_is_refused(api, shopper, method):
    cart = make_cart(make_variant(), user=shopper)
    abroad = ADDRESS | {
        "country": "SG",
        "state": "",
        "postal_code": "238801",
        "phone_number": "+6562345678",
    }
    answer = api.post(URL, body_with(method, shipping_address=abroad))
    assert answer.status_code == 400
    assert list(answer.json()["details"]) == ["shipping_address"]
    assert cart.items.count() == 1


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("notes", "x" * 1001),
        ("expected_total", "abc"),
        ("expected_total", "1.005"),
        ("shipping_method", "abc"),
        ("shipping_method", 0),
        ("shipping_address", "12 MG Road"),
        ("billing_address", {"full_name": "Asha"}),
    ],
)
def test_values_that_do_not_parse_are_named(api, shopper, method, field, value):
    cart = make_cart(make_variant(), user=shopper)
    answer = api.post(URL, body_with(method, **{field: value}))
    assert (answer.status_code, answer.json()["code"]) == (400, "validation_error")
    assert list(answer.json()["details"]) == [field]
    assert cart.items.count() == 1


@pytest.mark.parametrize("body", [[], "text", None, 3])
def test_a_body_that_is_no_object_is_refused(api, shopper, body):
    make_cart(make_variant(), user=shopper)
    assert api.post(URL, body, format="json").status_code == 400
    assert not Order.objects.exists()


# Refusals


def test_short_lines_are_all_listed_and_nothing_is_taken(api, shopper, method):
    short, none, plenty = (make_variant(on_hand=n) for n in (1, 0, 9))
    cart = make_cart(short, none, plenty, user=shopper, quantity=2)
    answer = api.post(URL, body_with(method))
    body = answer.json()
    assert (answer.status_code, body["code"]) == (409, "insufficient_stock")
    assert body["details"]["items"] == [
        {"variant": short.pk, "requested": 2, "available": 1},
        {"variant": none.pk, "requested": 2, "available": 0},
    ]
    assert cart.items.count() == 3
    assert not Stock.objects.filter(reserved__gt=0).exists()


def test_another_total_than_expected_answers_with_the_totals_of_now(api, shopper, method):
    cart = make_cart(make_variant(price="100.00"), user=shopper)
    answer = api.post(URL, body_with(method, expected_total="149.99"))
    body = answer.json()
    assert (answer.status_code, body["code"]) == (409, "price_changed")
    assert body["details"]["total_amount"] == "150.00"
    assert [item["unit_price"] for item in body["details"]["items"]] == ["100.00"]
    assert cart.items.count() == 1
    again = api.post(URL, body_with(method, expected_total=body["details"]["total_amount"]))
    assert again.status_code == 201


def test_checkout_is_throttled_by_itself(api, shopper, method, monkeypatch):
    monkeypatch.setattr("config.throttles.CheckoutThrottle.rate", "2/min", raising=False)
    cache.clear()
    for _ in range(2):
        assert api.post(URL, body_with(method)).status_code == 409
    answer = api.post(URL, body_with(method))
    assert (answer.status_code, answer.json()["code"]) == (429, "throttled")
    assert int(answer["Retry-After"]) > 0
    assert api.get(URL).status_code == 200


# Idempotency


def test_the_same_key_answers_the_first_order_again(api, shopper, method):
    variant = make_variant()
    make_cart(variant, user=shopper)
    headers = {"Idempotency-Key": "order-1"}
    first = api.post(URL, body_with(method), headers=headers)
    make_cart(variant, user=shopper)
    second = api.post(URL, body_with(method), headers=headers)
    assert (first.status_code, second.status_code) == (201, 201)
    assert second["Idempotent-Replayed"] == "true"
    assert "Idempotent-Replayed" not in first
    assert second.json() == first.json()
    assert second["Location"] == first["Location"]
    assert Order.objects.count() == 1
    assert Cart.objects.get(user=shopper).items.count() == 1


def test_a_guests_token_is_not_stored_with_the_key_and_derived_again(api, method):
    cart = make_cart(make_variant())
    headers = {"Idempotency-Key": "order-1"}
    first = api.post(URL, guest_body(method, cart), headers=headers)
    second = api.post(URL, guest_body(method, cart), headers=headers)
    token = token_of(Order.objects.get())
    assert first.json()["access_token"] == second.json()["access_token"] == token
    assert second.json() == first.json()
    stored = IdempotencyKey.objects.get()
    assert token not in str(stored.response_body)


def test_the_same_key_with_another_body_is_refused(api, shopper, method):
    make_cart(make_variant(), user=shopper)
    headers = {"Idempotency-Key": "order-1"}
    assert api.post(URL, body_with(method), headers=headers).status_code == 201
    answer = api.post(URL, body_with(method, notes="Other"), headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (409, "idempotency_key_reused")


def test_the_same_key_of_two_users_makes_two_orders(api, method):
    headers = {"Idempotency-Key": "order-1"}
    for _ in range(2):
        user = make_user()
        make_cart(make_variant(), user=user)
        api.force_authenticate(user)
        answer = api.post(URL, body_with(method), headers=headers)
        assert answer.status_code == 201
    assert Order.objects.count() == 2


def test_a_refusal_frees_the_key(api, shopper, method):
    variant = make_variant(on_hand=0)
    make_cart(variant, user=shopper)
    headers = {"Idempotency-Key": "order-1"}
    assert api.post(URL, body_with(method), headers=headers).status_code == 409
    Stock.objects.update(on_hand=5)
    answer = api.post(URL, body_with(method), headers=headers)
    assert answer.status_code == 201
    assert answer.json()["total_amount"] == "150.00"


def test_a_replay_outlives_the_address_that_the_order_was_sent_to(api, shopper, method):
    saved = make_address(shopper)
    make_cart(make_variant(), user=shopper)
    body = {"shipping_address_id": str(saved.pk), "shipping_method": method.pk}
    headers = {"Idempotency-Key": "order-1"}
    first = api.post(URL, body, headers=headers)
    saved.delete()
    assert api.post(URL, body, headers=headers).json() == first.json()


def test_an_order_of_five_lines_costs_a_fixed_number_of_queries(
    api, shopper, method, django_assert_num_queries
):
    make_cart(*(make_variant() for _ in range(5)), user=shopper)
    with django_assert_num_queries(41):
        answer = api.post(URL, body_with(method), headers={"Idempotency-Key": "k"})
    assert answer.status_code == 201
    assert Decimal(answer.json()["subtotal"]) == 500
