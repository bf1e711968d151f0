"""Limits of coupons under checkouts at the same moment, and a control without the lock."""

import pytest
from django.db import connection

from carts.models import Cart, Coupon, CouponUse
from orders.models import Order
from orders.services.lifecycle import SYSTEM, cancel_order
from tests.carts.factories import make_coupon
from tests.catalog.factories import make_variant
from tests.orders.factories import ADDRESS, make_cart, make_shipping_method

from .races import meet_at, run_together, take_lock_away
from .test_checkout import URL, checkout, client_of, figures, make_buyer, outcomes

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def method():
    return make_shipping_method()


@pytest.fixture
def variant():
    return make_variant(on_hand=1000)


def buyers_with_code(variant, count):
    buyers = [make_buyer(variant) for _ in range(count)]
    Cart.objects.update(coupon_code="SAVE10")
    return buyers


def test_a_coupon_with_one_use_left_serves_one_of_fifty_checkouts(method, variant):
    coupon = make_coupon(usage_limit=1)
    buyers = buyers_with_code(variant, 50)
    answers = run_together(*(checkout(buyer, method) for buyer in buyers))
    assert outcomes(answers) == {201: 1, "coupon_unavailable": 49}
    reasons = {body["details"]["reason"] for status, body in answers if status == 409}
    assert reasons == {"exhausted"}
    coupon.refresh_from_db()
    assert (coupon.used_count, CouponUse.objects.count(), Order.objects.count()) == (1, 1, 1)
    assert figures(variant) == (1000, 1)


def test_a_promotion_with_three_uses_left_takes_off_three_times_and_refuses_nobody(method, variant):
    promotion = make_coupon(None, usage_limit=3)
    buyers = [make_buyer(variant) for _ in range(20)]
    answers = run_together(*(checkout(buyer, method) for buyer in buyers))
    assert outcomes(answers) == {201: 20}
    promotion.refresh_from_db()
    assert (promotion.used_count, CouponUse.objects.count()) == (3, 3)
    assert Order.objects.filter(discount_amount__gt=0).count() == 3


def checkout_as_guest(variant, method, email):
    cart = make_cart(variant)
    body = {"shipping_address": ADDRESS, "shipping_method": method.pk, "email": email}
    body |= {"coupon_code": "SAVE10", "cart_id": str(cart.pk)}

    def run():
        answer = client_of(None).post(URL, body)
        return answer.status_code, answer.json()

    return run


@pytest.mark.parametrize("limit", [{"usage_limit_per_user": 1}, {"first_order_only": True}])
def test_a_guest_with_many_carts_uses_a_limit_up_once(method, variant, limit):
    make_coupon(**limit)
    jobs = [checkout_as_guest(variant, method, "asha@example.com") for _ in range(10)]
    assert outcomes(run_together(*jobs)) == {201: 1, "coupon_unavailable": 9}
    assert CouponUse.objects.count() == 1


def race_for_the_last_use(variant, method, deferred=False):
    make_coupon(usage_limit_per_user=1)
    jobs = [checkout_as_guest(variant, method, "asha@example.com") for _ in range(2)]
    return outcomes(meet_at("carts_couponuse", *jobs, deferred=deferred))


def test_of_two_checkouts_that_see_the_last_use_one_gets_it(method, variant):
    assert race_for_the_last_use(variant, method) == {201: 1, "coupon_unavailable": 1}


def test_control_without_the_lock_of_the_coupon_its_last_use_is_had_twice(
    method, variant, monkeypatch
):
    take_lock_away(monkeypatch, Coupon)
    result = race_for_the_last_use(variant, method, deferred=True)
    if connection.vendor == "sqlite":  # its snapshots let the second writer fail instead
        assert result == {201: 1, "service_unavailable": 1}
    else:
        assert result == {201: 2}
        assert CouponUse.objects.count() == 2


def test_uses_that_come_back_and_uses_that_are_taken_never_lose_count(method, variant):
    coupon = make_coupon(usage_limit=10)
    make_coupon(None, value=5, stackable=True)
    Coupon.objects.update(stackable=True)
    placed = run_together(*(checkout(buyer, method) for buyer in buyers_with_code(variant, 10)))
    assert outcomes(placed) == {201: 10}

    def cancel(order):
        return lambda: (cancel_order(order_id=order, actor=SYSTEM).status, {})

    orders = [body["id"] for _, body in placed]
    buyers = buyers_with_code(variant, 10)
    jobs = [
        job
        for pair in zip(map(cancel, orders), (checkout(b, method) for b in buyers), strict=True)
        for job in pair
    ]
    answers = outcomes(run_together(*jobs))
    assert answers["cancelled"] == 10
    assert answers[201] + answers["coupon_unavailable"] == 10
    coupon.refresh_from_db()
    assert coupon.used_count == coupon.uses.count() == answers[201]
    promotion = Coupon.objects.get(code=None)
    assert promotion.used_count == promotion.uses.count() == answers[201]
