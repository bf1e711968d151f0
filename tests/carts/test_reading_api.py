from datetime import timedelta

import pytest
from django.conf import settings
from django.utils import timezone
from rest_framework.test import APIClient

from carts.models import Cart
from catalog.models import Product, Variant
from tests.accounts.factories import make_user
from tests.catalog.factories import make_product, make_variant

from .calls import CART, add, of, pieces
from .factories import make_cart, make_item

pytestmark = pytest.mark.django_db


class TestReading:
    def test_somebody_without_a_cart_sees_an_empty_one_and_nothing_is_stored(self, api):
        answer = api.get(CART)
        assert answer.status_code == 200
        assert answer.json() == {
            "id": None,
            "items": [],
            "item_count": 0,
            "currency": "INR",
            "subtotal": "0.00",
            "discount_amount": "0.00",
            "total_price": "0.00",
            "coupon_code": None,
            "discounts": [],
            "refused": None,
            "messages": [],
            "version": 0,
            "updated_at": None,
        }
        assert answer["Cache-Control"] == "no-store"
        assert not Cart.objects.exists()
        assert not answer.cookies

    def test_a_cart_shows_everything_the_contract_names(self, api):
        variant = make_variant(price="19.90", on_hand=7, reserved=2, attributes={"color": "red"})
        item = make_item(variant=variant, quantity=3)
        answer = api.get(CART, headers={"X-Cart-ID": str(item.cart_id)})
        body = answer.json()
        assert body["items"] == [
            {
                "id": str(item.pk),
                "product": {
                    "id": variant.product_id,
                    "slug": variant.product.slug,
                    "name": variant.product.name,
                    "thumbnail": None,
                },
                "variant": {
                    "id": variant.pk,
                    "sku": variant.sku,
                    "name": "",
                    "attributes": {"color": "red"},
                },
                "quantity": 3,
                "unit_price": "19.90",
                "line_total": "59.70",
                "available": 5,
                "message": None,
            }
        ]
        assert (body["id"], body["item_count"]) == (str(item.cart_id), 3)
        assert (body["subtotal"], body["total_price"]) == ("59.70", "59.70")
        assert body["updated_at"].endswith("Z")
        assert answer["ETag"] == 'W/"0"'

    def test_reading_takes_three_queries_however_many_lines(self, api, django_assert_num_queries):
        cart = make_cart()
        for _ in range(12):
            make_item(cart)
        with django_assert_num_queries(3):
            assert len(api.get(of(cart)).json()["items"]) == 12

    def test_prices_are_todays_and_the_line_says_so(self, api):
        item = make_item(variant=make_variant(price="100.00"))
        Variant.objects.update(price="90.00")
        body = api.get(of(item.cart)).json()
        name = item.variant.product.name
        text = f"The price of '{name}' went down from 100.00 to 90.00 INR."
        assert body["items"][0]["message"] == text
        assert body["messages"] == [text]
        assert body["subtotal"] == "90.00"
        Variant.objects.update(price="110.00")
        assert "went up from 100.00 to 110.00 INR" in api.get(of(item.cart)).json()["messages"][0]

    def test_a_flash_sale_counts_while_it_runs(self, api):
        now = timezone.now()
        product = make_product(
            flash_percentage="25",
            flash_starts_at=now - timedelta(hours=1),
            flash_ends_at=now + timedelta(hours=1),
        )
        item = make_item(variant=make_variant(price="10.00", product=product), quantity=2)
        assert api.get(of(item.cart)).json()["subtotal"] == "15.00"
        Product.objects.update(flash_ends_at=now)
        assert api.get(of(item.cart)).json()["subtotal"] == "20.00"

    def test_less_stock_than_wanted_is_a_message(self, api):
        item = make_item(variant=make_variant(on_hand=3), quantity=5)
        sold_out = make_item(item.cart, make_variant(on_hand=2, reserved=2))
        body = api.get(of(item.cart)).json()
        assert body["messages"] == [
            f"Only 3 of '{item.variant.product.name}' are left.",
            f"'{sold_out.variant.product.name}' is sold out.",
        ]
        assert [line["available"] for line in body["items"]] == [3, 0]

    @pytest.mark.parametrize("model", [Variant, Product])
    def test_what_is_no_longer_sold_stays_in_sight_but_does_not_count(self, api, model):
        item = make_item(variant=make_variant(price="10.00"), quantity=2)
        model.objects.update(is_active=False)
        make_item(item.cart, make_variant(price="3.00"))
        body = api.get(of(item.cart)).json()
        gone = body["items"][0]
        assert (gone["unit_price"], gone["line_total"], gone["available"]) == ("10.00", "0.00", 0)
        assert gone["message"] == (
            f"'{item.variant.product.name}' is no longer sold. "
            "It does not count: remove it to check out."
        )
        assert body["messages"] == [gone["message"]]
        assert (body["subtotal"], body["item_count"]) == ("3.00", 3)


class TestWhoseCart:
    def test_the_first_piece_makes_a_guests_cart_which_the_browser_keeps(self, api):
        answer = add(api, make_variant())
        assert answer.status_code == 201
        cart = Cart.objects.get()
        cookie = answer.cookies["cart_id"]
        assert (answer.json()["id"], cookie.value) == (str(cart.pk), str(cart.pk))
        assert (cookie["httponly"], cookie["samesite"]) == (True, "Lax")
        assert cookie["max-age"] == settings.GUEST_CART_LIFETIME.total_seconds()
        assert not cookie["secure"]
        item = cart.items.get()
        assert answer["Location"] == f"http://testserver/api/v1/cart/items/{item.pk}/"
        assert api.get(CART).json()["id"] == str(cart.pk)  # by the cookie

    def test_the_cookie_is_secure_where_the_site_is_https(self, api, settings):
        settings.SITE_URL = "https://shop.example"
        assert add(api, make_variant()).cookies["cart_id"]["secure"]

    def test_the_header_wins_over_the_cookie(self, api):
        by_header, by_cookie = make_cart(), make_cart()
        api.cookies["cart_id"] = str(by_cookie.pk)
        answer = api.get(CART, headers={"X-Cart-ID": str(by_header.pk)})
        assert answer.json()["id"] == str(by_header.pk)

    @pytest.mark.parametrize("header", ["nonsense", "6f1e1f0e-6d5b-4f0b-9a43-0f6f4a1b2c3d", ""])
    def test_a_header_that_names_no_cart_is_as_if_it_were_not_sent(self, api, header):
        by_cookie = make_cart()
        api.cookies["cart_id"] = str(by_cookie.pk)
        answer = api.get(CART, headers={"X-Cart-ID": header})
        assert answer.json()["id"] == str(by_cookie.pk)
        api.cookies.clear()
        assert api.get(CART, headers={"X-Cart-ID": header}).json()["id"] is None
        assert add(api, make_variant(), **{"X-Cart-ID": header}).status_code == 201
        assert Cart.objects.count() == 2

    def test_an_expired_guest_cart_is_as_if_it_were_gone(self, api):
        cart = make_cart()
        Cart.objects.update(updated_at=timezone.now() - settings.GUEST_CART_LIFETIME)
        assert api.get(CART, headers={"X-Cart-ID": str(cart.pk)}).json()["id"] is None
        assert api.get(of(cart)).status_code == 404

    def test_a_users_token_wins_over_header_and_cookie(self, user_api):
        guests = make_cart()
        own = make_cart(user=user_api.user)
        user_api.cookies["cart_id"] = str(guests.pk)
        answer = add(user_api, make_variant(), **{"X-Cart-ID": str(guests.pk)})
        assert answer.json()["id"] == str(own.pk)
        assert not answer.cookies
        assert not guests.items.exists()

    def test_a_users_cart_answers_only_to_that_user(self, api, user_api):
        cart = make_item(make_cart(user=user_api.user)).cart
        stranger = APIClient()
        stranger.force_authenticate(make_user())
        for client in (api, stranger):
            item = cart.items.get()
            assert client.get(of(cart)).status_code == 404
            assert client.delete(of(cart)).status_code == 404
            body = {"variant": item.variant_id, "quantity": 1}
            assert client.post(f"{of(cart)}items/", body).status_code == 404
            assert client.put(f"{of(cart)}items/", []).status_code == 404
            address = f"{of(cart)}items/{item.pk}/"
            assert client.patch(address, {"quantity": 0}).status_code == 404
            assert client.delete(address).status_code == 404
            by_header = client.get(CART, headers={"X-Cart-ID": str(cart.pk)})
            assert by_header.json()["id"] is None
        assert pieces(cart) == {item.variant_id: 1}
        assert user_api.get(of(cart)).json()["id"] == str(cart.pk)

    def test_who_knows_the_id_of_a_guests_cart_may_use_it(self, user_api):
        cart = make_cart()
        body = {"variant": make_variant().pk, "quantity": 1}
        answer = user_api.post(f"{of(cart)}items/", body)
        assert (answer.status_code, answer.json()["id"]) == (201, str(cart.pk))
        item = cart.items.get()
        location = f"http://testserver/api/v1/carts/{cart.pk}/items/{item.pk}/"
        assert answer["Location"] == location
        assert not answer.cookies

    def test_a_line_of_another_cart_is_not_found(self, api):
        mine, other = make_item(), make_item()
        for cart, item in ((mine.cart, other), (other.cart, mine)):
            address = f"{of(cart)}items/{item.pk}/"
            assert api.patch(address, {"quantity": 3}).status_code == 404
            assert api.delete(address).status_code == 404
        assert pieces(mine.cart) == {mine.variant_id: 1}

    def test_a_guest_can_make_any_number_of_carts(self, api):
        first, second = api.post("/api/v1/carts/"), api.post("/api/v1/carts/")
        assert (first.status_code, second.status_code) == (201, 201)
        assert first.json()["id"] != second.json()["id"]
        assert first["Location"] == f"http://testserver/api/v1/carts/{first.json()['id']}/"
        assert second.cookies["cart_id"].value == second.json()["id"]

    def test_a_user_has_one_cart(self, user_api):
        first, second = user_api.post("/api/v1/carts/"), user_api.post("/api/v1/carts/")
        assert (first.status_code, second.status_code) == (201, 200)
        assert first.json()["id"] == second.json()["id"] == str(Cart.objects.get().pk)

    def test_a_bad_token_is_401_and_no_guest(self, api):
        answer = api.get(CART, headers={"Authorization": "Bearer nonsense"})
        assert answer.status_code == 401
        assert answer.json()["code"] == "token_not_valid"
        assert answer["Cache-Control"] == "no-store"
