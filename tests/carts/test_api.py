import json
from uuid import uuid4

import pytest

from carts.models import Cart, CartItem
from tests.accounts.factories import make_user
from tests.catalog.factories import make_product, make_variant

from .calls import CART, ITEMS, add, of, pieces
from .factories import make_cart, make_item

pytestmark = pytest.mark.django_db


class TestAdding:
    def test_the_same_variant_adds_to_its_line(self, user_api):
        variant = make_variant(on_hand=5)
        assert add(user_api, variant, 2).status_code == 201
        answer = add(user_api, variant, 3)
        assert answer.status_code == 200
        assert [line["quantity"] for line in answer.json()["items"]] == [5]
        assert answer.json()["version"] == 2

    def test_more_than_in_stock_is_refused_and_nothing_changes(self, user_api):
        variant = make_variant(on_hand=5)
        add(user_api, variant, 3)
        answer = add(user_api, variant, 3)
        assert answer.status_code == 409
        assert answer.json()["code"] == "insufficient_stock"
        items = [{"variant": variant.pk, "requested": 6, "available": 5}]
        assert answer.json()["details"] == {"items": items}
        assert answer.json()["error"] == f"Only 5 of '{variant.product.name}' are left."
        cart = Cart.objects.get()
        assert (pieces(cart), cart.version) == ({variant.pk: 3}, 1)

    def test_a_refused_first_piece_leaves_no_cart(self, api):
        assert add(api, make_variant(on_hand=0)).status_code == 409
        assert not Cart.objects.exists()

    def test_more_than_a_cart_takes_is_refused(self, user_api, settings):
        settings.CART_MAX_QUANTITY = 4
        variant = make_variant(on_hand=100)
        assert "quantity" in add(user_api, variant, 5).json()["details"]
        add(user_api, variant, 3)
        answer = add(user_api, variant, 2)
        assert answer.status_code == 400
        assert answer.json()["details"] == {
            "quantity": ["A cart takes at most 4 pieces of an article."]
        }
        assert pieces(Cart.objects.get()) == {variant.pk: 3}

    @pytest.mark.parametrize("quantity", [0, -1, 1.5, True, "many", None, [], 2**62, "1e3"])
    def test_a_quantity_is_a_whole_number_from_one(self, api, quantity):
        answer = add(api, make_variant(), quantity)
        assert answer.status_code == 400
        assert list(answer.json()["details"]) == ["quantity"]
        assert not Cart.objects.exists()

    def test_a_product_stands_for_its_only_variant(self, api):
        variant = make_variant()
        make_variant(product=variant.product, is_active=False)
        answer = api.post(ITEMS, {"product": variant.product_id, "quantity": 1})
        assert answer.status_code == 201
        assert answer.json()["items"][0]["variant"]["id"] == variant.pk

    def test_a_product_of_several_variants_asks_for_one(self, api):
        variant = make_variant()
        make_variant(product=variant.product)
        answer = api.post(ITEMS, {"product": variant.product_id, "quantity": 1})
        assert answer.status_code == 400
        assert answer.json()["details"] == {
            "product": ["This product has several variants: send `variant` instead."]
        }

    @pytest.mark.parametrize(
        ("body", "field"),
        [
            ({}, "variant"),
            ({"variant": 999_999}, "variant"),
            ({"variant": 2**62}, "variant"),
            ({"variant": "red"}, "variant"),
            ({"product": 999_999}, "product"),
        ],
    )
    def test_what_names_nothing_is_refused_on_its_field(self, api, body, field):
        answer = api.post(ITEMS, body | {"quantity": 1})
        assert answer.status_code == 400
        assert list(answer.json()["details"]) == [field]

    def test_what_is_not_sold_is_refused(self, api):
        inactive = make_variant(is_active=False)
        of_inactive = make_variant(product=make_product(is_active=False))
        for variant in (inactive, of_inactive):
            assert list(add(api, variant).json()["details"]) == ["variant"]
            answer = api.post(ITEMS, {"product": variant.product_id, "quantity": 1})
            assert list(answer.json()["details"]) == ["product"]
        assert not Cart.objects.exists()

    def test_a_variant_of_another_product_is_refused(self, api):
        body = {"variant": make_variant().pk, "product": make_variant().product_id, "quantity": 1}
        assert list(api.post(ITEMS, body).json()["details"]) == ["variant"]

    def test_a_cart_takes_a_hundred_lines(self, user_api):
        variants = [make_variant() for _ in range(101)]
        rows = [{"variant": variant.pk, "quantity": 1} for variant in variants]
        assert user_api.put(ITEMS, rows).status_code == 400
        assert not CartItem.objects.exists()
        assert user_api.put(ITEMS, rows[:100]).status_code == 200
        assert add(user_api, variants[100]).status_code == 400
        assert add(user_api, variants[0]).status_code == 200
        assert CartItem.objects.count() == 100


class TestChangingLines:
    def test_a_quantity_is_set_and_the_price_counts_as_seen(self, api):
        item = make_item(variant=make_variant(price="10.00"), seen_price="8.00")
        answer = api.patch(f"{of(item.cart)}items/{item.pk}/", {"quantity": 4})
        assert answer.status_code == 200
        (line,) = answer.json()["items"]
        assert (line["quantity"], line["line_total"], line["message"]) == (4, "40.00", None)
        assert answer.json()["version"] == 1

    def test_zero_pieces_remove_the_line(self, api):
        item = make_item()
        other = make_item(item.cart)
        answer = api.patch(f"{of(item.cart)}items/{item.pk}/", {"quantity": 0})
        assert answer.status_code == 200
        assert [line["id"] for line in answer.json()["items"]] == [str(other.pk)]
        assert answer.json()["version"] == 1

    def test_deleting_a_line_answers_the_cart(self, api):
        item = make_item()
        answer = api.delete(f"{of(item.cart)}items/{item.pk}/")
        assert (answer.status_code, answer.json()["items"]) == (200, [])
        assert answer.json()["version"] == 1

    def test_more_than_in_stock_is_refused_and_nothing_changes(self, api):
        item = make_item(variant=make_variant(on_hand=2))
        answer = api.patch(f"{of(item.cart)}items/{item.pk}/", {"quantity": 3})
        assert (answer.status_code, answer.json()["code"]) == (409, "insufficient_stock")
        item.cart.refresh_from_db()
        assert (pieces(item.cart), item.cart.version) == ({item.variant_id: 1}, 0)

    def test_what_is_no_longer_sold_can_only_be_removed(self, api):
        item = make_item(variant=make_variant(is_active=False), quantity=2)
        address = f"{of(item.cart)}items/{item.pk}/"
        answer = api.patch(address, {"quantity": 1})
        assert answer.status_code == 409
        assert answer.json()["error"] == f"'{item.variant.product.name}' is no longer sold."
        assert api.patch(address, {"quantity": 0}).status_code == 200

    @pytest.mark.parametrize("body", [{}, {"quantity": -1}, {"quantity": 100}, {"quantity": "x"}])
    def test_a_quantity_out_of_range_is_refused(self, api, body):
        item = make_item(variant=make_variant(on_hand=500))
        answer = api.patch(f"{of(item.cart)}items/{item.pk}/", body)
        assert (answer.status_code, list(answer.json()["details"])) == (400, ["quantity"])

    def test_an_unknown_line_is_not_found_with_or_without_a_cart(self, api):
        assert api.patch(f"{ITEMS}{uuid4()}/", {"quantity": 1}).status_code == 404
        assert api.delete(f"{ITEMS}{uuid4()}/").status_code == 404
        add(api, make_variant())
        assert api.delete(f"{ITEMS}{uuid4()}/").status_code == 404


class TestReplacing:
    def test_the_lines_are_those_that_were_sent(self, user_api):
        stays, goes, comes = (make_variant(on_hand=9) for _ in range(3))
        cart = make_cart(user=user_api.user)
        kept = make_item(cart, stays)
        make_item(cart, goes)
        rows = [{"variant": stays.pk, "quantity": 3}, {"product": comes.product_id, "quantity": 2}]
        answer = user_api.put(ITEMS, rows)
        assert answer.status_code == 200
        assert pieces(cart) == {stays.pk: 3, comes.pk: 2}
        assert answer.json()["items"][0]["id"] == str(kept.pk)
        assert answer.json()["version"] == 1

    def test_an_empty_list_empties_the_cart(self, api):
        item = make_item()
        assert api.put(f"{of(item.cart)}items/", []).json()["items"] == []

    def test_a_variant_named_twice_adds_up(self, user_api):
        variant = make_variant(on_hand=5)
        rows = [
            {"variant": variant.pk, "quantity": 2},
            {"product": variant.product_id} | {"quantity": 3},
        ]
        assert user_api.put(ITEMS, rows).status_code == 200
        assert pieces(Cart.objects.get()) == {variant.pk: 5}
        answer = user_api.put(ITEMS, [*rows, {"variant": variant.pk, "quantity": 1}])
        assert answer.json()["details"]["items"][0]["requested"] == 6

    def test_nothing_changes_when_one_line_is_refused(self, api):
        item = make_item()
        plenty, short, shorter = make_variant(), make_variant(on_hand=1), make_variant(on_hand=0)
        address = f"{of(item.cart)}items/"
        rows = [{"variant": v.pk, "quantity": 2} for v in (plenty, short, shorter)]
        answer = api.put(address, rows)
        assert answer.status_code == 409
        assert [row["variant"] for row in answer.json()["details"]["items"]] == [
            short.pk,
            shorter.pk,
        ]
        unsold = make_variant(is_active=False)
        answer = api.put(address, [rows[0], {"variant": unsold.pk, "quantity": 1}])
        assert (answer.status_code, list(answer.json()["details"])) == (400, ["variant"])
        assert api.put(address, [rows[0], {"variant": plenty.pk}]).status_code == 400
        assert api.put(address, {"variant": plenty.pk, "quantity": 1}).status_code == 400
        item.cart.refresh_from_db()
        assert (pieces(item.cart), item.cart.version) == ({item.variant_id: 1}, 0)

    def test_the_queries_do_not_grow_with_the_lines(self, user_api, django_assert_max_num_queries):
        rows = [{"variant": make_variant().pk, "quantity": 1} for _ in range(30)]
        make_cart(user=user_api.user)
        with django_assert_max_num_queries(14):
            assert user_api.put(ITEMS, rows).status_code == 200


class TestIfMatch:
    @pytest.mark.parametrize("tag", ["3", '"3"', 'W/"3"', "*", '"2", "3"', " 3 "])
    def test_the_present_version_passes(self, api, tag):
        cart = make_cart(version=3)
        body = {"variant": make_variant().pk, "quantity": 1}
        answer = api.post(f"{of(cart)}items/", body, headers={"If-Match": tag})
        assert (answer.status_code, answer.json()["version"]) == (201, 4)
        assert answer["ETag"] == 'W/"4"'

    @pytest.mark.parametrize("tag", ["2", '"4"', 'W/"2"', "abc", "-3", "3.0", "٣", "9" * 5000])
    def test_another_version_changes_nothing(self, api, tag):
        cart = make_cart(version=3)
        item = make_item(cart)
        row = {"variant": item.variant_id, "quantity": 2}
        headers = {"If-Match": tag}
        calls = [
            api.post(f"{of(cart)}items/", row, headers=headers),
            api.put(f"{of(cart)}items/", [row], headers=headers),
            api.patch(f"{of(cart)}items/{item.pk}/", {"quantity": 2}, headers=headers),
            api.patch(f"{of(cart)}items/{item.pk}/", {"quantity": 0}, headers=headers),
            api.delete(f"{of(cart)}items/{item.pk}/", headers=headers),
            api.delete(of(cart), headers=headers),
        ]
        assert {answer.status_code for answer in calls} == {412}
        assert {answer.json()["code"] for answer in calls} == {"precondition_failed"}
        cart.refresh_from_db()
        assert (pieces(cart), cart.version) == ({item.variant_id: 1}, 3)

    def test_who_has_no_cart_has_version_zero(self, api):
        variant = make_variant()
        assert add(api, variant, **{"If-Match": "1"}).status_code == 412
        assert not Cart.objects.exists()
        assert add(api, variant, **{"If-Match": "0"}).status_code == 201


class TestDeleting:
    def test_a_users_cart_is_emptied(self, user_api):
        cart = make_item(make_cart(user=user_api.user, coupon_code="OLD")).cart
        assert user_api.delete(CART).status_code == 204
        cart.refresh_from_db()
        assert (pieces(cart), cart.version, cart.coupon_code) == ({}, 1, "")
        assert user_api.delete(of(cart)).status_code == 204
        assert Cart.objects.filter(pk=cart.pk).exists()

    def test_a_guests_cart_is_gone_and_its_cookie_too(self, api):
        add(api, make_variant())
        cart = Cart.objects.get()
        answer = api.delete(CART)
        assert (answer.status_code, answer.content) == (204, b"")
        assert answer.cookies["cart_id"]["max-age"] == 0
        assert not Cart.objects.exists()
        assert api.get(of(cart)).status_code == 404
        assert api.delete(of(cart)).status_code == 404

    def test_the_cookie_stays_when_another_cart_goes(self, api):
        add(api, make_variant())
        mine, other = Cart.objects.get(), make_cart()
        assert not api.delete(of(other)).cookies
        assert api.delete(of(mine)).cookies["cart_id"]["max-age"] == 0

    def test_asking_for_the_headers_alone_changes_no_cookie(self, api):
        cart = make_cart()
        answer = api.head(CART, headers={"X-Cart-ID": str(cart.pk)})
        assert (answer.status_code, answer["ETag"]) == (200, 'W/"0"')
        assert not answer.cookies

    def test_deleting_no_cart_is_no_error(self, api, user_api):
        assert api.delete(CART).status_code == 204
        assert user_api.delete(CART).status_code == 204
        assert not Cart.objects.exists()


class TestMerging:
    MERGE = "/api/v1/cart/merge/"

    def test_the_guests_lines_join_the_users(self, user_api):
        both, only_guests = make_variant(on_hand=9), make_variant()
        own = make_item(make_cart(user=user_api.user), both, 2).cart
        guests = make_item(make_cart(), both, 3).cart
        make_item(guests, only_guests)
        answer = user_api.post(self.MERGE, {"cart_id": str(guests.pk)})
        assert (answer.status_code, answer.json()["id"]) == (200, str(own.pk))
        assert pieces(own) == {both.pk: 5, only_guests.pk: 1}
        assert answer.json()["version"] == 1
        again = user_api.post(self.MERGE, {"cart_id": str(guests.pk)})
        assert (again.status_code, again.json()["code"]) == (404, "not_found")
        assert pieces(own) == {both.pk: 5, only_guests.pk: 1}
        assert list(Cart.objects.values_list("pk", flat=True)) == [own.pk]

    def test_only_users_merge_and_only_guests_carts(self, api, user_api):
        guests, others = make_cart(), make_cart(user=make_user())
        own = make_cart(user=user_api.user)
        assert api.post(self.MERGE, {"cart_id": str(guests.pk)}).status_code == 401
        for cart_id in (others.pk, own.pk, uuid4()):
            assert user_api.post(self.MERGE, {"cart_id": str(cart_id)}).status_code == 404
        assert user_api.post(self.MERGE, {"cart_id": "x"}).status_code == 400
        assert user_api.post(self.MERGE, {}).status_code == 400
        assert Cart.objects.count() == 3

    def test_the_version_guards_the_users_cart(self, user_api):
        own = make_cart(user=user_api.user, version=2)
        guests = make_item().cart
        body = {"cart_id": str(guests.pk)}
        assert user_api.post(self.MERGE, body, headers={"If-Match": "0"}).status_code == 412
        assert (own.items.count(), guests.items.count()) == (0, 1)
        assert user_api.post(self.MERGE, body, headers={"If-Match": "2"}).status_code == 200


class TestOldAddresses:
    def test_cart_add_is_cart_items_with_other_names(self, api):
        variant = make_variant()
        body = {"product_id": variant.product_id, "variant_id": None, "quantity": 1}
        assert api.post("/api/v1/cart/add/", body).status_code == 201
        answer = api.post("/api/v1/cart/add/", {"variant_id": variant.pk, "quantity": 2})
        assert (answer.status_code, answer.json()["item_count"]) == (200, 3)
        refused = api.post("/api/v1/cart/add/", {"quantity": 2})
        assert list(refused.json()["details"]) == ["variant_id"]

    def test_cart_clear_is_delete_cart(self, user_api):
        cart = make_item(make_cart(user=user_api.user)).cart
        assert user_api.delete("/api/v1/cart/clear/").status_code == 204
        assert pieces(cart) == {}

    def test_the_old_addresses_know_no_other_method(self, api):
        assert api.put("/api/v1/cart/add/", []).status_code == 405
        assert api.get("/api/v1/cart/clear/").status_code == 405


def test_a_body_that_is_no_object_is_refused(api):
    for body in ([], "text", 5, None):
        answer = api.post(ITEMS, json.dumps(body), content_type="application/json")
        assert answer.status_code == 400
