import pytest
from django.db import transaction

from notifications.models import Message
from notifications.services.rendering import render
from orders.services.lifecycle import SYSTEM, cancel_order, lock_order, record_refund
from tests.orders.factories import ADDRESS, make_paid_order, make_placed_order

pytestmark = pytest.mark.django_db


def mail_of(kind, order):
    """The mail that tells the buyer something of an order, as it would be sent now."""
    message = Message(kind=kind, recipient=order.email, user=order.user)
    message.data = {"order_id": str(order.pk)}
    return render(message)


def test_an_address_is_written_with_names_instead_of_codes():
    mail = mail_of("order_placed", make_placed_order())
    assert "Delivery address:\nAsha Rao\n12 MG Road\nBengaluru 560001\nKarnataka, India\n" in (
        mail.text
    )
    assert "Karnataka, India" in mail.html


def test_a_state_and_a_country_without_a_name_are_written_as_they_are():
    order = make_placed_order()
    order.shipping_address = ADDRESS | {"country": "Channel Islands", "state": "Sark"}
    order.save()
    assert "Sark, Channel Islands\n" in mail_of("order_placed", order).text


@pytest.mark.parametrize("is_back", [False, True])
def test_a_cancelled_order_that_was_paid_says_that_the_money_goes_back(is_back):
    order = make_paid_order()
    cancel_order(order_id=order.pk, actor=SYSTEM)
    if is_back:  # the refund was quicker than the mail
        with transaction.atomic():
            record_refund(lock_order(order.pk), order.total_amount)
    mail = mail_of("order_cancelled", order)
    assert "What you paid goes back to you" in mail.text
    assert "Nothing was charged" not in mail.html


def test_a_cancelled_order_that_was_not_paid_says_that_nothing_was_charged():
    order = make_placed_order()
    cancel_order(order_id=order.pk, actor=SYSTEM)
    mail = mail_of("order_cancelled", order)
    assert "Nothing was charged" in mail.text
    assert "goes back" not in mail.html
