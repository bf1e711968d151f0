from datetime import timedelta

import pytest
from django.core import mail
from django.core.management import call_command
from django.utils import timezone

from accounts.services.profiles import erase_user
from carts.models import Cart
from carts.models.cart import REMINDER_WINDOW
from carts.services.access import Caller
from carts.services.choices import Wanted
from carts.services.lines import add_item, delete_cart
from catalog.models import Product, Stock, Variant
from notifications.models import Channel, Message, Notification, Topic
from notifications.services import abandoned
from notifications.services.outbox import deliver
from notifications.services.preferences import set_preferences
from notifications.services.reminders import remind_carts
from notifications.services.rendering import render, render_sms
from notifications.tasks import deliver_pending
from notifications.tasks import remind_carts as remind_carts_task
from orders.services.placing import place_order
from tests.accounts.factories import make_user
from tests.carts.factories import make_cart, make_coupon, make_item
from tests.catalog.factories import make_product, make_variant
from tests.orders.factories import ADDRESS, make_placed_order, make_shipping_method

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)


def wish(user, **ways):
    set_preferences(user_id=user.pk, changes={Topic.CART_REMINDERS: ways})


def age(cart, by=DAY):
    Cart.objects.filter(pk=cart.pk).update(updated_at=timezone.now() - by)
    return cart


def make_left_cart(*variants, by=DAY, **fields):
    """A cart that was left by somebody who wants to be reminded of it."""
    user = make_user(**fields)
    wish(user, email=True)
    cart = make_cart(user=user)
    for variant in variants or [make_variant()]:
        make_item(cart, variant, quantity=2)
    return age(cart, by)


def add_one(cart):
    add_item(caller=Caller(user=cart.user), wanted=Wanted(1, make_variant().pk))


def test_a_cart_is_reminded_of_once():
    cart = make_left_cart()
    assert (remind_carts(), remind_carts()) == (1, 0)
    message = Message.objects.get()
    assert (message.kind, message.user, message.recipient) == (
        "abandoned_cart",
        cart.user,
        cart.user.email,
    )
    cart.refresh_from_db()
    assert cart.updated_at < timezone.now() - DAY  # being reminded is no change


def test_a_cart_that_was_changed_and_left_again_is_reminded_of_again():
    cart = make_left_cart()
    remind_carts()
    add_one(cart)
    assert remind_carts() == 0
    age(cart)
    assert remind_carts() == 1
    assert Message.objects.count() == 2


def test_nobody_is_reminded_who_did_not_ask_for_it():
    cart = make_left_cart()
    wish(cart.user, email=False)
    age(make_item(make_cart(user=make_user())).cart)
    age(make_item(make_cart()).cart)
    assert remind_carts() == 0
    assert not Message.objects.exists()


@pytest.mark.parametrize(
    ("by", "expected"),
    [
        (timedelta(hours=23, minutes=59), 0),
        (timedelta(hours=24, minutes=1), 1),
        (DAY + REMINDER_WINDOW - timedelta(minutes=1), 1),
        (DAY + REMINDER_WINDOW + timedelta(minutes=1), 0),
    ],
)
def test_a_cart_is_reminded_of_after_a_day_but_not_long_after(by, expected):
    make_left_cart(by=by)
    assert remind_carts() == expected


def test_the_time_is_a_setting(settings):
    settings.CART_REMINDER_AFTER = timedelta(hours=1)
    make_left_cart(by=timedelta(minutes=61))
    assert remind_carts() == 1


@pytest.mark.parametrize("field", ["variant", "product", "stock"])
def test_a_cart_of_nothing_that_can_be_bought_is_left_alone(field):
    make_left_cart()
    changes = {
        "variant": lambda: Variant.objects.update(is_active=False),
        "product": lambda: Product.objects.update(is_active=False),
        "stock": lambda: Stock.objects.update(on_hand=0),
    }
    changes[field]()
    assert remind_carts() == 0


def test_an_empty_cart_and_one_of_a_blocked_person_are_left_alone():
    empty = make_left_cart()
    empty.items.all().delete()
    blocked = make_left_cart()
    blocked.user.is_active = False
    blocked.user.save()
    assert remind_carts() == 0


def buy(cart):
    place_order(
        cart_id=cart.pk,
        user=cart.user,
        email=cart.user.email,
        shipping_address=ADDRESS,
        shipping_method_id=make_shipping_method().pk,
    )


def test_after_the_purchase_there_is_no_reminder():
    cart = make_left_cart()
    buy(cart)
    age(cart)
    assert remind_carts() == 0


@pytest.mark.parametrize("as_guest", [True, False])
def test_a_purchase_without_the_cart_counts_too(as_guest):
    cart = make_left_cart(email="asha@example.com")
    order = make_placed_order(email="Asha@Example.com")
    if not as_guest:
        order.user = cart.user
        order.save()
    assert remind_carts() == 0


def test_a_purchase_before_the_cart_was_filled_does_not_count():
    cart = make_left_cart()
    order = make_placed_order(email=cart.user.email)
    order.created_at = timezone.now() - 2 * DAY
    order.save()
    assert remind_carts() == 1


def test_the_mail_shows_what_is_still_sold_at_todays_prices():
    mug = make_variant(product=make_product(name="Blue <mug>"), attributes={"color": "blue"})
    gone = make_variant(product=make_product(name="Old jar"))
    make_left_cart(mug, gone, first_name="Asha")
    remind_carts()
    Variant.objects.filter(pk=mug.pk).update(price="90.00")
    Variant.objects.filter(pk=gone.pk).update(is_active=False)
    message = Message.objects.get()
    shown = render(message)
    assert shown.subject == "You left something in your cart"
    assert "Hello Asha,\n" in shown.text
    assert "Blue <mug> (color blue)\n  2 × 90.00 = 180.00" in shown.text
    assert "Together: INR 180.00\n\nhttp://localhost:8000/cart\n" in shown.text
    assert "Unsubscribe from mails like this:\nhttp://localhost:8000/unsubscribe/" in shown.text
    assert "Old jar" not in shown.text
    assert "Blue &lt;mug&gt;" in shown.html
    assert "went down from 100.00 to 90.00 INR" in shown.html


def test_the_mail_takes_off_what_a_promotion_does():
    make_coupon(code=None, discount_type="percentage", value="10")
    make_left_cart()
    remind_carts()
    shown = render(Message.objects.get())
    assert "2 × 100.00 = 200.00\n\nDiscount: -20.00\nTogether: INR 180.00\n" in shown.text
    assert "-20.00" in shown.html


@pytest.mark.parametrize("what", ["bought", "emptied", "changed", "sold out", "refused", "erased"])
def test_what_is_no_longer_so_is_not_sent(what):
    cart = make_left_cart()
    remind_carts()
    changes = {
        "bought": lambda: buy(cart),
        "emptied": lambda: delete_cart(caller=Caller(user=cart.user)),
        "changed": lambda: add_item(
            caller=Caller(user=cart.user), wanted=Wanted(1, make_variant().pk)
        ),
        "sold out": lambda: Stock.objects.update(on_hand=0),
        "refused": lambda: wish(cart.user, email=False),
        "erased": lambda: erase_user(user_id=cart.user_id),
    }
    message = Message.objects.get(kind="abandoned_cart")
    changes[what]()
    assert not deliver(message_id=message.pk)
    assert mail.outbox == []
    assert not Message.objects.filter(kind="abandoned_cart").exists()


def test_a_reminder_comes_by_every_way_that_was_asked_for():
    products = [make_product(name=f"Thing {number}") for number in range(1, 6)]
    cart = make_left_cart(
        *(make_variant(product=product) for product in products),
        phone="+919876543210",
        phone_verified=True,
    )
    wish(cart.user, email=False, in_app=True, sms=True)
    assert remind_carts() == 1
    told = Notification.objects.get()
    assert (told.kind, told.title) == ("abandoned_cart", "Your cart is waiting")
    assert told.body == "Still in it: Thing 1, Thing 2, Thing 3 and 2 more."
    text = Message.objects.get(channel=Channel.SMS)
    assert render_sms(text) == (
        "Storefront: something still waits in your cart. http://localhost:8000/cart"
    )


def test_one_cart_that_breaks_does_not_keep_the_others(monkeypatch):
    broken, whole = make_left_cart(by=2 * DAY), make_left_cart()
    real = abandoned.describe_cart

    def describe(cart, at):
        if cart.pk == broken.pk:
            raise RuntimeError
        return real(cart, at=at)

    monkeypatch.setattr("notifications.services.reminders.describe_cart", describe)
    assert remind_carts() == 1
    assert Message.objects.get().user == whole.user


def test_carts_are_read_in_batches_each_with_one_query(monkeypatch, django_assert_num_queries):
    monkeypatch.setattr(abandoned, "_BATCH", 2)
    carts = [make_left_cart() for _ in range(5)]
    Cart.objects.update(updated_at=timezone.now() - DAY)  # the key alone tells them apart
    with django_assert_num_queries(4):
        found = list(abandoned.left_behind(timezone.now()))
    assert {cart.pk for cart in found} == {cart.pk for cart in carts}
    assert len(found) == 5


def test_the_command_and_the_task_do_the_same(capsys):
    make_left_cart()
    call_command("remind_carts")
    assert capsys.readouterr().out == "Carts reminded of: 1\n"
    call_command("remind_carts")
    assert capsys.readouterr().out == "Carts reminded of: 0\n"
    make_left_cart()
    remind_carts_task()
    deliver_pending()
    assert [sent.subject for sent in mail.outbox] == ["You left something in your cart"] * 2
