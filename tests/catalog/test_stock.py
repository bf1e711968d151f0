from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction

from catalog.errors import InsufficientStock, StockPromised
from catalog.models import MovementKind, Stock, StockMovement
from catalog.services.stock import (
    record_movement,
    release_stock,
    reserve_stock,
    return_stock,
    ship_stock,
)
from config.errors import InvalidInput

from .factories import make_product, make_variant

pytestmark = pytest.mark.django_db


def figures(variant):
    stock = Stock.objects.get(pk=variant.pk)
    return stock.on_hand, stock.reserved


def test_reserving_promises_pieces_and_writes_the_ledger():
    variant, order_id = make_variant(on_hand=5), uuid4()
    reserve_stock(demand={variant.pk: 3}, order_id=order_id)
    assert figures(variant) == (5, 3)
    row = StockMovement.objects.get()
    assert (row.kind, row.order_id) == (MovementKind.RESERVE, order_id)
    assert (row.quantity, row.available_before, row.available_after) == (3, 5, 2)


def test_reserving_takes_nothing_when_one_line_is_short():
    plenty, short = make_variant(on_hand=5), make_variant(on_hand=1)
    with pytest.raises(InsufficientStock) as refusal:
        reserve_stock(demand={plenty.pk: 2, short.pk: 2}, order_id=uuid4())
    assert refusal.value.details == {
        "items": [{"variant": short.pk, "requested": 2, "available": 1}]
    }
    assert (figures(plenty), figures(short)) == ((5, 0), (1, 0))
    assert not StockMovement.objects.exists()


def test_releasing_gives_promised_pieces_back():
    variant, order_id = make_variant(on_hand=5), uuid4()
    reserve_stock(demand={variant.pk: 3}, order_id=order_id)
    release_stock(demand={variant.pk: 3}, order_id=order_id)
    assert figures(variant) == (5, 0)


def test_shipping_takes_promised_pieces_off_the_shelf():
    variant, order_id = make_variant(on_hand=5), uuid4()
    reserve_stock(demand={variant.pk: 3}, order_id=order_id)
    ship_stock(demand={variant.pk: 3}, order_id=order_id)
    assert figures(variant) == (2, 0)
    sale = StockMovement.objects.get(kind=MovementKind.SALE)
    assert (sale.available_before, sale.available_after) == (2, 2)


def test_returned_pieces_can_be_sold_again():
    variant = make_variant(on_hand=2)
    return_stock(demand={variant.pk: 1}, order_id=uuid4(), recorded_by=None)
    assert figures(variant) == (3, 0)


def test_the_product_is_sold_out_when_the_last_piece_of_its_last_variant_is_promised():
    product = make_product()
    red = make_variant(product=product, on_hand=1)
    blue = make_variant(product=product, on_hand=1)
    reserve_stock(demand={red.pk: 1}, order_id=uuid4())
    product.refresh_from_db()
    assert product.in_stock
    order_id = uuid4()
    reserve_stock(demand={blue.pk: 1}, order_id=order_id)
    product.refresh_from_db()
    assert not product.in_stock
    release_stock(demand={blue.pk: 1}, order_id=order_id)
    product.refresh_from_db()
    assert product.in_stock


@pytest.mark.parametrize(
    ("kind", "quantity", "on_hand"),
    [("IN", 4, 14), ("RETURN", 4, 14), ("OUT", 4, 6), ("DAMAGE", 4, 6), ("ADJUSTMENT", -4, 6)],
)
def test_people_record_movements(kind, quantity, on_hand):
    variant = make_variant(on_hand=10)
    row = record_movement(variant_id=variant.pk, kind=kind, quantity=quantity, recorded_by=None)
    assert figures(variant) == (on_hand, 0)
    assert (row.quantity, row.on_hand_after) == (quantity, on_hand)


def test_promised_pieces_cannot_be_taken_out_and_the_orders_are_named():
    variant, order_id = make_variant(on_hand=5), uuid4()
    reserve_stock(demand={variant.pk: 3}, order_id=order_id)
    with pytest.raises(StockPromised) as refusal:
        record_movement(variant_id=variant.pk, kind="OUT", quantity=3, recorded_by=None)
    assert refusal.value.details == {"orders": [str(order_id)]}
    assert figures(variant) == (5, 3)


def test_more_than_is_on_hand_cannot_be_taken_out():
    variant = make_variant(on_hand=5)
    with pytest.raises(InsufficientStock):
        record_movement(variant_id=variant.pk, kind="DAMAGE", quantity=6, recorded_by=None)
    assert figures(variant) == (5, 0)


@pytest.mark.parametrize(("kind", "quantity"), [("IN", 0), ("IN", -1), ("ADJUSTMENT", 0)])
def test_a_movement_of_nothing_is_refused(kind, quantity):
    variant = make_variant()
    with pytest.raises(InvalidInput):
        record_movement(variant_id=variant.pk, kind=kind, quantity=quantity, recorded_by=None)
    assert not StockMovement.objects.exists()


def test_orders_rows_cannot_be_recorded_by_people():
    variant = make_variant()
    with pytest.raises(InvalidInput):
        record_movement(variant_id=variant.pk, kind="SALE", quantity=1, recorded_by=None)


def test_the_database_refuses_more_promised_than_on_hand():
    variant = make_variant(on_hand=1)
    with pytest.raises(IntegrityError), transaction.atomic():
        Stock.objects.filter(pk=variant.pk).update(reserved=2)
