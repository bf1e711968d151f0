import pytest
from django.contrib.auth.models import Permission

from tests.accounts.factories import make_staff, make_user
from tests.catalog.factories import make_product, make_seller, make_variant

from .factories import make_paid_order, make_placed_order

pytestmark = pytest.mark.django_db
URL = "/api/v1/sales/"


@pytest.fixture
def seller(api):
    seller = make_seller()
    api.force_authenticate(seller.user)
    return seller


def variant_of(seller, **fields):
    return make_variant(product=make_product(seller=seller), **fields)


def test_a_seller_sees_what_was_sold_of_own_products_and_not_to_whom(api, seller):
    variant = variant_of(seller, sku="MUG-1", price="40.00")
    order = make_paid_order(variants=[variant, variant_of(make_seller())], quantity=2)
    line = order.lines.get(variant=variant)
    (row,) = api.get(URL).json()["results"]
    assert row == {
        "order_number": order.number,
        "status": "confirmed",
        "item": str(line.pk),
        "product": variant.product_id,
        "variant": variant.pk,
        "sku": "MUG-1",
        "name": line.name,
        "quantity": 2,
        "unit_price": "40.00",
        "line_total": "80.00",
        "currency": "INR",
        "created_at": row["created_at"],
    }


def test_sales_narrow_by_status_product_and_time(api, seller):
    first, second = variant_of(seller), variant_of(seller)
    make_paid_order(variants=[first])
    make_placed_order(variants=[second])
    for query, found in (
        ({"status": "pending"}, [second.pk]),
        ({"product": first.product_id}, [first.pk]),
        ({"created_after": "2999-01-01"}, []),
        ({"created_before": "2999-01-01"}, [second.pk, first.pk]),
    ):
        assert [row["variant"] for row in api.get(URL, query).json()["results"]] == found
    for query in ({"status": "lost"}, {"product": "x"}, {"created_after": "soon"}):
        assert api.get(URL, query).status_code == 400


def test_sales_are_read_by_cursor_without_a_gap(api, seller):
    variant = variant_of(seller)
    for _ in range(3):
        make_placed_order(variants=[variant])
    rows, address = [], f"{URL}?cursor=&page_size=2"
    while address:
        page = api.get(address).json()
        rows += page["results"]
        address = page["next"]
    times = [row["created_at"] for row in rows]
    assert len({row["item"] for row in rows}) == 3
    assert times == sorted(times, reverse=True)


def test_only_sellers_and_staff_who_see_orders_see_sales(api):
    make_paid_order(variants=[variant_of(make_seller())])
    assert api.get(URL).status_code == 401
    staff = make_staff(is_superuser=False)
    for user in (make_user(), staff):
        api.force_authenticate(user)
        assert api.get(URL).status_code == 403
    api.force_authenticate(make_seller().user)
    assert api.get(URL).json()["count"] == 0
    staff.user_permissions.add(Permission.objects.get(codename="view_order"))
    api.force_authenticate(type(staff).objects.get(pk=staff.pk))
    assert api.get(URL).json()["count"] == 1


@pytest.mark.parametrize("orders", [1, 5])
def test_a_page_of_sales_costs_two_queries(api, seller, orders, django_assert_num_queries):
    variant = variant_of(seller, on_hand=50)
    for _ in range(orders):
        make_placed_order(variants=[variant])
    with django_assert_num_queries(2):
        api.get(URL)
