"""What happens in the shop is in the event log, with it or not at all."""

import pytest
from django.db import transaction

from accounts.services.registration import register_user
from catalog.models import Product
from catalog.services.products import delete_product, update_product
from catalog.services.stock import record_movement
from notifications.models import EventRecord, EventType
from notifications.services.recording import record_products
from orders.services.lifecycle import SYSTEM, cancel_order
from orders.services.returning import Wish, approve_return, request_return
from tests.catalog.factories import make_variant
from tests.orders.factories import (
    make_delivered_order,
    make_paid_order,
    make_placed_order,
)

pytestmark = pytest.mark.django_db


def types(*prefixes):
    found = EventRecord.objects.order_by("pk").values_list("type", flat=True)
    return [name for name in found if name.startswith(prefixes)]


def last(event_type):
    return EventRecord.objects.filter(type=event_type).order_by("pk").last()


def test_the_way_of_an_order_is_told_in_its_order():
    make_delivered_order()
    assert types("order.", "shipment.") == [
        "order.created",
        "order.confirmed",
        "order.paid",
        "order.processing",
        "order.shipped",
        "shipment.sent",
        "order.delivered",
    ]


def test_an_event_of_an_order_shows_its_state_and_money_and_nobody():
    order = make_paid_order(email="asha@example.com")
    assert last("order.paid").data == {
        "id": str(order.pk),
        "number": order.number,
        "status": "confirmed",
        "payment_status": "paid",
        "total_amount": "150.00",
        "amount_paid": "150.00",
        "amount_refunded": "0.00",
        "currency": "INR",
    }


def test_a_cancelled_order_is_told():
    order = make_placed_order()
    cancel_order(order_id=order.pk, actor=SYSTEM)
    assert last("order.cancelled").data["status"] == "cancelled"


def test_a_return_is_told_when_it_is_asked_for_and_decided():
    order = make_delivered_order()
    line = order.lines.get()
    wish = Wish(line.pk, 1, "Too small")
    request = request_return(order_id=order.pk, actor=SYSTEM, wishes=[wish])
    approve_return(return_id=request.pk, actor=SYSTEM)
    assert types("return.", "order.returned") == [
        "return.requested",
        "order.returned",
        "return.approved",
    ]
    assert last("return.requested").data["order_number"] == order.number


def test_work_that_is_rolled_back_is_not_told():
    with transaction.atomic():
        make_placed_order()
        transaction.set_rollback(True)
    assert not EventRecord.objects.exists()


def test_a_product_is_told_as_everybody_sees_it():
    product = make_variant(price="199.90").product
    update_product(product_id=product.pk, actor=None, fields={"name": "Blue mug"})
    product = Product.objects.get(pk=product.pk)
    assert last("product.updated").data == {
        "id": product.pk,
        "slug": product.slug,
        "name": "Blue mug",
        "is_active": True,
        "in_stock": product.in_stock,
        "price": "199.90",
        "compare_at_price": None,
        "currency": "INR",
    }


def test_a_deleted_product_is_told_by_its_id():
    product_id = make_variant().product_id
    delete_product(product_id=product_id)
    assert types("product.") == ["product.deleted"]
    assert last("product.deleted").data == {"id": product_id}


def test_many_products_are_told_with_few_queries(django_assert_num_queries):
    ids = [make_variant().product_id for _ in range(20)]
    with django_assert_num_queries(2):
        record_products(product_ids=ids)
    assert EventRecord.objects.filter(type="product.updated").count() == 20


def test_a_new_customer_is_told_by_an_id_alone():
    user, _ = register_user(email="asha@example.com", password="correct horse 42")
    assert last("customer.created").data == {"id": str(user.pk)}


def test_stock_that_runs_low_is_told_once():
    variant = make_variant(on_hand=10, low_stock_threshold=3, watched=True)
    for quantity in (7, 1):
        record_movement(variant_id=variant.pk, kind="OUT", quantity=quantity, recorded_by=None)
    (row,) = EventRecord.objects.filter(type=EventType.STOCK_LOW)
    assert (row.data["variant"], row.data["stock"]) == (variant.pk, 3)
