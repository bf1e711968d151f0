import pytest

from catalog.models import HelpfulVote, Product, Review
from catalog.services.reviews import update_review
from tests.accounts.factories import make_staff, make_user

from .factories import make_product, make_review, make_seller, make_variant

pytestmark = pytest.mark.django_db

URL = "/api/v1/reviews/"


def of(product):
    return f"/api/v1/products/{product.slug}/reviews/"


def ids(response):
    assert response.status_code == 200, response.content
    return [row["id"] for row in response.json()["results"]]


def rated(product):
    row = Product.objects.get(pk=product.pk)
    return float(row.rating), row.review_count


@pytest.fixture
def customer():
    return make_user(first_name="Asha", last_name="Rao")


def test_a_review_is_written_and_the_product_follows_at_once(api, customer):
    product = make_product()
    api.force_authenticate(customer)
    body = {"rating": 4, "title": "Good", "comment": "Sturdy."}
    response = api.post(of(product), body)
    assert response.status_code == 201
    row = response.json()
    assert row | {"created_at": ""} == {
        "id": Review.objects.get().pk,
        "product": product.pk,
        "user_name": "Asha R.",
        "rating": 4,
        "title": "Good",
        "comment": "Sturdy.",
        "verified_purchase": False,
        "is_approved": True,
        "helpful_count": 0,
        "created_at": "",
    }
    assert response["Location"].endswith(f"/api/v1/reviews/{row['id']}/")
    assert api.get(response["Location"]).json() == row
    shown = api.get(f"/api/v1/products/{product.pk}/").json()
    assert (shown["rating"], shown["review_count"]) == (4.0, 1)


def test_a_second_review_is_409_with_the_id_of_the_first(api, customer):
    review = make_review(user=customer)
    api.force_authenticate(customer)
    response = api.post(of(review.product), {"rating": 1})
    assert (response.status_code, response.json()["code"]) == (409, "duplicate")
    assert response.json()["details"] == {"review": review.pk}
    assert rated(review.product) == (4.0, 1)


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"rating": 0},
        {"rating": 6},
        {"rating": 4.5},
        {"rating": None},
        {"rating": True},
        {"rating": "many"},
        {"rating": 5, "title": "x" * 151},
        {"rating": 5, "comment": "x" * 5001},
        {"rating": 5, "comment": ["a"]},
        [],
        "five",
    ],
)
def test_what_is_no_review_is_400(api, customer, body):
    product = make_product()
    api.force_authenticate(customer)
    assert api.post(of(product), body).status_code == 400
    assert not Review.objects.exists()


def test_a_product_that_is_not_sold_has_no_reviews_for_others(api, customer):
    review = make_review(user=customer)
    Product.objects.update(is_active=False)
    assert api.get(of(review.product)).status_code == 404
    assert ids(api.get(URL)) == []
    assert api.get(f"{URL}{review.pk}/").status_code == 404
    api.force_authenticate(customer)
    assert api.post(of(review.product), {"rating": 1}).status_code == 404
    assert ids(api.get(URL, {"mine": "true"})) == [review.pk]


def test_sellers_get_403_on_their_own_product(api):
    seller = make_seller()
    product = make_product(seller=seller)
    api.force_authenticate(seller.user)
    response = api.post(of(product), {"rating": 5})
    assert (response.status_code, response.json()["code"]) == (403, "permission_denied")


def test_the_author_changes_words_and_rating_and_nothing_else(api, customer):
    review = make_review(user=customer, rating=1)
    update_review(review_id=review.pk, is_approved=False)
    api.force_authenticate(customer)
    body = {"rating": 5, "title": "Better", "is_approved": True, "helpful_count": 9}
    row = api.patch(f"{URL}{review.pk}/", body).json()
    assert (row["rating"], row["title"], row["is_approved"]) == (5, "Better", False)
    assert row["helpful_count"] == 0
    assert rated(review.product) == (0.0, 0)
    assert api.patch(f"{URL}{review.pk}/", {"rating": 9}).status_code == 400
    update_review(review_id=review.pk, is_approved=True)
    assert api.delete(f"{URL}{review.pk}/").status_code == 204
    assert api.get(f"{URL}{review.pk}/").status_code == 404


def test_staff_withdraw_and_approve_and_leave_the_words_alone(api, customer):
    review = make_review(user=customer, rating=1, title="Bad")
    api.force_authenticate(make_staff())
    response = api.patch(f"{URL}{review.pk}/", {"is_approved": False, "title": "Good"})
    assert (response.json()["is_approved"], response.json()["title"]) == (False, "Bad")
    assert rated(review.product) == (0.0, 0)
    assert api.patch(f"{URL}{review.pk}/", {"is_approved": True}).status_code == 200
    assert rated(review.product) == (1.0, 1)


def test_what_is_withdrawn_only_its_author_and_staff_see(api, customer):
    review = make_review(user=customer)
    update_review(review_id=review.pk, is_approved=False)
    for user, shown in ((None, []), (make_user(), []), (customer, [review.pk])):
        api.force_authenticate(user)
        assert ids(api.get(URL)) == ids(api.get(of(review.product))) == shown
        assert api.get(f"{URL}{review.pk}/").status_code == (200 if shown else 404)
    api.force_authenticate(make_user())
    assert api.post(f"{URL}{review.pk}/helpful/").status_code == 404
    api.force_authenticate(make_staff())
    assert ids(api.get(URL)) == [review.pk]


def test_what_is_withdrawn_cannot_be_deleted_by_its_author_and_written_anew(api, customer):
    review = make_review(user=customer, rating=1)
    update_review(review_id=review.pk, is_approved=False)
    api.force_authenticate(customer)
    response = api.delete(f"{URL}{review.pk}/")
    assert (response.status_code, response.json()["code"]) == (409, "conflict")
    assert api.post(of(review.product), {"rating": 1}).status_code == 409
    assert Review.objects.get().is_approved is False
    assert rated(review.product) == (0.0, 0)
    api.force_authenticate(make_staff())
    assert api.delete(f"{URL}{review.pk}/").status_code == 204


def test_helpful_counts_once_a_user(api, customer):
    review = make_review(user=customer)
    api.force_authenticate(make_user())
    for _ in range(2):
        response = api.post(f"{URL}{review.pk}/helpful/")
        assert (response.status_code, response.json()["helpful_count"]) == (200, 1)
    api.force_authenticate(customer)
    assert api.post(f"{URL}{review.pk}/helpful/").status_code == 403
    assert HelpfulVote.objects.count() == 1


def test_lists_narrow_by_product_rating_purchase_and_author(api, customer):
    first = make_review(user=customer, rating=5)
    second = make_review(product=first.product, rating=3)
    third = make_review(rating=3)
    Review.objects.filter(pk=third.pk).update(verified_purchase=True)
    assert ids(api.get(URL)) == [third.pk, second.pk, first.pk]
    assert ids(api.get(URL, {"product": first.product.slug})) == [second.pk, first.pk]
    assert ids(api.get(URL, {"product": third.product_id})) == [third.pk]
    assert ids(api.get(URL, {"product": "nothing"})) == []
    assert ids(api.get(URL, {"rating": 3})) == [third.pk, second.pk]
    assert ids(api.get(URL, {"verified": "true"})) == [third.pk]
    assert ids(api.get(URL, {"verified": "false"})) == [second.pk, first.pk]
    assert ids(api.get(URL, {"mine": "true"})) == []
    assert ids(api.get(of(first.product), {"rating": 5})) == [first.pk]
    api.force_authenticate(customer)
    assert ids(api.get(URL, {"mine": "true"})) == [first.pk]
    assert ids(api.get(URL, {"mine": "false"})) == [third.pk, second.pk, first.pk]


@pytest.mark.parametrize(
    "query",
    [
        "rating=6",
        "rating=x",
        "verified=maybe",
        "mine=perhaps",
        "ordering=user",
        "cursor=&ordering=rating",
    ],
)
def test_values_that_mean_nothing_are_400(api, query):
    assert api.get(f"{URL}?{query}").status_code == 400


def test_lists_are_ordered_and_paged(api):
    product = make_product()
    rows = [make_review(product=product, rating=rating) for rating in (3, 5, 3)]
    Review.objects.filter(pk=rows[0].pk).update(helpful_count=7)
    keys = [row.pk for row in rows]
    assert ids(api.get(URL, {"ordering": "rating"})) == [keys[0], keys[2], keys[1]]
    assert ids(api.get(URL, {"ordering": "-helpful"})) == [keys[0], keys[2], keys[1]]
    page = api.get(of(product), {"page_size": 2}).json()
    assert (page["count"], page["total_pages"], len(page["results"])) == (3, 2, 2)
    first = api.get(URL, {"cursor": "", "page_size": 2}).json()
    last = api.get(first["next"]).json()
    assert [row["id"] for row in first["results"] + last["results"]] == keys[::-1]


def test_a_page_of_reviews_costs_the_same_however_many(api, django_assert_num_queries):
    product = make_variant().product
    for rating in (1, 2, 3, 4):
        make_review(product=product, rating=rating)
    with django_assert_num_queries(2):
        assert len(ids(api.get(URL))) == 4
    with django_assert_num_queries(3):
        assert len(ids(api.get(of(product)))) == 4


def test_reads_of_guests_may_be_shared_and_answer_304(api):
    review = make_review()
    for address in (URL, of(review.product), f"{URL}{review.pk}/"):
        first = api.get(address)
        assert first["Cache-Control"] == "public, max-age=60"
        assert api.get(address, HTTP_IF_NONE_MATCH=first["ETag"]).status_code == 304


def test_liking_is_counted_on_the_products_page(api, customer):
    product = make_product()
    address = f"/api/v1/products/{product.pk}/"
    api.force_authenticate(customer)
    for _ in range(2):
        assert api.post(f"{address}like/").status_code == 204
    assert api.get(address).json()["like_count"] == 1
    for _ in range(2):
        assert api.delete(f"{address}like/").status_code == 204
    assert api.get(address).json()["like_count"] == 0
    Product.objects.update(is_active=False)
    assert api.post(f"{address}like/").status_code == 404
