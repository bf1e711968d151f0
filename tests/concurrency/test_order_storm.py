"""Everything that orders can do to stock, at once; afterwards the books must agree."""

import random
from collections import Counter

import pytest
from django.db.models import Sum

from catalog.models import Stock, StockMovement
from orders.errors import InvalidTransition
from orders.models import Order, OrderLine
from orders.services.lifecycle import SYSTEM, advance_order, cancel_order
from tests.catalog.factories import make_variant
from tests.orders.factories import make_paid_order, make_shipping_method

from .races import run_together
from .test_checkout import checkout, make_buyer, outcomes

pytestmark = pytest.mark.django_db(transaction=True)

OPEN = ("pending", "confirmed", "processing")


def move(order, call, **fields):
    def run():
        try:
            return 200, {"status": call(order_id=order.pk, actor=SYSTEM, **fields).status}
        except InvalidTransition as refusal:
            return 409, {"code": refusal.code}

    return run


def test_after_a_storm_the_stock_is_what_orders_and_the_ledger_say():
    draw = random.Random(7)
    method = make_shipping_method()
    variants = [make_variant(on_hand=20) for _ in range(3)]
    placed = [make_paid_order(variants=draw.sample(variants, 2), quantity=2) for _ in range(8)]
    jobs = []
    for _ in range(40):
        buyer = make_buyer(*draw.sample(variants, draw.randint(1, 3)))
        jobs.append(checkout(buyer, method))
    for order in placed:
        jobs += [move(order, cancel_order)] * 2
        jobs += [move(order, advance_order, to_status="shipped")] * 2
    draw.shuffle(jobs)
    result = outcomes(run_together(*jobs))

    assert set(result) == {200, 201, "insufficient_stock", "invalid_transition"}
    assert result[200] == len(placed)
    assert result["invalid_transition"] == 3 * len(placed)
    held, sent = Counter(), Counter()
    for line in OrderLine.objects.select_related("order"):
        sent[line.variant_id] += line.shipped_quantity
        if line.order.status in OPEN:
            held[line.variant_id] += line.quantity - line.shipped_quantity
    for stock in Stock.objects.all():
        assert stock.reserved == held[stock.pk]
        assert stock.on_hand == 20 - sent[stock.pk]
        ledger = StockMovement.objects.filter(variant_id=stock.pk).aggregate(
            on_hand=Sum("on_hand_change"), reserved=Sum("reserved_change")
        )
        assert ledger == {"on_hand": stock.on_hand - 20, "reserved": stock.reserved}
    assert Order.objects.filter(status__in=("cancelled", "shipped")).count() == len(placed)
