"""Parcels: which pieces left, how they are followed, and what that does to the order."""

from uuid import uuid4

import pytest
from django.core import mail

from catalog.models import Stock
from config.errors import InvalidInput
from notifications.models import Message
from notifications.services.outbox import deliver
from orders.errors import InvalidTransition
from orders.models import Order, Shipment
from orders.services.lifecycle import advance_order, cancel_order
from orders.services.shipping import make_shipment
from tests.accounts.factories import make_staff
from tests.catalog.factories import make_variant

from .factories import make_paid_order, make_placed_order, store_actor
from .test_api import make_clerk
from .test_lifecycle import figures, moves_of, refused_and_unchanged

pytestmark = pytest.mark.django_db

PARCEL = {"carrier": "Blue Dart", "tracking_number": "BD 1/2"}


def ship(order, pieces=None, **fields):
    return make_shipment(order_id=order.pk, actor=store_actor(), pieces=pieces, **(PARCEL | fields))


def url(order):
    return f"/api/v1/orders/{order.pk}/shipments/"


def test_parcels_make_an_order_shipped_when_all_of_it_left():
    mug, cup = make_variant(on_hand=5), make_variant(on_hand=5)
    order = make_paid_order(variants=[mug, cup], quantity=2)
    first, second = order.lines.all()
    ship(order, {first.pk: 1})
    order.refresh_from_db()
    assert (order.status, order.can_cancel, order.shipped_at) == ("processing", False, None)
    assert (figures(mug), figures(cup)) == ((4, 1), (5, 2))
    ship(order, {first.pk: 1, second.pk: 2}, tracking_number="2")
    order.refresh_from_db()
    assert order.status == "shipped"
    assert order.shipped_at is not None
    assert (figures(mug), figures(cup)) == ((3, 0), (3, 0))
    assert moves_of(order)[-3:] == [
        ("confirmed", "processing"),
        ("processing", "processing"),
        ("processing", "shipped"),
    ]
    assert order.history.all()[3].note == f"Sent: 1 × {first.sku}."
    sent = [
        {row.line_id: row.quantity for row in shipment.lines.all()}
        for shipment in order.shipments.all()
    ]
    assert sent == [{first.pk: 1}, {first.pk: 1, second.pk: 2}]


def test_moving_an_order_to_shipped_makes_a_parcel_of_what_is_left():
    order = make_paid_order(quantity=3)
    line = order.lines.get()
    ship(order, {line.pk: 1})
    advance_order(order_id=order.pk, to_status="shipped", actor=store_actor())
    last = order.shipments.last()
    assert (last.carrier, last.tracking_number, last.tracking_url) == ("", "", "")
    assert [(row.line_id, row.quantity) for row in last.lines.all()] == [(line.pk, 2)]


def test_more_than_is_left_is_refused():
    order = make_paid_order(quantity=2)
    line = order.lines.get()
    ship(order, {line.pk: 1})
    before = (figures(line.variant), order.shipments.count(), moves_of(order))
    for pieces in ({line.pk: 2}, {uuid4(): 1}, {make_paid_order().lines.get().pk: 1}):
        with pytest.raises(InvalidInput):
            ship(order, pieces)
    assert (figures(line.variant), order.shipments.count(), moves_of(order)) == before


@pytest.mark.parametrize("status", ["pending", "shipped", "delivered", "cancelled", "returned"])
def test_nothing_is_sent_of_an_order_in_another_state(status):
    order = make_placed_order()
    Order.objects.filter(pk=order.pk).update(status=status)
    with refused_and_unchanged(order):
        ship(order)
    assert not Shipment.objects.exists()


def test_an_order_is_not_cancelled_after_its_first_parcel():
    order = make_paid_order(quantity=2)
    ship(order, {order.lines.get().pk: 1})
    with refused_and_unchanged(order):
        cancel_order(order_id=order.pk, actor=store_actor())


@pytest.mark.parametrize(
    ("carrier", "address"),
    [
        (
            "Blue Dart",
            "https://www.bluedart.com/trackdartresultthirdparty?trackFor=0&trackNo=1%2F2",
        ),
        ("DELHIVERY", "https://www.delhivery.com/track-v2/package/1%2F2"),
        ("By bicycle", ""),
    ],
)
def test_a_parcel_is_followed_at_its_carriers_page(carrier, address):
    assert Shipment(carrier=carrier, tracking_number="1/2").tracking_url == address
    assert Shipment(carrier=carrier).tracking_url == ""


def test_each_parcel_is_mailed_once_with_its_tracking():
    order = make_paid_order(variants=[make_variant(), make_variant()])
    first, second = order.lines.all()
    ship(order, {first.pk: 1})
    ship(order, {second.pk: 1}, tracking_number="SECOND")
    messages = Message.objects.filter(kind="order_shipped").order_by("created_at")
    assert len(messages) == 2
    for message in messages:
        deliver(message_id=message.pk)
    part, rest = mail.outbox
    assert part.subject == f"Your order {order.number} is on its way"
    assert "A part of your order" in part.body
    assert "Blue Dart, tracking number BD 1/2" in part.body
    assert "trackNo=BD%201%2F2" in part.body
    assert f"1 × {first.name}" in part.body.split("In this parcel:")[1].split("Order ORD")[0]
    assert "tracking number SECOND" in rest.body
    assert "SECOND</a>" in rest.alternatives[0][0]


def test_a_parcel_without_tracking_is_mailed_too():
    order = make_paid_order()
    advance_order(order_id=order.pk, to_status="shipped", actor=store_actor())
    deliver(message_id=Message.objects.get(kind="order_shipped").pk)
    assert "Your order has left us" in mail.outbox[0].body
    assert "tracking" not in mail.outbox[0].body


# The API


def test_staff_send_a_part_and_then_the_rest(api):
    api.force_authenticate(make_staff())
    order = make_paid_order(quantity=3)
    line = order.lines.get()
    item = {"item": str(line.pk), "quantity": 1}
    answer = api.post(url(order), PARCEL | {"items": [item, item]})
    assert answer.status_code == 201, answer.json()
    assert answer["Location"] == f"http://testserver/api/v1/orders/{order.pk}/"
    body = answer.json()
    (shipment,) = body["shipments"]
    assert (body["status"], body["can_cancel"]) == ("processing", False)
    assert shipment.pop("id") == str(order.shipments.get().pk)
    assert shipment.pop("shipped_at").endswith("Z")
    assert shipment == PARCEL | {
        "tracking_url": Shipment(**PARCEL).tracking_url,
        "items": [{"item": str(line.pk), "quantity": 2}],
    }
    rest = api.post(url(order), PARCEL)
    assert (rest.status_code, rest.json()["status"]) == (201, "shipped")
    assert len(rest.json()["shipments"]) == 2
    again = api.post(url(order), PARCEL)
    assert (again.status_code, again.json()["code"]) == (409, "invalid_transition")


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"carrier": ""}, "carrier"),
        ({"carrier": None}, "carrier"),
        ({"tracking_number": "x" * 65}, "tracking_number"),
        ({"items": []}, "items"),
        ({"items": [{"item": str(uuid4()), "quantity": 1}]}, "items"),
        ({"items": [{"item": "7", "quantity": 1}]}, "items"),
        ({"items": [{"item": str(uuid4()), "quantity": 0}]}, "items"),
    ],
)
def test_a_parcel_that_cannot_be_is_named(api, change, field):
    api.force_authenticate(make_staff())
    order = make_paid_order()
    answer = api.post(url(order), PARCEL | change)
    assert (answer.status_code, list(answer.json()["details"])) == (400, [field])
    assert Order.objects.get(pk=order.pk).status == "confirmed"
    assert Stock.objects.get().reserved == 1


def test_sending_needs_the_permission_to_change_orders(api):
    order = make_paid_order()
    for caller, status in ((order.user, 403), (make_clerk("view_order"), 403)):
        api.force_authenticate(caller)
        assert api.post(url(order), PARCEL).status_code == status
    assert not Shipment.objects.exists()
    api.force_authenticate(make_clerk("view_order", "change_order"))
    assert api.post(url(order), PARCEL).status_code == 201


def test_a_pending_order_is_refused_by_the_service_with_its_status():
    with pytest.raises(InvalidTransition, match="The order is pending"):
        ship(make_placed_order())
