from io import StringIO
from uuid import uuid4

import pytest
from django.core.management import CommandError, call_command
from django.db.models import Sum

from catalog.models import MovementKind, Product, Stock, StockAlert, StockMovement, Variant
from catalog.services.products import create_product
from catalog.services.stock import record_movement
from catalog.signals import stock_changed
from orders.models import Order, OrderStatus
from orders.services.inventory import check_inventory
from orders.services.lifecycle import SYSTEM, cancel_order
from tests.catalog.factories import make_category

from .factories import make_paid_order, make_placed_order, make_shipped_order

pytestmark = pytest.mark.django_db


@pytest.fixture
def variant():
    fields = {"name": "Mug", "category": make_category().pk, "price": 10, "sku": "MUG", "stock": 20}
    return Variant.objects.get(product=create_product(actor=None, fields=fields))


def run(*options):
    """Return what the command wrote, and how it ended."""
    written = StringIO()
    try:
        call_command("check_inventory", *options, stdout=written)
    except CommandError as error:
        return written.getvalue(), str(error)
    return written.getvalue(), ""


def found():
    return {finding.subject: finding.faults for finding in check_inventory()}


def snapshot():
    return (
        list(Stock.objects.order_by("pk").values()),
        list(StockMovement.objects.order_by("pk").values()),
        list(StockAlert.objects.order_by("pk").values()),
        list(Product.objects.order_by("pk").values_list("pk", "in_stock")),
    )


def figures(variant):
    return Stock.objects.values_list("on_hand", "reserved").get(pk=variant.pk)


def assert_repaired(told=1):
    """Repair by the command; afterwards all agrees, and no row of the ledger was changed."""
    rows = list(StockMovement.objects.order_by("pk").values())
    output, error = run("--fix")
    assert (output.count("(repaired)"), error) == (told, "")
    assert list(StockMovement.objects.order_by("pk").values())[: len(rows)] == rows
    assert run() == ("All 1 stocks are as their ledgers say.\n", "")


def test_a_shop_that_only_its_services_changed_is_right(variant):
    make_placed_order(variants=[variant], quantity=2)
    make_shipped_order(variants=[variant])
    order = make_paid_order(variants=[variant], quantity=3)
    cancel_order(order_id=order.pk, actor=SYSTEM)
    record_movement(variant_id=variant.pk, kind="ADJUSTMENT", quantity=-14, recorded_by=None)
    assert figures(variant) == (5, 2)
    assert StockAlert.objects.get().is_open
    before = snapshot()
    assert run() == ("All 1 stocks are as their ledgers say.\n", "")
    assert run("--fix") == ("All 1 stocks are as their ledgers say.\n", "")
    assert snapshot() == before


def test_what_is_wrong_is_told_and_left_as_it_is(variant):
    Stock.objects.update(on_hand=23)
    before = snapshot()
    output, error = run()
    assert output == "MUG: 23 are on hand, but the ledger says 20\n"
    assert error == "1 are wrong, 0 of them repaired."
    assert snapshot() == before


def test_pieces_that_no_row_explains_get_their_row(variant):
    Stock.objects.update(on_hand=23)
    assert_repaired()
    assert figures(variant) == (23, 0)
    row = StockMovement.objects.first()
    assert (row.kind, row.quantity, row.reference) == ("CORRECTION", 3, "check_inventory")
    assert (row.available_before, row.available_after) == (20, 23)


def test_a_sale_after_the_fault_hides_nothing(variant):
    Stock.objects.update(on_hand=23)
    row = record_movement(variant_id=variant.pk, kind="OUT", quantity=1, recorded_by=None)
    assert found() == {
        "MUG": [
            "22 are on hand, but the ledger says 19",
            f"the figures of movement {row.pk} do not follow",
        ]
    }
    assert_repaired()
    assert figures(variant) == (22, 0)
    record_movement(variant_id=variant.pk, kind="OUT", quantity=1, recorded_by=None)
    assert found() == {}


def test_a_row_whose_figures_were_changed_is_found(variant):
    record_movement(variant_id=variant.pk, kind="OUT", quantity=1, recorded_by=None)
    row = StockMovement.objects.last()
    StockMovement.objects.filter(pk=row.pk).update(reserved_after=2)
    assert found() == {"MUG": [f"the figures of movement {row.pk + 1} do not follow"]}
    assert_repaired()
    assert figures(variant) == (19, 0)
    assert StockMovement.objects.first().quantity == 0


def test_promises_of_orders_that_are_over_are_given_back(variant):
    order = make_placed_order(variants=[variant], quantity=4)
    Order.objects.update(status=OrderStatus.CANCELLED)
    assert found() == {"MUG": [f"4 are promised to order {order.pk}, which waits for 0"]}
    assert_repaired()
    assert figures(variant) == (20, 0)
    assert order_ledger(order) == 0


def test_orders_that_wait_without_a_promise_get_theirs(variant):
    order = make_placed_order(variants=[variant], quantity=4)
    StockMovement.objects.filter(order_id=order.pk).delete()
    Stock.objects.update(reserved=0)
    assert found() == {"MUG": [f"0 are promised to order {order.pk}, which waits for 4"]}
    assert_repaired()
    assert figures(variant) == (20, 4)
    assert order_ledger(order) == 4


def test_a_promise_of_the_wrong_order_moves(variant):
    order, stranger = make_placed_order(variants=[variant], quantity=4), uuid4()
    StockMovement.objects.filter(order_id=order.pk).update(order_id=stranger)
    assert len(found()["MUG"]) == 2
    assert_repaired()
    assert figures(variant) == (20, 4)
    assert order_ledger(order) == 4


def test_a_promise_to_nobody_is_taken_back(variant):
    Stock.objects.update(reserved=3)
    assert found() == {"MUG": ["3 are promised, but the ledger says 0"]}
    assert_repaired()
    assert figures(variant) == (20, 0)


def test_more_promised_than_there_is_waits_for_people(variant):
    order = make_placed_order(variants=[variant], quantity=4)
    Stock.objects.update(on_hand=2, reserved=0)
    StockMovement.objects.exclude(order_id=order.pk).update(on_hand_change=2, on_hand_after=2)
    before = snapshot()
    output, error = run("--fix")
    assert "count it and record what is there" in output
    assert error == "1 are wrong, 0 of them repaired."
    assert snapshot() == before


def test_the_mark_of_being_sold_out_is_proved(variant):
    Product.objects.update(in_stock=False)
    assert found() == {"Mug": ["it is sold out, or not, but shown otherwise"]}
    assert_repaired()
    assert Product.objects.get().in_stock


def test_stock_that_comes_back_by_a_repair_is_told(variant):
    order = make_placed_order(variants=[variant], quantity=20)
    Order.objects.update(status=OrderStatus.CANCELLED)
    assert not Product.objects.get().in_stock
    told = []

    def hear(variant_ids, **kwargs):
        told.extend(variant_ids)

    stock_changed.connect(hear)
    assert_repaired()
    stock_changed.disconnect(hear)
    assert told == [variant.pk]
    assert Product.objects.get().in_stock
    assert order_ledger(order) == 0


@pytest.mark.parametrize("threshold", [None, 3, 30])
def test_alerts_are_proved(variant, threshold):
    """Not watched, watched at another threshold, and as if low."""
    Stock.objects.update(alert_threshold=threshold)
    assert found() == {"MUG": ["its alert of low stock does not fit its figures"]}
    assert_repaired()
    assert Stock.objects.get().alert_threshold == 5
    assert not StockAlert.objects.exists()


def test_a_missing_alert_and_one_too_many_are_mended(variant):
    alert = StockAlert.objects.create(variant=variant, open_for=variant, stock_when_opened=1)
    assert_repaired()
    alert.refresh_from_db()
    assert not alert.is_open
    record_movement(variant_id=variant.pk, kind="OUT", quantity=16, recorded_by=None)
    StockAlert.objects.filter(closed_at=None).delete()
    assert_repaired()
    assert StockAlert.objects.get(open_for=variant).stock_when_opened == 4


def order_ledger(order):
    rows = StockMovement.objects.filter(order_id=order.pk)
    assert set(rows.values_list("kind", flat=True)) <= {
        MovementKind.RESERVE,
        MovementKind.RELEASE,
    }
    return rows.aggregate(held=Sum("reserved_change"))["held"] or 0
