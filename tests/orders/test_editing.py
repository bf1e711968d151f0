import pytest

from config.errors import InvalidInput
from orders.errors import InvalidTransition
from orders.models import Order
from orders.services.editing import edit_order
from orders.services.lifecycle import cancel_order

from .factories import ADDRESS, make_paid_order, make_placed_order, make_shipped_order, store_actor

pytestmark = pytest.mark.django_db


def edit(order, **changes):
    return edit_order(order_id=order.pk, actor=store_actor(), **changes)


def test_an_address_within_the_state_replaces_the_shipping_address_alone():
    order = make_paid_order()
    address = ADDRESS | {"address_line1": "7 Brigade Road", "postal_code": "560025"}
    edit(order, shipping_address=address)
    order.refresh_from_db()
    assert order.shipping_address == address
    assert order.billing_address == ADDRESS
    row = order.history.last()
    assert (row.from_status, row.to_status) == ("confirmed", "confirmed")
    assert (row.actor_kind, row.note) == ("store", "The shipping address was changed.")


def test_a_note_on_a_new_address_is_in_the_history():
    order = make_paid_order()
    edit(order, shipping_address=ADDRESS | {"city": "Mysuru"}, note="Asked by phone")
    told = "The shipping address was changed. Asked by phone"
    assert order.history.last().note == told


@pytest.mark.parametrize("elsewhere", [{"state": "MH"}, {"country": "US"}])
def test_an_address_in_another_state_or_country_is_refused(elsewhere):
    order = make_paid_order()
    with pytest.raises(InvalidInput) as refusal:
        edit(order, shipping_address=ADDRESS | elsewhere)
    assert list(refusal.value.details) == ["shipping_address"]
    order.refresh_from_db()
    assert (order.shipping_address, order.history.count()) == (ADDRESS, 2)


def test_the_address_stays_once_something_was_sent_or_the_order_is_over():
    sent, over = make_shipped_order(), make_placed_order()
    cancel_order(order_id=over.pk, actor=store_actor())
    for order in (sent, over):
        rows = order.history.count()
        with pytest.raises(InvalidTransition):
            edit(order, shipping_address=ADDRESS | {"city": "Mysuru"})
        order.refresh_from_db()
        assert (order.shipping_address, order.history.count()) == (ADDRESS, rows)


def test_a_staff_note_is_kept_and_in_the_history_at_any_time():
    order = make_shipped_order()
    edit(order, staff_note="Called twice")
    order.refresh_from_db()
    assert order.staff_note == order.history.last().note == "Called twice"
    edit(order, staff_note="")
    order.refresh_from_db()
    assert (order.staff_note, order.history.last().note) == ("", "The note was removed.")


def test_changes_come_all_or_not_at_all():
    order = make_placed_order()
    with pytest.raises(InvalidTransition):
        edit(order, staff_note="Kept?", to_status="delivered")
    order.refresh_from_db()
    assert (order.staff_note, order.status, order.history.count()) == ("", "pending", 1)


def test_a_status_and_an_address_may_come_together():
    order = make_paid_order()
    edit(order, shipping_address=ADDRESS | {"city": "Mysuru"}, to_status="processing", note="Soon")
    saved = Order.objects.get(pk=order.pk)
    assert (saved.shipping_address["city"], saved.status) == ("Mysuru", "processing")
    assert saved.history.last().note == "Soon"
