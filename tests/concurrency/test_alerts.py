"""Alerts of low stock while many buy, restock and change thresholds."""

from uuid import uuid4

import pytest
from django.db import transaction

from catalog.models import Stock, StockAlert, Variant
from catalog.services.alerts import lock_stocks, watch_stocks
from catalog.services.stock import record_movement, reserve_stock
from catalog.services.variants import update_variant
from tests.catalog.factories import make_product, make_variant

from .races import meet_at, run_together, take_lock_away

pytestmark = pytest.mark.django_db(transaction=True)


def buy(variant, pieces=1):
    return lambda: reserve_stock(demand={variant.pk: pieces}, order_id=uuid4())


def set_threshold(variant, pieces):
    return lambda: update_variant(variant_id=variant.pk, fields={"low_stock_threshold": pieces})


def watch_at(variant, pieces):
    """Do what changes of a product do, where the first read of the stock is the one that counts."""

    @transaction.atomic
    def job():
        stocks = lock_stocks(Variant.objects.filter(pk=variant.pk))
        Variant.objects.filter(pk=variant.pk).update(low_stock_threshold=pieces)
        watch_stocks(stocks)

    return job


def test_a_hundred_buyers_open_one_alert():
    variant = make_variant(on_hand=100, watched=True)
    answers = run_together(*[buy(variant) for _ in range(100)])
    assert answers == [None] * 100
    alert = StockAlert.objects.get()
    assert (alert.open_for_id, alert.stock_when_opened) == (variant.pk, 5)


def test_buyers_restocking_and_thresholds_leave_the_alert_that_the_figures_ask_for():
    product = make_product()
    variants = [make_variant(on_hand=30, product=product, watched=True) for _ in range(2)]
    jobs = []
    for number in range(12):
        for variant in variants:
            jobs += [buy(variant, 2), set_threshold(variant, 5 + number % 8)]
        jobs.append(
            lambda: record_movement(
                variant_id=variants[0].pk, kind="IN", quantity=1, recorded_by=None
            )
        )
    answers = run_together(*jobs)
    assert not [answer for answer in answers if isinstance(answer, Exception)]
    for stock in Stock.objects.select_related("variant"):
        assert stock.alert_threshold == stock.variant.low_stock_threshold
        assert StockAlert.objects.filter(open_for=stock.pk).exists() == stock.is_low
    assert sorted(Stock.objects.values_list("on_hand", "reserved")) == [(30, 24), (42, 24)]


def raise_threshold_while_selling(*, deferred=False):
    """Sell the piece that makes 9 of 10 while the threshold rises to 9; return the alerts."""
    variant = make_variant(on_hand=10, watched=True)
    meet_at("catalog_stock", buy(variant), watch_at(variant, 9), deferred=deferred)
    return StockAlert.objects.filter(open_for=variant).count()


def test_a_threshold_that_rises_during_a_sale_opens_the_alert():
    assert raise_threshold_while_selling() == 1


def test_without_the_lock_of_stock_the_alert_is_missed(monkeypatch):
    take_lock_away(monkeypatch, Stock)
    assert raise_threshold_while_selling(deferred=True) == 0
