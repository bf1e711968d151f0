import pytest
from django.db import transaction

from catalog.models import Review
from orders.services.lifecycle import SYSTEM, cancel_order, lock_order, record_payment
from tests.accounts.factories import make_user
from tests.catalog.factories import make_review, make_variant

from .factories import make_paid_order, make_placed_order

pytestmark = pytest.mark.django_db


def is_verified(review):
    return Review.objects.get(pk=review.pk).verified_purchase


@transaction.atomic
def pay(order):
    record_payment(lock_order(order.pk), order.total_amount, gateway="razorpay")


def test_who_paid_for_a_product_reviews_it_as_bought():
    user, variant = make_user(), make_variant()
    make_paid_order(user=user, variants=[variant])
    assert is_verified(make_review(product=variant.product, user=user))
    assert not is_verified(make_review(product=variant.product))
    assert not is_verified(make_review(user=user))


def test_an_order_that_is_not_paid_proves_nothing_until_it_is():
    user, variant = make_user(), make_variant()
    order = make_placed_order(user=user, variants=[variant])
    review = make_review(product=variant.product, user=user)
    of_another = make_review(product=variant.product)
    assert not is_verified(review)
    pay(order)
    assert is_verified(review)
    assert not is_verified(of_another)


def test_a_cancelled_order_proves_nothing_any_more():
    user, variant = make_user(), make_variant()
    order = make_paid_order(user=user, variants=[variant])
    review = make_review(product=variant.product, user=user)
    cancel_order(order_id=order.pk, actor=SYSTEM)
    assert not is_verified(review)


def test_another_order_of_the_same_product_still_proves_it():
    user, variant = make_user(), make_variant()
    first = make_paid_order(user=user, variants=[variant])
    make_paid_order(user=user, variants=[variant])
    review = make_review(product=variant.product, user=user)
    cancel_order(order_id=first.pk, actor=SYSTEM)
    assert is_verified(review)


def test_a_guests_order_marks_nobodys_review():
    variant = make_variant()
    review = make_review(product=variant.product)
    make_paid_order(email="guest@example.com", variants=[variant])
    assert not is_verified(review)
