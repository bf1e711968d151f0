import pytest
from django.db import transaction
from django.template.loader import render_to_string

from notifications.models import Message
from notifications.services.rendering import render
from notifications.services.wrapping import wrap
from orders.services.lifecycle import SYSTEM, cancel_order, lock_order, record_refund
from tests.catalog.factories import make_product
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


def test_names_are_text_in_html_and_as_they_are_in_text():
    order = make_placed_order()
    line = order.lines.get()
    line.name = '<img src=x onerror=alert(1)> हाथ & "Kurta"'
    line.save()
    order.shipping_address = order.shipping_address | {"full_name": "<b>Asha</b>"}
    order.user = None
    order.save()
    mail = mail_of("order_placed", order)
    assert "<img" not in mail.html
    assert "&lt;img src=x onerror=alert(1)&gt; हाथ &amp; &quot;Kurta&quot;" in mail.html
    assert "Hello &lt;b&gt;Asha&lt;/b&gt;," in mail.html
    assert line.name in mail.text
    assert "Hello <b>Asha</b>," in mail.text


@pytest.mark.parametrize(
    ("currency", "price", "total"),
    [("JPY", "1 × 100 = 100", "JPY 168"), ("KWD", "1 × 100.000 = 100.000", "KWD 168.000")],
)
def test_amounts_have_the_decimals_of_their_currency(currency, price, total):
    order = make_placed_order()
    order.currency, order.total_amount = currency, 168
    order.save()
    mail = mail_of("order_placed", order)
    assert price in mail.text
    assert f"Total: {total}\n" in mail.text
    assert total in mail.html


def test_a_discount_names_its_coupon():
    order = make_placed_order()
    order.discount_amount, order.coupon_code = 10, "WELCOME10"
    order.save()
    assert "Discount (WELCOME10): -10.00\n" in mail_of("order_placed", order).text


def test_a_subject_is_one_line_whatever_a_product_is_called():
    product = make_product(name="Mug\r\nBcc: all@example.com {store}")
    message = Message(kind="back_in_stock", data={"product_id": str(product.pk)})
    assert render(message).subject == "Mug Bcc: all@example.com {store} is back in stock"


def test_text_is_broken_between_words_and_never_in_an_address():
    address = "https://shop.example/" + "x" * 80
    text = f"{'word ' * 30}\n  {'piece ' * 20}\n{address}\n\n\n\nend"
    lines = wrap(text).splitlines()
    assert lines[0] == " ".join(["word"] * 15)
    assert [line for line in lines if len(line) > 76] == [address]
    assert [line[:7] for line in lines if "piece" in line] == ["  piece"] * 2
    assert lines[-2:] == ["", "end"]
    assert "\n\n\n" not in wrap(text)


def test_the_footer_names_the_shop_and_where_to_unsubscribe(settings):
    settings.STORE_ADDRESS = "12 Hill Road|Mumbai 400050"
    mail = mail_of("order_placed", make_placed_order())
    assert mail.text.endswith(
        "--\nStorefront · http://localhost:8000\n12 Hill Road, Mumbai 400050\n"
    )
    assert "12 Hill Road, Mumbai 400050" in mail.html
    assert "Unsubscribe" not in mail.html
    context = {"unsubscribe_url": "https://shop.example/u/1", "store_name": "S", "store_url": "u"}
    for name in ("mail/base.html", "mail/base.txt"):
        assert "https://shop.example/u/1" in render_to_string(name, context)


def test_the_number_of_an_order_stays_in_one_piece_of_the_title():
    order = make_placed_order()
    mail = mail_of("order_confirmed", order)
    assert mail.subject == f"Your order {order.number} is confirmed"
    piece = f'<span style="white-space:nowrap;">{order.number}</span>'
    assert f"Your order {piece} is confirmed</h1>" in mail.html


def test_a_name_is_text_in_the_title_too():
    product = make_product(name="<b>Mug</b>")
    mail = render(Message(kind="back_in_stock", data={"product_id": str(product.pk)}))
    assert mail.subject == "<b>Mug</b> is back in stock"
    assert "&lt;b&gt;Mug&lt;/b&gt; is back in stock</h1>" in mail.html
