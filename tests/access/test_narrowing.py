"""What lists hold for staff who may not see everybody's rows: the same as for a customer."""

import pytest

from accounts.models import SellerStatus
from catalog.models import Review
from tests.accounts.factories import make_staff, make_user
from tests.catalog.factories import make_category, make_review, make_seller, make_variant
from tests.orders.factories import make_delivered_order

from .world import a_payment, a_return, make_world

pytestmark = pytest.mark.django_db
API = "/api/v1/"


def ids(api, address):
    answer = api.get(API + address)
    assert answer.status_code == 200, answer.content
    rows = answer.json()
    return [row["id"] for row in (rows if isinstance(rows, list) else rows["results"])]


def make_hidden_rows():
    """One row of each list that only its owner and certain staff may see."""
    owner = make_user()
    hidden = make_variant().product
    hidden.is_active = False
    hidden.save()
    make_review(user=owner)
    Review.objects.update(is_approved=False)
    make_seller(status=SellerStatus.PENDING)
    a_payment(owner)
    a_return(owner)
    return hidden


LISTS = {
    "orders/": "orders support analyst",
    "payments/": "orders support",
    "returns/": "orders support analyst",
    "reviews/": "catalog support analyst",
    "sellers/?status=pending": "catalog support analyst",
}


@pytest.mark.parametrize("address", LISTS)
def test_only_groups_with_the_right_see_everybodys_rows(api, address):
    world = make_world()
    make_hidden_rows()
    seeing = set()
    for role in ["other", "staff", "catalog", "orders", "support", "analyst", "admin"]:
        api.force_authenticate(getattr(world, role))
        if ids(api, address):
            seeing.add(role)
    assert seeing == {*LISTS[address].split(), "admin"}


def test_the_payment_of_an_order_is_shown_only_to_staff_who_may_see_payments(api):
    world = make_world()
    address = f"{API}payments/status/{a_payment(world.owner).order_id}/"
    seeing = {}
    for role in ["owner", "orders", "support", "analyst", "admin"]:
        api.force_authenticate(getattr(world, role))
        answer = api.get(address).json()
        assert (answer["payment_status"], answer["amount_paid"]) == ("pending", "0.00")
        seeing[role] = answer["payment"] is not None
    assert [role for role, sees in seeing.items() if not sees] == ["analyst"]


def test_staff_in_no_group_see_neither_hidden_products_nor_their_cost(api):
    hidden, category = make_hidden_rows(), make_category(is_active=False)
    shown = make_variant(cost_price="60.00").product
    for person, statuses in [(make_user(is_staff=True), (404, 404)), (make_staff(), (200, 200))]:
        api.force_authenticate(person)
        addresses = (f"products/{hidden.pk}/", f"categories/{category.pk}/")
        assert tuple(api.get(API + address).status_code for address in addresses) == statuses
        answer = api.get(f"{API}products/{shown.pk}/").json()
        assert ("is_active" in answer) == (statuses == (200, 200))


def test_staff_in_no_group_see_their_own_orders(api):
    clerk = make_user(is_staff=True)
    own = make_delivered_order(user=clerk)
    make_delivered_order()
    api.force_authenticate(clerk)
    assert ids(api, "orders/") == [str(own.pk)]


def test_staff_who_sell_manage_their_own_products_and_no_others(api):
    shop = make_seller()
    shop.user.is_staff = True
    shop.user.save()
    own = make_variant(product=make_variant().product).product
    own.seller = shop
    own.save()
    other = make_variant().product
    api.force_authenticate(shop.user)
    statuses = [
        api.patch(f"{API}products/{product.pk}/", {"brand": "Acme"}).status_code
        for product in (own, other)
    ]
    assert statuses == [200, 403]
    body = {"variant": other.variants.get().pk, "transaction_type": "IN", "quantity": 5}
    assert api.post(f"{API}inventory/transactions/", body).status_code == 403
    assert other.variants.get().stock.on_hand == 10
