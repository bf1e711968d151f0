from uuid import uuid4

import pytest

from catalog.models import Stock, StockMovement
from catalog.services.stock import reserve_stock
from tests.accounts.factories import make_staff, make_user

from .factories import make_product, make_seller, make_variant

pytestmark = pytest.mark.django_db
URL = "/api/v1/inventory/transactions/"


@pytest.fixture
def staff(api):
    user = make_staff()
    api.force_authenticate(user)
    return user


def test_staff_record_a_movement(api, staff):
    variant = make_variant(on_hand=10, reserved=4)
    body = {"variant": variant.pk, "transaction_type": "OUT", "quantity": 2, "notes": "Sample"}
    response = api.post(URL, body | {"reference": "R-1"})
    assert response.status_code == 201
    row = response.json()
    assert row == {
        "id": StockMovement.objects.get().pk,
        "variant": variant.pk,
        "sku": variant.sku,
        "product": variant.product_id,
        "transaction_type": "OUT",
        "quantity": 2,
        "reference": "R-1",
        "notes": "Sample",
        "stock_before": 6,
        "stock_after": 4,
        "on_hand_after": 8,
        "recorded_by": str(staff.pk),
        "order": None,
        "created_at": row["created_at"],
    }
    assert api.get(response["Location"]).json() == row


def test_rows_are_never_changed_or_deleted(api, staff):
    variant = make_variant()
    body = {"variant": variant.pk, "transaction_type": "IN", "quantity": 2}
    location = api.post(URL, body)["Location"]
    for method in (api.put, api.patch, api.delete):
        assert method(location, {"quantity": 9}).status_code == 405
    assert StockMovement.objects.get().quantity == 2


def test_what_is_promised_cannot_be_taken_and_the_orders_are_named(api, staff):
    variant, order_id = make_variant(on_hand=5), uuid4()
    reserve_stock(demand={variant.pk: 3}, order_id=order_id)
    body = {"variant": variant.pk, "transaction_type": "ADJUSTMENT", "quantity": -3}
    response = api.post(URL, body)
    assert response.status_code == 409
    assert response.json()["details"] == {"orders": [str(order_id)]}
    assert Stock.objects.get(pk=variant.pk).on_hand == 5
    (row,) = api.get(URL).json()["results"]
    assert (row["transaction_type"], row["order"]) == ("RESERVE", str(order_id))


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"transaction_type": "SALE"}, "transaction_type"),
        ({"quantity": 0}, "quantity"),
        ({"quantity": -1}, "quantity"),
        ({"transaction_type": "ADJUSTMENT", "quantity": 0}, "quantity"),
        ({"variant": 999999}, "variant"),
        ({"variant": None}, "variant"),
    ],
)
def test_a_movement_that_means_nothing_is_refused(api, staff, change, field):
    variant = make_variant()
    body = {"variant": variant.pk, "transaction_type": "IN", "quantity": 1} | change
    response = api.post(URL, body)
    assert response.status_code == 400
    assert field in response.json()["details"]
    assert not StockMovement.objects.exists()


def test_product_stands_for_its_only_variant(api, staff):
    variant = make_variant()
    body = {"product": variant.product_id, "transaction_type": "IN", "quantity": 1}
    assert api.post(URL, body).json()["variant"] == variant.pk
    make_variant(product=variant.product)
    assert "product" in api.post(URL, body).json()["details"]


def test_sellers_see_and_record_their_own_only(api):
    seller = make_seller()
    own = make_variant(product=make_product(seller=seller))
    foreign = make_variant()
    api.force_authenticate(make_staff())
    body = {"transaction_type": "IN", "quantity": 1}
    other = api.post(URL, body | {"variant": foreign.pk})["Location"]
    api.force_authenticate(seller.user)
    assert api.post(URL, body | {"variant": own.pk}).status_code == 201
    assert api.post(URL, body | {"variant": foreign.pk}).status_code == 403
    assert [row["variant"] for row in api.get(URL).json()["results"]] == [own.pk]
    assert api.get(other).status_code == 404
    assert Stock.objects.get(pk=foreign.pk).on_hand == 11


@pytest.mark.parametrize(("user", "code"), [(None, 401), ({}, 403), ({"is_staff": True}, 403)])
def test_others_may_neither_see_nor_record(api, user, code):
    variant = make_variant()
    api.force_authenticate(make_user(**user) if user is not None else None)
    assert api.get(URL).status_code == code
    body = {"variant": variant.pk, "transaction_type": "IN", "quantity": 1}
    assert api.post(URL, body).status_code == code
    assert not StockMovement.objects.exists()


def test_the_ledger_is_narrowed(api, staff, django_assert_num_queries):
    red, blue = make_variant(), make_variant()
    for variant, kind in ((red, "IN"), (red, "OUT"), (blue, "IN")):
        body = {"variant": variant.pk, "transaction_type": kind, "quantity": 1}
        api.post(URL, body)

    def found(**query):
        return [
            (row["variant"], row["transaction_type"])
            for row in api.get(URL, query).json()["results"]
        ]

    with django_assert_num_queries(2):
        assert found() == [(blue.pk, "IN"), (red.pk, "OUT"), (red.pk, "IN")]
    assert found(variant=blue.pk) == [(blue.pk, "IN")]
    assert found(product=red.product.slug, type="OUT") == [(red.pk, "OUT")]
    assert len(found(created_after="2020-01-01")) == 3
    assert found(created_before="2020-01-01T00:00:00Z") == []
    for bad in ({"variant": "x"}, {"type": "GIFT"}, {"created_after": "2020-13-99"}):
        response = api.get(URL, bad)
        assert (response.status_code, list(response.json()["details"])) == (400, list(bad))
    assert len(api.get(URL, {"cursor": "", "page_size": 1}).json()["results"]) == 1


def test_what_another_seller_hides_is_as_if_it_did_not_exist(api):
    shown, hidden = make_variant(), make_variant(product=make_product(is_active=False))
    api.force_authenticate(make_seller().user)
    body = {"transaction_type": "IN", "quantity": 1}
    assert api.post(URL, body | {"variant": shown.pk}).status_code == 403
    response = api.post(URL, body | {"variant": hidden.pk})
    assert (response.status_code, list(response.json()["details"])) == (400, ["variant"])
