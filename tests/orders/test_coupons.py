"""Coupons and promotions in orders: what they take off, and how their uses are counted."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from carts.models import Cart, Coupon, CouponUse, TaxRate
from catalog.models import Stock
from orders.models import Order
from orders.services.lifecycle import SYSTEM, cancel_order, expire_order
from tests.accounts.factories import make_user
from tests.carts.factories import make_coupon
from tests.catalog.factories import make_variant

from .factories import ADDRESS, make_cart, make_shipping_method

pytestmark = pytest.mark.django_db

URL = "/api/v1/orders/"


@pytest.fixture
def method():
    return make_shipping_method(price="50.00")


@pytest.fixture
def shopper(api):
    user = make_user()
    api.force_authenticate(user)
    return user


@pytest.fixture
def order(api, method, shopper):
    """Order one piece for 200.00, with what the body says beside the address."""

    def place(*, cart_code="", price="200.00", **body):
        make_cart(make_variant(price=price), user=shopper)
        Cart.objects.update(coupon_code=cart_code)
        return api.post(URL, {"shipping_address": ADDRESS, "shipping_method": method.pk} | body)

    return place


def used(coupon):
    coupon.refresh_from_db()
    assert coupon.used_count == coupon.uses.count()
    return coupon.used_count


def assert_refused(answer, reason):
    assert (answer.status_code, answer.json()["code"]) == (409, "coupon_unavailable")
    assert answer.json()["details"] == {"reason": reason, "message": answer.json()["error"]}
    assert not Order.objects.exists()
    assert not CouponUse.objects.exists()
    assert not Stock.objects.filter(reserved__gt=0).exists()
    assert Cart.objects.get().items.count() == 1


def test_an_order_has_the_discount_of_its_code_by_line_and_tax_on_what_is_left(order, shopper):
    TaxRate.objects.create(country="IN", rate="18")
    coupon = make_coupon("SAVE10", description="10 % off", usage_limit=5)
    body = order(coupon_code=" save10 ").json()
    assert (body["subtotal"], body["discount_amount"]) == ("200.00", "20.00")
    assert (body["tax_amount"], body["total_amount"]) == ("32.40", "262.40")
    assert body["items"][0]["discount_amount"] == "20.00"
    assert body["coupon_code"] == "SAVE10"
    assert body["discounts"] == [
        {"code": "SAVE10", "description": "10 % off", "kind": "item", "amount": "20.00"}
    ]
    assert body["refused"] is None
    assert used(coupon) == 1
    use = CouponUse.objects.get()
    assert (str(use.order_id), use.user, use.email_key) == (body["id"], shopper, "")


def test_the_carts_code_counts_where_none_is_named_and_leaves_with_the_lines(order):
    coupon = make_coupon()
    assert order(cart_code="SAVE10").json()["discount_amount"] == "20.00"
    assert (used(coupon), Cart.objects.get().coupon_code) == (1, "")


@pytest.mark.parametrize("none", [None, ""])
def test_null_is_no_code(order, none):
    coupon = make_coupon()
    body = order(cart_code="SAVE10", coupon_code=none).json()
    assert (body["discount_amount"], body["coupon_code"], body["discounts"]) == ("0.00", None, [])
    assert used(coupon) == 0


@pytest.mark.parametrize("by_cart", [True, False])
@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"code": "OTHER"}, "unknown"),
        ({"is_active": False}, "expired"),
        ({"usage_limit": 1, "used_count": 1}, "exhausted"),
        ({"min_purchase": "500"}, "min_purchase"),
    ],
)
def test_a_code_that_cannot_be_used_refuses_the_order(order, fields, reason, by_cart):
    make_coupon(**{"code": "SAVE10"} | fields)
    names = {"cart_code": "SAVE10"} if by_cart else {"coupon_code": "SAVE10"}
    assert_refused(order(**names), reason)


def test_a_code_that_is_beaten_is_refused_in_the_order_and_not_used_up(order):
    better, code = make_coupon(None, value="15", usage_limit=9), make_coupon()
    body = order(coupon_code="SAVE10").json()
    assert [(row["code"], row["amount"]) for row in body["discounts"]] == [(None, "30.00")]
    assert (body["refused"]["code"], body["refused"]["reason"]) == ("SAVE10", "beaten")
    assert (used(better), used(code)) == (1, 0)


def test_a_code_that_rounds_to_nothing_is_refused_in_the_order_and_not_used_up(order):
    coupon = make_coupon(value="0.001")
    body = order(coupon_code="SAVE10").json()
    assert (body["discounts"], body["refused"]["reason"]) == ([], "not_eligible")
    assert used(coupon) == 0


def test_free_shipping_makes_sending_free(order):
    coupon = make_coupon(discount_type="free_shipping", value=0)
    body = order(coupon_code="SAVE10").json()
    assert (body["shipping_cost"], body["discount_amount"]) == ("0.00", "0.00")
    assert body["total_amount"] == "200.00"
    assert [(row["kind"], row["amount"]) for row in body["discounts"]] == [("shipping", "50.00")]
    assert used(coupon) == 1


def test_an_order_that_costs_nothing_any_more_is_paid_at_once(order):
    make_coupon(value=100, stackable=True)
    make_coupon(None, discount_type="free_shipping", value=0, stackable=True)
    body = order(coupon_code="SAVE10").json()
    assert (body["total_amount"], body["status"], body["payment_status"]) == (
        "0.00",
        "confirmed",
        "paid",
    )


def test_another_total_than_expected_is_told_line_by_line(order):
    coupon = make_coupon()
    answer = order(coupon_code="SAVE10", expected_total="250.00")
    details = answer.json()["details"]
    assert (answer.status_code, answer.json()["code"]) == (409, "price_changed")
    assert (details["subtotal"], details["discount_amount"]) == ("200.00", "20.00")
    assert (details["shipping_cost"], details["total_amount"]) == ("50.00", "230.00")
    assert details["items"][0]["discount_amount"] == "20.00"
    assert used(coupon) == 0
    assert order(coupon_code="SAVE10").status_code == 201


def test_the_cart_says_what_checkout_charges(api, order, shopper):
    make_coupon(None, value=5, stackable=True)
    make_coupon(value="33.33", stackable=True, max_discount="40.00")
    make_cart(make_variant(price="99.99"), user=shopper, quantity=3)
    api.post("/api/v1/cart/coupon/", {"code": "SAVE10"})
    shown = api.get("/api/v1/cart/").json()
    placed = order(cart_code="SAVE10", price="0.01").json()
    assert Decimal(placed["subtotal"]) == Decimal(shown["subtotal"]) + Decimal("0.01")
    assert placed["discount_amount"] == shown["discount_amount"] == "55.00"


def test_a_use_comes_back_when_the_order_is_cancelled(order, shopper):
    limited, promotion = make_coupon(usage_limit=1, stackable=True), make_coupon(None, value=5)
    promotion.stackable = True
    promotion.save()
    placed = order(coupon_code="SAVE10").json()
    assert (used(limited), used(promotion)) == (1, 1)
    cancel_order(order_id=placed["id"], actor=SYSTEM)
    assert (used(limited), used(promotion)) == (0, 0)
    assert order(coupon_code="SAVE10").status_code == 201


def test_a_use_comes_back_when_the_order_expires(order):
    coupon = make_coupon(usage_limit=1)
    placed = order(coupon_code="SAVE10").json()
    assert expire_order(order_id=placed["id"]) is False
    assert used(coupon) == 1
    Order.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert expire_order(order_id=placed["id"]) is True
    assert used(coupon) == 0


def test_an_order_whose_coupon_was_deleted_is_cancelled_all_the_same(order):
    coupon = make_coupon()
    placed = order(coupon_code="SAVE10").json()
    coupon.delete()
    cancel_order(order_id=placed["id"], actor=SYSTEM)
    assert Order.objects.get().status == "cancelled"


def test_a_limit_per_user_counts_that_users_orders(order):
    coupon = make_coupon(usage_limit_per_user=1)
    other = make_user()
    CouponUse.objects.create(coupon=coupon, order_id=other.pk, user=other)
    Coupon.objects.update(used_count=1)
    placed = order(coupon_code="SAVE10").json()
    assert order(coupon_code="SAVE10").json()["details"]["reason"] == "exhausted"
    cancel_order(order_id=placed["id"], actor=SYSTEM)
    assert order(coupon_code="SAVE10").status_code == 201


def as_guest(api, method, email):
    cart = make_cart(make_variant())
    body = {"shipping_address": ADDRESS, "shipping_method": method.pk, "email": email}
    return api.post(URL, body | {"coupon_code": "SAVE10", "cart_id": str(cart.pk)})


def test_a_limit_per_user_knows_guests_by_their_mail_in_any_case(api, method):
    make_coupon(usage_limit_per_user=1)
    assert as_guest(api, method, "Asha@Example.com").status_code == 201
    assert CouponUse.objects.get().email_key == "asha@example.com"
    refused = as_guest(api, method, "asha@example.COM")
    assert refused.json()["details"]["reason"] == "exhausted"
    assert as_guest(api, method, "ben@example.com").status_code == 201


def test_a_code_for_first_orders_is_for_first_orders(order, api, method):
    make_coupon(first_order_only=True)
    placed = order(coupon_code="SAVE10").json()
    assert placed["discount_amount"] == "20.00"
    assert order(coupon_code="SAVE10").json()["details"]["reason"] == "not_eligible"
    cancel_order(order_id=placed["id"], actor=SYSTEM)
    assert order(coupon_code="SAVE10").status_code == 201
    api.force_authenticate(None)
    assert as_guest(api, method, "asha@example.com").status_code == 201
    refused = as_guest(api, method, "ASHA@example.com")
    assert refused.json()["details"]["reason"] == "not_eligible"


def test_an_order_with_the_most_of_coupons_costs_a_fixed_number_of_queries(
    api, shopper, method, django_assert_num_queries
):
    variants = [make_variant() for _ in range(5)]
    make_coupon(
        usage_limit=9, usage_limit_per_user=9, first_order_only=True, products=[variants[0].product]
    )
    make_cart(*variants, user=shopper)
    body = {"shipping_address": ADDRESS, "shipping_method": method.pk, "coupon_code": "SAVE10"}
    with django_assert_num_queries(47):
        answer = api.post(URL, body, headers={"Idempotency-Key": "k"})
    assert answer.json()["discount_amount"] == "10.00"
