from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction

from accounts.services.profiles import erase_user
from catalog.errors import AlreadyReviewed, OwnProduct, OwnReview
from catalog.models import HelpfulVote, Like, Product, Review, StockRequest
from catalog.services.likes import like_product, unlike_product
from catalog.services.products import delete_product, update_product
from catalog.services.reviews import delete_review, mark_helpful, update_review, write_review
from catalog.services.stock_requests import request_notice
from catalog.signals import product_changed
from config.errors import NotFound
from tests.accounts.factories import make_user

from .factories import make_product, make_review, make_seller, make_variant

pytestmark = pytest.mark.django_db


def told(product):
    """What a product says of its reviews."""
    product = Product.objects.get(pk=product.pk)
    return product.rating, product.review_count


def test_rating_and_count_follow_each_review():
    product = make_product()
    first = make_review(product=product, rating=5)
    assert told(product) == (Decimal("5.00"), 1)
    make_review(product=product, rating=4)
    second = make_review(product=product, rating=4)
    assert told(product) == (Decimal("4.33"), 3)
    update_review(review_id=second.pk, rating=2)
    assert told(product) == (Decimal("3.67"), 3)
    delete_review(review_id=first.pk)
    assert told(product) == (Decimal("3.00"), 2)


def test_the_mean_is_rounded_half_up():
    product = make_product()
    for rating in (1, 1, 1, 1, 1, 1, 1, 2):  # 1.125
        make_review(product=product, rating=rating)
    assert told(product) == (Decimal("1.13"), 8)


def test_what_is_withdrawn_does_not_count_until_it_is_approved_again():
    product = make_product()
    make_review(product=product, rating=5)
    bad = make_review(product=product, rating=1)
    update_review(review_id=bad.pk, is_approved=False)
    assert told(product) == (Decimal("5.00"), 1)
    update_review(review_id=bad.pk, rating=2)
    assert told(product) == (Decimal("5.00"), 1)
    update_review(review_id=bad.pk, is_approved=True)
    assert told(product) == (Decimal("3.50"), 2)


def test_the_last_review_that_goes_leaves_no_rating():
    review = make_review(rating=5)
    delete_review(review_id=review.pk)
    assert told(review.product) == (Decimal("0.00"), 0)
    with pytest.raises(NotFound):
        delete_review(review_id=review.pk)


def test_a_second_review_of_a_product_is_refused_and_changes_nothing():
    review = make_review(rating=5)
    with pytest.raises(AlreadyReviewed) as refusal:
        make_review(product=review.product, user=review.user, rating=1)
    assert refusal.value.details == {"review": review.pk}
    assert told(review.product) == (Decimal("5.00"), 1)
    update_review(review_id=review.pk, is_approved=False)
    with pytest.raises(AlreadyReviewed):
        make_review(product=review.product, user=review.user)
    with pytest.raises(IntegrityError), transaction.atomic():
        Review.objects.create(product=review.product, user=review.user, rating=1)


def test_ratings_outside_one_to_five_cannot_be_stored():
    product = make_product()
    for rating in (0, 6):
        with pytest.raises(IntegrityError), transaction.atomic():
            Review.objects.create(product=product, user=make_user(), rating=rating)


def test_sellers_do_not_review_their_own_products():
    seller = make_seller()
    product = make_product(seller=seller)
    with pytest.raises(OwnProduct):
        write_review(product_id=product.pk, user=seller.user, rating=5)
    assert told(product) == (0, 0)
    make_review(product=make_product(seller=make_seller()), user=seller.user)


def test_a_deleted_product_takes_no_review_and_loses_those_it_has():
    review = make_review()
    like_product(product_id=review.product_id, user=review.user)
    delete_product(product_id=review.product_id)
    assert not Review.objects.exists()
    assert not Like.objects.exists()
    with pytest.raises(NotFound):
        write_review(product_id=review.product_id, user=review.user, rating=5)


def test_changes_of_a_product_keep_its_rating():
    review = make_review(rating=3, product=make_variant().product)
    update_product(product_id=review.product_id, actor=None, fields={"name": "Renamed"})
    assert told(review.product) == (Decimal("3.00"), 1)


def test_others_are_told_when_the_rating_changes_and_only_then():
    heard = []

    def hear(product_ids, **kwargs):
        heard.append(product_ids)

    product_changed.connect(hear)
    try:
        review = make_review()
        update_review(review_id=review.pk, comment="Sturdy")
        assert heard == [[review.product_id]]
    finally:
        product_changed.disconnect(hear)


def test_a_helpful_vote_counts_once_and_never_for_the_author():
    review, reader = make_review(), make_user()
    assert mark_helpful(review_id=review.pk, user=reader).helpful_count == 1
    assert mark_helpful(review_id=review.pk, user=reader).helpful_count == 1
    with pytest.raises(OwnReview):
        mark_helpful(review_id=review.pk, user=review.user)
    assert mark_helpful(review_id=review.pk, user=make_user()).helpful_count == 2
    assert HelpfulVote.objects.count() == 2


@pytest.mark.parametrize(
    ("first", "last", "shown"),
    [
        ("Asha", "Rao", "Asha R."),
        ("Asha", "", "Asha"),
        ("", "Rao", "Customer"),
        ("", "", "Customer"),
        ("asha@example.com", "Rao", "Customer"),
    ],
)
def test_authors_are_named_by_first_name_and_initial(first, last, shown):
    review = make_review(user=make_user(first_name=first, last_name=last))
    assert review.user_name == shown


def test_likes_are_counted_once_each():
    product, user = make_product(), make_user()
    for _ in range(2):
        like_product(product_id=product.pk, user=user)
    like_product(product_id=product.pk, user=make_user())
    assert Product.objects.get().like_count == 2
    for _ in range(2):
        unlike_product(product_id=product.pk, user=user)
    assert Product.objects.get().like_count == 1


def test_of_an_erased_person_words_and_counts_stay_without_a_name():
    user, reader = make_user(first_name="Asha", email_verified=True), make_user()
    review, read = make_review(user=user, rating=2), make_review()
    mark_helpful(review_id=read.pk, user=user)
    mark_helpful(review_id=review.pk, user=reader)
    like_product(product_id=review.product_id, user=user)
    sold_out = make_variant(on_hand=0)
    for email, asker in ((user.email, None), ("a@example.com", user), ("b@example.com", None)):
        request_notice(product_id=sold_out.product_id, variant_id=None, email=email, user=asker)
    erase_user(user_id=user.pk)
    review.refresh_from_db()
    assert (review.user, review.user_name, review.helpful_count) == (None, "Deleted user", 1)
    assert told(review.product) == (Decimal("2.00"), 1)
    assert Product.objects.get(pk=review.product_id).like_count == 1
    for model in (Review, HelpfulVote, Like):
        assert not model.objects.filter(user=user).exists()
        assert model.objects.filter(user=None).count() == 1
    assert StockRequest.objects.get().email == "b@example.com"


def test_an_address_that_was_never_verified_erases_nobodys_requests():
    user, sold_out = make_user(), make_variant(on_hand=0)
    request_notice(product_id=sold_out.product_id, variant_id=None, email=user.email, user=None)
    erase_user(user_id=user.pk)
    assert StockRequest.objects.count() == 1
