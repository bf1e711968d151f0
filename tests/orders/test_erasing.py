import pytest

from accounts.services.profiles import erase_user
from orders.models import ActorKind, Invoice, Order
from orders.services.lifecycle import SYSTEM, Actor, advance_order, cancel_order
from tests.accounts.factories import make_user

from .factories import ADDRESS, make_placed_order, make_shipped_order

pytestmark = pytest.mark.django_db

PLACE = dict.fromkeys(ADDRESS, "") | {"country": "IN", "state": "KA"}


def seen(order):
    order = Order.objects.get(pk=order.pk)
    return order.email, order.notes, order.shipping_address, order.billing_address


def test_the_orders_of_an_erased_person_that_are_over_name_nobody_and_keep_their_money():
    user, other = make_user(), make_user()
    order, kept = (make_placed_order(user=person, notes="Ring") for person in (user, other))
    for each in (order, kept):
        actor = Actor(ActorKind.CUSTOMER, each.user)
        cancel_order(order_id=each.pk, actor=actor, reason="Moving to my aunt")
    erase_user(user_id=user.pk)
    assert seen(order) == ("", "", PLACE, PLACE)
    saved = Order.objects.get(pk=order.pk)
    assert (saved.number, saved.total_amount) == (order.number, order.total_amount)
    assert saved.user_id == user.pk
    assert saved.history.last().note == ""
    assert seen(kept) == (other.email, "Ring", ADDRESS, ADDRESS)
    assert kept.history.last().note == "Moving to my aunt"


def test_an_order_on_its_way_keeps_its_address_until_it_is_delivered():
    user = make_user()
    email = user.email
    order = make_shipped_order(user=user, notes="Ring")
    erase_user(user_id=user.pk)
    assert seen(order) == (email, "Ring", ADDRESS, ADDRESS)
    advance_order(order_id=order.pk, to_status="delivered", actor=SYSTEM)
    assert seen(order) == ("", "", PLACE, PLACE)
    assert Order.objects.get(pk=order.pk).status == "delivered"
    invoice = Invoice.objects.get(order=order)
    assert (invoice.billing_address, invoice.shipping_address) == (PLACE, PLACE)


def test_a_delivered_order_of_somebody_who_is_still_there_keeps_everything():
    order = make_shipped_order(notes="Ring")
    advance_order(order_id=order.pk, to_status="delivered", actor=SYSTEM)
    assert seen(order) == (order.user.email, "Ring", ADDRESS, ADDRESS)
