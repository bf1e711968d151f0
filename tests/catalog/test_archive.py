"""What was ordered is archived instead of deleted: orders keep it, and staff can bring it back."""

import pytest
from django.urls import reverse

from catalog.models import Product
from catalog.services.products import delete_product, restore_product
from config.errors import NotFound
from tests.accounts.factories import make_staff
from tests.orders.factories import make_placed_order

from .factories import make_product, make_variant

pytestmark = pytest.mark.django_db
URL = "/api/v1/products/"
LIST = "admin:catalog_product_changelist"


@pytest.fixture
def order():
    return make_placed_order(variants=[make_variant(price="80.00", on_hand=5)])


@pytest.fixture
def archived(order):
    product = order.lines.get().product
    delete_product(product_id=product.pk)
    product.refresh_from_db()
    assert product.archived_at is not None
    return product


@pytest.fixture
def staff(client):
    client.force_login(make_staff(), backend="accounts.backends.IdentifierBackend")


def shown(client, **query):
    page = client.get(reverse(LIST), query).context["cl"]
    return [product.pk for product in page.result_list]


def act(client, action, *products, **query):
    data = {"action": action, "_selected_action": [product.pk for product in products]}
    return client.post(reverse(LIST, query=query), data, follow=True)


def test_an_order_still_shows_an_archived_product(api, order, archived):
    api.force_authenticate(order.user)
    (item,) = api.get(f"/api/v1/orders/{order.pk}/").json()["items"]
    assert (item["name"], item["unit_price"]) == (archived.name, "80.00")
    assert api.get(f"{URL}{archived.pk}/").status_code == 404


def test_an_archived_product_comes_back_inactive_with_its_variants(api, archived):
    restore_product(product_id=archived.pk)
    assert api.get(f"{URL}{archived.pk}/").status_code == 404
    api.force_authenticate(make_staff())
    body = api.patch(f"{URL}{archived.pk}/", {"is_active": True}).json()
    assert (body["is_active"], body["price"], body["stock"]) == (True, "80.00", 4)


def test_what_is_not_archived_cannot_come_back():
    product = make_product()
    for product_id in (product.pk, 999999):
        with pytest.raises(NotFound):
            restore_product(product_id=product_id)
    product.refresh_from_db()
    assert product.is_active


def test_staff_find_archived_products_where_they_ask_for_them(client, staff, archived):
    other = make_product()
    assert shown(client) == [other.pk]
    assert shown(client, archived="yes") == [archived.pk]


def test_staff_bring_archived_products_back(client, staff, archived):
    act(client, "restore", archived, archived="yes")
    archived.refresh_from_db()
    assert (archived.archived_at, archived.is_active) == (None, False)
    assert shown(client) == [archived.pk]


def test_an_archived_product_is_only_looked_at(client, staff, archived):
    address = reverse("admin:catalog_product_change", args=[archived.pk])
    assert client.get(address).status_code == 200
    assert client.post(address, {"name": "Other"}).status_code == 403
    delete = reverse("admin:catalog_product_delete", args=[archived.pk])
    assert client.post(delete, {"post": "yes"}).status_code == 403
    for action in ("activate", "feature"):
        act(client, action, archived, archived="yes")
    client.post(
        reverse(LIST, query={"archived": "yes"}),
        {"action": "delete_selected", "_selected_action": [archived.pk], "post": "yes"},
    )
    kept = Product.objects.get()
    assert (kept.name, kept.is_active, kept.featured) == (archived.name, False, False)
    assert kept.archived_at == archived.archived_at


def test_no_page_offers_an_archived_product(client, staff, archived):
    other = make_product()
    query = {"app_label": "carts", "model_name": "coupon", "field_name": "products"}
    found = client.get(reverse("admin:autocomplete"), query).json()["results"]
    assert [row["id"] for row in found] == [str(other.pk)]
