import pytest

from accounts.services.profiles import erase_user
from carts.models import Cart, CartItem, WishlistItem
from carts.services import wishlist
from catalog.models import Product
from catalog.services.likes import like_product
from catalog.services.products import delete_product
from tests.accounts.factories import make_user
from tests.catalog.factories import make_product, make_variant

pytestmark = pytest.mark.django_db

URL = "/api/v1/wishlist/"


@pytest.fixture
def user(api):
    person = make_user()
    api.force_authenticate(person)
    return person


def wishes(api):
    response = api.get(URL)
    assert response.status_code == 200
    return response.json()["results"]


def test_a_product_is_wished_for_once(api, user):
    variant = make_variant(price="99.00")
    response = api.post(URL, {"product": variant.product_id})
    assert response.status_code == 201
    row = response.json()
    listed = api.get("/api/v1/products/").json()["results"][0]
    assert (row["product"], row["variant"]) == (listed, None)
    assert response["Location"].endswith(f"{URL}{variant.product_id}/")
    assert api.get(response["Location"]).json() == row
    again = api.post(URL, {"variant": variant.pk})
    assert (again.status_code, again.json()) == (200, row)
    assert wishes(api) == [row]


def test_a_variant_stands_for_its_product(api, user):
    variant = make_variant()
    other = make_variant(product=variant.product)
    row = api.post(URL, {"variant": variant.pk}).json()
    assert (row["product"]["id"], row["variant"]) == (variant.product_id, variant.pk)
    assert api.post(URL, {"variant": other.pk}).json()["variant"] == variant.pk


@pytest.mark.parametrize(
    "body", [{}, {"product": 0}, {"product": "x"}, {"product": 999_999}, {"variant": 999_999}, []]
)
def test_what_names_nothing_that_is_sold_is_400(api, user, body):
    assert api.post(URL, body).status_code == 400
    assert not WishlistItem.objects.exists()


def test_a_variant_of_another_product_is_400(api, user):
    body = {"product": make_product().pk, "variant": make_variant().pk}
    assert api.post(URL, body).status_code == 400


def test_a_wish_is_taken_off_by_id_or_slug_and_others_keep_theirs(api, user):
    product = make_variant().product
    wishlist.add_wish(user=make_user(), product_id=product.pk)
    for name in (product.pk, product.slug):
        api.post(URL, {"product": product.pk})
        assert api.delete(f"{URL}{name}/").status_code == 204
        assert api.delete(f"{URL}{name}/").status_code == 404
    assert WishlistItem.objects.count() == 1


def test_what_is_not_sold_now_is_kept_and_shown_when_it_is_again(api, user):
    product = make_variant().product
    api.post(URL, {"product": product.pk})
    Product.objects.update(is_active=False)
    assert wishes(api) == []
    assert api.post(URL, {"product": product.pk}).status_code == 400
    assert api.post(f"{URL}{product.pk}/move-to-cart/").status_code == 400
    Product.objects.update(is_active=True)
    assert len(wishes(api)) == 1
    Product.objects.update(is_active=False)
    assert api.delete(f"{URL}{product.pk}/").status_code == 204


def test_moving_puts_it_into_the_cart_and_takes_it_off(api, user):
    variant = make_variant(on_hand=5)
    api.post(URL, {"product": variant.product_id})
    response = api.post(f"{URL}{variant.product.slug}/move-to-cart/", {"quantity": 2})
    assert response.status_code == 200
    (item,) = response.json()["items"]
    assert (item["variant"]["id"], item["quantity"]) == (variant.pk, 2)
    assert response.json() == api.get("/api/v1/cart/").json()
    assert wishes(api) == []
    assert api.post(f"{URL}{variant.product.slug}/move-to-cart/").status_code == 404


def test_moving_takes_the_variant_of_the_call_or_of_the_wish(api, user):
    variant = make_variant()
    other = make_variant(product=variant.product)
    address = f"{URL}{variant.product_id}/move-to-cart/"
    api.post(URL, {"product": variant.product_id})
    assert api.post(address).status_code == 400
    assert api.post(address, {"variant": make_variant().pk}).status_code == 400
    assert api.post(address, {"quantity": 0}).status_code == 400
    assert api.post(address, {"variant": other.pk}).status_code == 200
    api.post(URL, {"variant": variant.pk})
    assert api.post(address).status_code == 200
    assert set(CartItem.objects.values_list("variant", flat=True)) == {variant.pk, other.pk}


def test_what_the_cart_does_not_take_stays_on_the_wishlist(api, user):
    variant = make_variant(on_hand=1)
    api.post(URL, {"product": variant.product_id})
    address = f"{URL}{variant.product_id}/move-to-cart/"
    response = api.post(address, {"quantity": 2})
    assert (response.status_code, response.json()["code"]) == (409, "insufficient_stock")
    assert api.post(address, {}, HTTP_IF_MATCH='"7"').status_code == 412
    assert len(wishes(api)) == 1
    assert not Cart.objects.exists()


def test_ids_name_what_is_wished_for_and_what_is_liked(api, user, django_assert_num_queries):
    first, second, third = (make_variant().product for _ in range(3))
    for product in (first, second):
        api.post(URL, {"product": product.pk})
    like_product(product_id=third.pk, user=user)
    like_product(product_id=third.pk, user=make_user())
    with django_assert_num_queries(2):
        body = api.get(f"{URL}ids/").json()
    assert body == {"wishlist": [second.pk, first.pk], "liked": [third.pk]}
    Product.objects.update(is_active=False)
    assert api.get(f"{URL}ids/").json() == {"wishlist": [], "liked": []}


def test_a_page_costs_the_same_however_long(api, user, django_assert_num_queries):
    for _ in range(4):
        api.post(URL, {"product": make_variant().product_id})
    with django_assert_num_queries(3):
        assert len(wishes(api)) == 4
    first = api.get(URL, {"cursor": "", "page_size": 3}).json()
    assert len(first["results"]) == 3
    assert len(api.get(first["next"]).json()["results"]) == 1


def test_a_wishlist_has_an_end(api, user, monkeypatch):
    monkeypatch.setattr(wishlist, "MAX_WISHES", 1)
    product = make_variant().product
    assert api.post(URL, {"product": product.pk}).status_code == 201
    assert api.post(URL, {"product": make_variant().product_id}).status_code == 400
    assert api.post(URL, {"product": product.pk}).status_code == 200


def test_the_wishlist_goes_with_the_person_and_with_the_product(api, user):
    product, other = make_variant().product, make_variant()
    api.post(URL, {"product": product.pk})
    api.post(URL, {"variant": other.pk})
    delete_product(product_id=other.product_id)
    assert WishlistItem.objects.get().product == product
    erase_user(user_id=user.pk)
    assert not WishlistItem.objects.exists()
