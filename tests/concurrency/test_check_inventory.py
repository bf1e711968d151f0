"""The proof of stock beside a shop that sells: no false alarm, and no repair that loses a sale."""

import threading

import pytest

from catalog.models import Stock, StockMovement, Variant
from catalog.services import ledger
from catalog.services.products import create_product
from catalog.services.stock import record_movement
from orders.services import inventory
from orders.services.inventory import check_inventory
from orders.services.lifecycle import SYSTEM, advance_order, cancel_order
from tests.catalog.factories import make_category
from tests.orders.factories import make_paid_order, make_placed_order, make_shipping_method

from .races import meet_at, run_together, take_lock_away
from .test_checkout import checkout, make_buyer

pytestmark = pytest.mark.django_db(transaction=True)


def make_variants(number):
    category = make_category()
    for place in range(number):
        fields = {"name": f"Mug {place}", "category": category.pk, "price": 10, "stock": 40}
        create_product(actor=None, fields=fields)
    return list(Variant.objects.order_by("pk"))


def test_a_shop_that_sells_gives_no_false_alarm():
    method, variants = make_shipping_method(), make_variants(3)
    placed = [make_paid_order(variants=variants[:2], quantity=2) for _ in range(6)]
    jobs = [checkout(make_buyer(*variants), method) for _ in range(12)]
    jobs += [lambda o=o: cancel_order(order_id=o.pk, actor=SYSTEM) for o in placed[:3]]
    jobs += [
        lambda o=o: advance_order(order_id=o.pk, to_status="shipped", actor=SYSTEM)
        for o in placed[3:]
    ]
    done = threading.Event()
    alarms = []

    def prove():
        while not done.is_set():
            alarms.extend(check_inventory(fix=True))

    def sell():
        try:
            return run_together(*jobs)
        finally:
            done.set()

    run_together(prove, sell)
    assert alarms == []
    assert list(check_inventory()) == []
    assert StockMovement.objects.filter(kind="CORRECTION").count() == 0


def repair_while_selling(*, deferred=False):
    """Repair a stock while a piece is taken out; return the figures and the ledger's sum."""
    (variant,) = make_variants(1)
    Stock.objects.update(on_hand=45)
    meet_at(
        "catalog_stock",
        lambda: inventory._look_again(variant_id=variant.pk, fix=True),
        lambda: record_movement(variant_id=variant.pk, kind="OUT", quantity=1, recorded_by=None),
        deferred=deferred,
    )
    return Stock.objects.get().on_hand, ledger._sums(variant.pk, variant.pk)[variant.pk][0]


def test_a_repair_loses_no_movement():
    assert repair_while_selling() == (44, 44)
    assert list(check_inventory()) == []


def test_without_the_lock_of_stock_a_repair_loses_one(monkeypatch):
    take_lock_away(monkeypatch, Stock)
    assert repair_while_selling(deferred=True) != (44, 44)


def test_a_promise_that_is_being_made_is_not_missed():
    (variant,) = make_variants(1)
    make_shipping_method()
    meet_at(
        "catalog_stock",
        lambda: make_placed_order(variants=[variant], quantity=3),
        lambda: list(check_inventory(fix=True)),
    )
    assert list(check_inventory()) == []
    assert not StockMovement.objects.filter(kind="CORRECTION").exists()
