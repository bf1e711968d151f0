"""The list of products that staff see, and what they do to many at once."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import Permission
from django.urls import reverse
from django.utils import timezone

from catalog.models import Product, StockAlert
from catalog.services.products import flag_products
from catalog.signals import product_changed
from tests.accounts.factories import make_staff

from .factories import make_category, make_product, make_variant

pytestmark = pytest.mark.django_db
LIST = "admin:catalog_product_changelist"


@pytest.fixture
def staff(client):
    client.force_login(make_staff(), backend="accounts.backends.IdentifierBackend")


def shown(client, **query):
    page = client.get(reverse(LIST), query).context["cl"]
    return {product.pk for product in page.result_list}


def act(client, action, *products):
    data = {"action": action, "_selected_action": [product.pk for product in products]}
    assert client.post(reverse(LIST), data).status_code == 302


def make_sale(starts, ends):
    now = timezone.now()
    product = make_product(
        flash_percentage=10,
        flash_starts_at=now + timedelta(hours=starts),
        flash_ends_at=now + timedelta(hours=ends),
    )
    return make_variant(product=product).product


def test_the_list_shows_stock_and_state(client, staff):
    product = make_variant(on_hand=7, reserved=2).product
    make_variant(product=product, on_hand=4)
    make_variant(product=product, on_hand=90, is_active=False)
    make_sale(-1, 1)
    make_variant(on_hand=0)
    make_product(is_active=False)
    page = client.get(reverse(LIST))
    model_admin, rows = page.context["cl"].model_admin, page.context["cl"].result_list
    figures = [(model_admin.stock(row), model_admin.state(row)) for row in reversed(rows)]
    assert figures == [(9, "For sale"), (10, "Flash sale"), (0, "Sold out"), (0, "Inactive")]


def test_the_list_costs_the_same_for_one_product_and_for_fifty(
    client, staff, django_assert_num_queries
):
    make_variant()
    for more in (0, 49):
        for _ in range(more):
            make_variant()
        with django_assert_num_queries(6):
            client.get(reverse(LIST))


def test_the_list_is_narrowed_by_category_and_flash_sale(client, staff):
    top = make_category()
    below = make_product(category=make_category(parent=top))
    now, later, over = make_sale(-1, 1), make_sale(1, 2), make_sale(-2, -1)
    assert shown(client, within=top.pk) == {below.pk}
    assert shown(client, flash_sale="now") == {now.pk}
    assert shown(client, flash_sale="later") == {later.pk}
    assert shown(client) == {below.pk, now.pk, later.pk, over.pk}


def test_a_product_is_found_by_name_brand_or_sku(client, staff):
    product = make_variant(sku="MUG-77", product=make_product(name="Cup", brand="Acme")).product
    make_variant()
    for words in ("cup", "ACM", "mug-7"):
        assert shown(client, q=words) == {product.pk}


def test_many_are_activated_and_featured_at_once_and_others_are_told(client, staff):
    products, told = [make_product(is_active=False) for _ in range(3)], []

    def listen(product_ids, **kwargs):
        told.append(product_ids)

    product_changed.connect(listen)
    act(client, "activate", *products[:2])
    act(client, "feature", *products[1:])
    act(client, "feature", products[1])
    act(client, "deactivate", products[0])
    act(client, "unfeature", products[2])
    product_changed.disconnect(listen)
    flags = Product.objects.order_by("pk").values_list("is_active", "featured")
    assert list(flags) == [(False, False), (True, True), (False, False)]
    first, second, third = (product.pk for product in products)
    assert told == [[first, second], [second, third], [first], [third]]


def test_those_who_may_only_look_change_nothing(client):
    user = make_staff(is_superuser=False)
    user.user_permissions.set(Permission.objects.filter(codename="view_product"))
    client.force_login(user, backend="accounts.backends.IdentifierBackend")
    product = make_product()
    data = {"action": "deactivate", "_selected_action": [product.pk]}
    assert client.post(reverse(LIST), data).status_code == 200
    product.refresh_from_db()
    assert product.is_active


def test_the_page_of_a_product_says_what_is_on_the_shelf(client, staff):
    product = make_variant(on_hand=7, reserved=2).product
    page = client.get(reverse("admin:catalog_product_change", args=[product.pk]))
    assert "5 can be sold, 7 on hand" in page.content.decode()


def test_products_taken_off_sale_together_close_their_alerts():
    variant = make_variant(on_hand=1, low_stock_threshold=3, watched=True)
    ids = [variant.product_id]
    flag_products(product_ids=ids, flag="is_active", value=False)
    assert not StockAlert.objects.filter(open_for=variant.pk).exists()
    flag_products(product_ids=ids, flag="is_active", value=True)
    assert StockAlert.objects.filter(open_for=variant.pk).exists()
