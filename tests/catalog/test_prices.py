from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from catalog.services import prices
from catalog.signals import product_changed
from catalog.tasks import refresh_sale_prices

from .factories import make_variant

pytestmark = pytest.mark.django_db


def make_sale(start, end, **fields):
    product = make_variant(price="100.00").product
    now = timezone.now()
    product.flash_starts_at, product.flash_ends_at = now + start, now + end
    product.flash_percentage = Decimal(20)
    for name, value in fields.items():
        setattr(product, name, value)
    product.save()
    return product


def columns(product):
    product.refresh_from_db()
    return product.price, product.compare_at_price


def test_the_minute_task_follows_starts_and_ends_of_sales(monkeypatch):
    monkeypatch.setattr(prices, "_BATCH", 2)
    minute = timedelta(minutes=1)
    begun = [make_sale(-minute, minute) for _ in range(3)]
    ended = make_sale(-2 * minute, -minute, price=Decimal(80), compare_at_price=Decimal(100))
    later = make_sale(minute, 2 * minute)
    told = []

    def listen(product_ids, **kwargs):
        told.extend(product_ids)

    product_changed.connect(listen)
    refresh_sale_prices()
    refresh_sale_prices()
    product_changed.disconnect(listen)
    assert [columns(product) for product in begun] == [(Decimal(80), Decimal(100))] * 3
    assert columns(ended) == (Decimal(100), None)
    assert columns(later) == (Decimal(100), None)
    assert sorted(told) == [product.pk for product in [*begun, ended]]


def test_the_task_costs_one_query_when_nothing_starts_or_ends(django_assert_num_queries):
    make_sale(timedelta(minutes=1), timedelta(minutes=2))
    with django_assert_num_queries(1):
        refresh_sale_prices()
