"""Coupons and promotions in carts."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils import timezone

from carts.models import Cart, CouponUse
from tests.accounts.factories import make_user
from tests.catalog.factories import make_category, make_product, make_variant

from .factories import make_cart, make_coupon, make_item

pytestmark = pytest.mark.django_db

CART = "/api/v1/cart/"
COUPON = f"{CART}coupon/"


@pytest.fixture
def shopper(api):
    user = make_user()
    api.force_authenticate(user)
    return user


@pytest.fixture
def cart(shopper):
    """A user's cart with goods for 200.00."""
    return make_item(make_cart(user=shopper), make_variant(price="100.00"), quantity=2).cart


def ago(**time):
    return timezone.now() - timedelta(**time)


def amounts(body):
    return body["subtotal"], body["discount_amount"], body["total_price"]


def test_a_code_takes_its_discount_off_the_cart(api, cart):
    make_coupon("SAVE10", description="10 % off")
    answer = api.post(COUPON, {"code": " save10 "})
    assert answer.status_code == 200
    body = answer.json()
    assert amounts(body) == ("200.00", "20.00", "180.00")
    assert body["coupon_code"] == "SAVE10"
    assert body["discounts"] == [
        {"code": "SAVE10", "description": "10 % off", "kind": "item", "amount": "20.00"}
    ]
    assert (body["refused"], body["version"]) == (None, cart.version)
    assert api.get(CART).json() == body


def test_the_code_is_taken_off_again(api, cart):
    make_coupon()
    api.post(COUPON, {"code": "SAVE10"})
    for _ in range(2):
        answer = api.delete(COUPON)
        assert answer.status_code == 200
        assert amounts(answer.json()) == ("200.00", "0.00", "200.00")
        assert answer.json()["coupon_code"] is None


def test_taking_a_code_off_no_cart_stores_nothing(api):
    answer = api.delete(COUPON)
    assert (answer.status_code, answer.json()["id"]) == (200, None)
    assert not Cart.objects.exists()


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"code": "OTHER"}, "unknown"),
        ({"is_active": False}, "expired"),
        ({"valid_to": ago(seconds=1)}, "expired"),
        ({"valid_from": ago(days=-1)}, "not_started"),
        ({"usage_limit": 3, "used_count": 3}, "exhausted"),
        ({"min_purchase": "200.01"}, "min_purchase"),
    ],
)
def test_a_code_that_cannot_be_used_is_409_and_refused_where_it_is_in_the_cart(
    api, cart, fields, reason
):
    make_coupon(**{"code": "SAVE10"} | fields)
    answer = api.post(COUPON, {"code": "SAVE10"})
    error = answer.json()
    assert (answer.status_code, error["code"]) == (409, "coupon_unavailable")
    assert error["details"] == {"reason": reason, "message": error["error"]}
    cart.refresh_from_db()
    assert cart.coupon_code == ""
    Cart.objects.update(coupon_code="SAVE10")
    body = api.get(CART).json()
    assert amounts(body) == ("200.00", "0.00", "200.00")
    assert body["refused"] == {"code": "SAVE10", "reason": reason, "message": error["error"]}


def test_a_refused_code_leaves_the_one_that_is_there(api, cart):
    make_coupon()
    api.post(COUPON, {"code": "SAVE10"})
    assert api.post(COUPON, {"code": "NONE"}).status_code == 409
    assert api.get(CART).json()["coupon_code"] == "SAVE10"


def test_a_code_that_a_promotion_beats_is_kept_and_refused(api, cart):
    make_coupon(None, value="15", description="Summer")
    make_coupon("SAVE10")
    body = api.post(COUPON, {"code": "SAVE10"}).json()
    assert [(row["code"], row["amount"]) for row in body["discounts"]] == [(None, "30.00")]
    assert (body["coupon_code"], body["refused"]["reason"]) == ("SAVE10", "beaten")


def test_promotions_apply_by_themselves_while_they_run(api, cart):
    promotion = make_coupon(None, value="5", valid_to=ago(days=-1))
    assert api.get(CART).json()["discount_amount"] == "10.00"
    promotion.valid_to = ago(seconds=1)
    promotion.save()
    assert api.get(CART).json()["discounts"] == []


def test_a_coupon_is_for_its_products_and_for_all_below_its_categories(api, shopper):
    clothes = make_category()
    shirts = make_category(parent=clothes)
    mug, shirt, book = (
        make_variant(price="100.00", product=product)
        for product in (make_product(), make_product(category=shirts), make_product())
    )
    cart = make_cart(user=shopper)
    for variant in (mug, shirt, book):
        make_item(cart, variant)
    coupon = make_coupon(products=[mug.product], categories=[clothes])
    assert api.post(COUPON, {"code": "SAVE10"}).json()["discount_amount"] == "20.00"
    coupon.products.clear()
    assert api.get(CART).json()["discount_amount"] == "10.00"
    cart.items.filter(variant=shirt).delete()
    assert api.get(CART).json()["refused"]["reason"] == "not_eligible"


def test_what_is_no_longer_sold_does_not_count_for_a_coupon(api, cart):
    gone = make_item(cart, make_variant(price="1000.00", is_active=False))
    make_coupon(min_purchase="500.00")
    assert api.post(COUPON, {"code": "SAVE10"}).json()["details"]["reason"] == "min_purchase"
    gone.variant.is_active = True
    gone.variant.save()
    assert api.post(COUPON, {"code": "SAVE10"}).json()["discount_amount"] == "120.00"


def test_a_user_who_used_a_code_up_may_not_use_it_again(api, cart):
    coupon = make_coupon(usage_limit_per_user=1)
    CouponUse.objects.create(coupon=coupon, order_id=uuid4(), user=make_user())
    assert api.post(COUPON, {"code": "SAVE10"}).status_code == 200
    CouponUse.objects.create(coupon=coupon, order_id=uuid4(), user=cart.user)
    assert api.get(CART).json()["refused"]["reason"] == "exhausted"


def test_a_guest_puts_a_code_on_the_cart_that_is_named(api):
    make_coupon()
    cart = make_item(variant=make_variant(price="100.00")).cart
    body = api.post(f"/api/v1/carts/{cart.pk}/coupon/", {"code": "SAVE10"}).json()
    assert amounts(body) == ("100.00", "10.00", "90.00")
    assert api.get(CART, headers={"X-Cart-ID": str(cart.pk)}).json()["coupon_code"] == "SAVE10"
    body = api.delete(f"/api/v1/carts/{cart.pk}/coupon/").json()
    assert body["coupon_code"] is None
    assert api.post(f"/api/v1/carts/{uuid4()}/coupon/", {"code": "SAVE10"}).status_code == 404


def test_an_empty_cart_takes_no_code_and_is_not_made_for_one(api):
    make_coupon()
    answer = api.post(COUPON, {"code": "SAVE10"})
    assert answer.json()["details"]["reason"] == "not_eligible"
    assert not Cart.objects.exists()


def test_a_cart_that_somebody_changed_takes_no_code(api, cart):
    make_coupon()
    call = api.post(COUPON, {"code": "SAVE10"}, headers={"If-Match": "7"})
    assert call.status_code == 412
    assert api.get(CART).json()["coupon_code"] is None


def test_a_body_without_a_code_is_refused(api, cart):
    assert api.post(COUPON, {"code": " "}).json()["details"]["code"]
    assert api.post(COUPON, {}).status_code == 400


def test_a_cart_costs_a_fixed_number_of_queries_however_many_coupons(
    api, cart, django_assert_num_queries
):
    cart.coupon_code = "SAVE10"
    cart.save()
    make_coupon(usage_limit_per_user=9, first_order_only=True, usage_limit=9)
    for number in range(5):
        make_coupon(None, value=number + 1, products=[make_product()], usage_limit_per_user=2)
        make_coupon(f"C{number}")
    for _ in range(5):
        make_item(cart)
    with django_assert_num_queries(6):  # cart, lines, coupons, what they are for, uses, orders
        assert api.get(CART).json()["discounts"][0]["code"] == "SAVE10"
