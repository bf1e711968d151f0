from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from catalog.models import Product
from catalog.services.popularity import BEST_SELLERS, Sales, set_sales
from catalog.signals import product_changed
from orders.services import lifecycle
from orders.services.popularity import refresh_popularity
from orders.services.returning import Wish, approve_return, request_return
from tests.catalog.factories import make_product, make_variant

from .factories import make_delivered_order, make_paid_order, make_placed_order, store_actor

pytestmark = pytest.mark.django_db


def sold():
    """Return what every product knows: its pieces sold, and whether it sells best."""
    return dict(Product.objects.values_list("slug", "sold_count")), set(
        Product.objects.filter(best_seller=True).values_list("slug", flat=True)
    )


def variant_of(slug):
    return make_variant(product=make_product(slug=slug), on_hand=50)


def test_confirmed_orders_count_and_pending_ones_do_not():
    make_paid_order(variants=[variant_of("mug")], quantity=3)
    make_placed_order(variants=[variant_of("cup")], quantity=5)
    refresh_popularity()
    assert sold() == ({"mug": 3, "cup": 0}, {"mug"})


def test_a_cancelled_order_counts_no_more():
    order = make_paid_order(variants=[variant_of("mug")], quantity=3)
    refresh_popularity()
    lifecycle.cancel_order(order_id=order.pk, actor=store_actor())
    refresh_popularity()
    assert sold() == ({"mug": 0}, set())


def test_what_was_given_back_counts_no_more():
    order = make_delivered_order(variants=[variant_of("mug")], quantity=3)
    wish = Wish(line_id=order.lines.get().pk, quantity=1, reason="Broken")
    asked = request_return(order_id=order.pk, wishes=[wish], actor=store_actor())
    approve_return(return_id=asked.pk, actor=store_actor())
    refresh_popularity()
    assert sold() == ({"mug": 2}, {"mug"})


def test_what_sold_more_than_30_days_ago_sells_best_no_more():
    order = make_paid_order(variants=[variant_of("mug")], quantity=3)
    order.created_at = timezone.now() - timedelta(days=31)
    order.save()
    refresh_popularity()
    assert sold() == ({"mug": 3}, set())


def test_only_so_many_products_sell_best_and_none_that_nobody_sees():
    products = [make_product(is_active=number > 0) for number in range(BEST_SELLERS + 2)]
    set_sales({row.pk: Sales(100 - n, 100 - n) for n, row in enumerate(products)})
    best = Product.objects.filter(best_seller=True).values_list("pk", flat=True)
    assert set(best) == {row.pk for row in products[1 : BEST_SELLERS + 1]}


def test_the_list_of_best_sellers_shows_them_best_first(api):
    first, second = make_product(), make_product()
    set_sales({first.pk: Sales(4, 4), second.pk: Sales(9, 9)})
    rows = api.get("/api/v1/products/best-sellers/").json()["results"]
    assert [row["id"] for row in rows] == [second.pk, first.pk]


def test_counting_costs_the_same_however_many_orders_there_are():
    variant = variant_of("mug")

    def cost(orders):
        for _ in range(orders):
            make_paid_order(variants=[variant])
        with CaptureQueriesContext(connection) as queries:
            refresh_popularity()
        return len(queries)

    cost(orders=1)  # the product's first words are written on the way
    assert cost(orders=1) == cost(orders=4) < 30


def test_only_who_sells_best_is_told_and_not_how_much_was_sold():
    first, second = make_product(), make_product()
    heard = []

    def listen(product_ids, **kwargs):
        heard.append(product_ids)

    product_changed.connect(listen)
    try:
        set_sales({first.pk: Sales(4, 0), second.pk: Sales(9, 9)})
        set_sales({first.pk: Sales(5, 0), second.pk: Sales(10, 10)})
        set_sales({first.pk: Sales(6, 6)})
    finally:
        product_changed.disconnect(listen)
    assert heard == [[second.pk], [first.pk, second.pk]]
    assert sold() == ({first.slug: 6, second.slug: 0}, {first.slug})
