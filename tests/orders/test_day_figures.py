from datetime import date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from django.db import transaction
from django.utils import timezone

from orders.models import CancellationDocument, CreditNote, Order
from orders.services.day_figures import figures_of, products_of
from orders.services.lifecycle import lock_order, record_refund
from tests.accounts.factories import make_user
from tests.catalog.factories import make_product, make_variant
from tests.orders.factories import make_paid_order, make_placed_order

pytestmark = pytest.mark.django_db
DAY = date(2026, 11, 20)
INDIA = ZoneInfo("Asia/Kolkata")


def at(hour, minute=0, day=DAY):
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=INDIA)


def paid_at(moment, **fields):
    order = make_paid_order(**fields)
    Order.objects.filter(pk=order.pk).update(paid_at=moment)
    return order


def pay_back(order, amount, moment):
    with transaction.atomic():
        record_refund(lock_order(order.pk), Decimal(amount))
    CreditNote.objects.update(created_at=moment)


def test_a_day_without_sales_is_all_zeros():
    figures = figures_of(DAY)
    assert (figures.orders, figures.units, figures.net, figures.new_customers) == (0, 0, 0, 0)


def test_a_day_holds_what_was_paid_in_it_by_the_clock_of_the_store():
    for moment in (at(0), at(23, 59)):
        paid_at(moment, quantity=2)
    paid_at(at(0) - timedelta(seconds=1))
    paid_at(at(0, day=DAY + timedelta(days=1)))
    make_placed_order()
    figures = figures_of(DAY)
    assert (figures.orders, figures.units) == (2, 4)
    assert (figures.gross, figures.discounts, figures.net) == (400, 0, 400)
    assert figures.shipping == sum(order.shipping_cost for order in Order.objects.all()[:2])
    assert figures_of(DAY - timedelta(days=1)).orders == 1


def test_what_is_net_leaves_discounts_tax_and_shipping_out():
    order = paid_at(at(12))
    line = order.lines.get()
    line.discount_amount, line.tax_amount = Decimal(10), Decimal("13.73")
    line.save()
    Order.objects.update(tax_amount=Decimal("13.73"))
    figures = figures_of(DAY)
    assert (figures.gross, figures.discounts, figures.net) == (100, 10, 90)
    assert figures.tax == Decimal("13.73")
    Order.objects.update(prices_include_tax=True)
    figures = figures_of(DAY)
    assert (figures.gross, figures.discounts) == (Decimal("86.27"), 10)
    assert figures.net == Decimal("76.27")
    assert products_of(DAY)[0]["revenue"] == Decimal("76.27")


def test_a_refund_counts_on_its_own_day_with_the_part_of_the_goods():
    order = paid_at(at(12) - timedelta(days=3))
    order.refresh_from_db()
    pay_back(order, order.total_amount, at(15))
    figures = figures_of(DAY)
    assert order.shipping_cost > 0
    assert (figures.orders, figures.refunds, figures.net) == (0, 100, -100)
    assert figures_of(DAY - timedelta(days=3)).refunds == 0


def test_what_the_former_shop_cancelled_counts_as_refunds():
    CancellationDocument.objects.create(
        external_source="or2", external_id="C1", currency="INR", total_amount=7, created_at=at(9)
    )
    assert figures_of(DAY).refunds == 7


def test_other_currencies_are_not_added():
    order = paid_at(at(12))
    Order.objects.filter(pk=order.pk).update(currency="JPY")
    assert figures_of(DAY).orders == 0


def test_a_new_customer_pays_for_the_first_time_in_whatever_letters():
    regular = make_user()
    paid_at(at(12) - timedelta(days=30), user=regular)
    paid_at(at(12), user=regular)
    paid_at(at(12), email="guest@example.com")
    paid_at(at(13), email="Guest@Example.com")
    figures = figures_of(DAY)
    assert (figures.orders, figures.new_customers) == (3, 1)


def test_products_are_listed_by_what_they_brought():
    mug, rug = make_product(name="Mug"), make_product(name="Rug")
    mugs = [make_variant(product=mug, price=price) for price in ("100.00", "30.00")]
    paid_at(at(12), variants=mugs)
    paid_at(at(13), variants=[make_variant(product=rug, price="200.00")])
    rows = [(row["product__name"], row["units"], row["revenue"]) for row in products_of(DAY)]
    assert rows == [("Rug", 1, 200), ("Mug", 2, 130)]


def test_a_day_costs_the_same_however_much_was_sold(django_assert_num_queries):
    def cost():
        for _ in range(3):
            order = paid_at(timezone.now() - timedelta(days=9))
            order.refresh_from_db()
            pay_back(order, 10, at(12))

    cost()
    with django_assert_num_queries(7):
        figures_of(DAY)
    cost()
    with django_assert_num_queries(7):
        figures_of(DAY)
