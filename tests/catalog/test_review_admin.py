import pytest
from django.contrib.auth.models import Permission
from django.urls import reverse

from catalog.models import Product, Review, StockRequest
from catalog.services.stock_requests import request_notice
from tests.accounts.factories import make_staff, make_user

from .factories import make_product, make_review, make_variant

pytestmark = pytest.mark.django_db

LIST = reverse("admin:catalog_review_changelist")


@pytest.fixture
def staff(client):
    client.force_login(make_staff())


def told(product):
    product = Product.objects.get(pk=product.pk)
    return float(product.rating), product.review_count


def act(client, action, *reviews, **fields):
    keys = [review.pk for review in reviews]
    response = client.post(LIST, {"action": action, "_selected_action": keys} | fields)
    assert response.status_code == 302


def test_the_list_shows_what_moderators_go_by(client, staff, django_assert_max_num_queries):
    author = make_user(first_name="Asha")
    review = make_review(user=author, rating=2, title="Chipped", comment="On arrival. " * 20)
    page = client.get(LIST).content.decode()
    link = reverse("admin:catalog_product_change", args=[review.product_id])
    for text in ("★★☆☆☆", "Chipped · On arrival.", author.email, link, "approved"):
        assert text in page
    for number in range(5):
        make_review(comment=str(number))
    with django_assert_max_num_queries(12):
        assert client.get(LIST).status_code == 200
    for query in ({"is_approved__exact": 0}, {"rating": 2}, {"verified_purchase__exact": 1}):
        assert client.get(LIST, query).status_code == 200
    assert client.get(LIST, {"q": "chipped"}).context["cl"].result_count == 1


def test_many_are_withdrawn_and_approved_and_the_products_follow(client, staff):
    product = make_product()
    good, bad = (make_review(product=product, rating=rating) for rating in (5, 1))
    other = make_review(rating=1)
    act(client, "withdraw", bad, other)
    assert (told(product), told(other.product)) == ((5.0, 1), (0.0, 0))
    act(client, "approve", good, bad)
    assert (told(product), told(other.product)) == ((3.0, 2), (0.0, 0))


def test_one_is_withdrawn_on_its_page_where_its_words_cannot_be_changed(client, staff):
    review = make_review(rating=1, title="Bad")
    address = reverse("admin:catalog_review_change", args=[review.pk])
    assert client.get(address).status_code == 200
    assert client.post(address, {"title": "Good", "rating": "5"}).status_code == 302
    review.refresh_from_db()
    assert (review.is_approved, review.title, review.rating) == (False, "Bad", 1)
    assert told(review.product) == (0.0, 0)
    client.post(address, {"is_approved": "on"})
    assert told(review.product) == (1.0, 1)


def test_deleted_ones_do_not_count(client, staff):
    product = make_product()
    first, second, third = (make_review(product=product, rating=rating) for rating in (5, 3, 1))
    address = reverse("admin:catalog_review_delete", args=[first.pk])
    assert client.post(address, {"post": "yes"}).status_code == 302
    assert told(product) == (2.0, 2)
    act(client, "delete_selected", second, post="yes")
    assert told(product) == (1.0, 1)
    assert Review.objects.get() == third


def test_who_may_only_look_withdraws_nothing(client):
    person = make_user(is_staff=True)
    person.user_permissions.set(Permission.objects.filter(codename="view_review"))
    client.force_login(person)
    review = make_review()
    assert client.get(LIST).status_code == 200
    client.post(LIST, {"action": "withdraw", "_selected_action": [review.pk]})
    address = reverse("admin:catalog_review_change", args=[review.pk])
    assert client.post(address, {}).status_code == 403
    review.refresh_from_db()
    assert review.is_approved


def test_the_list_of_who_waits_can_only_be_read(client, staff):
    variant = make_variant(on_hand=0)
    request_notice(
        product_id=variant.product_id, variant_id=None, email="asha@example.com", user=None
    )
    address = reverse("admin:catalog_stockrequest_changelist")
    assert "asha@example.com" in client.get(address).content.decode()
    assert client.get(address, {"q": "asha"}).context["cl"].result_count == 1
    row = StockRequest.objects.get()
    change = reverse("admin:catalog_stockrequest_change", args=[row.pk])
    assert client.get(change).status_code == 200
    assert client.post(change, {}).status_code == 403
