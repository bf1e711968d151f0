"""The staff screens of mails: what was sent, how each kind looks, and sending again."""

import re
from datetime import timedelta
from html import unescape

import pytest
from django.contrib.auth.models import Permission
from django.utils import timezone

from accounts.models import OneTimeCode
from accounts.services.codes import digits_of
from notifications.models import Message, MessageState
from notifications.services.outbox import queue_message
from notifications.services.rendering import SUBJECTS, render
from orders.services.access import token_of
from tests.accounts.factories import make_staff, make_user
from tests.orders.factories import make_delivered_order, make_placed_order

pytestmark = pytest.mark.django_db
LIST = "/admin/notifications/message/"
TEMPLATES = "/admin/notifications/mailtemplate/"
SENT = {"_form_submitted": "on"}


@pytest.fixture
def staff(client):
    client.force_login(make_staff(first_name="Ravi"))
    return client


def text_of(answer):
    assert answer.status_code == 200
    return answer.content.decode()


def page_of(client, message):
    return text_of(client.get(f"{LIST}{message.pk}/change/"))


def shown_mail(page):
    """The HTML that the preview's frame shows."""
    (source,) = re.findall(r'<iframe sandbox title="The mail" srcdoc="([^"]*)"', page)
    return unescape(source)


def told(client, address):
    return [str(message) for message in client.get(address).context["messages"]]


def may(client, *names):
    person = make_user(is_staff=True)
    person.user_permissions.set(Permission.objects.filter(codename__in=names))
    client.force_login(person)


def make_message(order=None, **fields):
    order = order or make_placed_order(email="guest@example.com")
    message = Message.objects.get(kind="order_placed", data__order_id=str(order.pk))
    Message.objects.filter(pk=message.pk).update(**fields)
    return message


def queue(kind, user, **data):
    return queue_message(kind=kind, cause="c", recipient=user.email, user=user, data=data)


def test_the_list_shows_state_error_and_recipient_and_finds_them(staff):
    make_message(status="given_up", attempts=10, error="SMTPRecipientsRefused: 550 No such user")
    for query in (
        {},
        {"q": "guest@example.com"},
        {"q": "No such user"},
        {"status": "given_up"},
        {"kind": "order_placed"},
    ):
        page = text_of(staff.get(LIST, query))
        assert "Given Up" in page
        assert "guest@example.com" in page
        assert "550 No such user" in page
    for query in ({"status": "sent"}, {"kind": "welcome"}):
        assert "550 No such user" not in text_of(staff.get(LIST, query))


def test_a_message_is_shown_as_it_would_be_sent_now_in_a_frame_without_scripts(staff):
    order = make_placed_order()
    line = order.lines.get()
    line.name = "<script>alert(1)</script> \"x\" & 'y'"
    line.save()
    message = make_message(order)
    page = page_of(staff, message)
    assert "<script>alert(1)" not in page
    assert shown_mail(page) == render(message).html
    assert "&amp;lt;script&amp;gt;alert(1)" in page
    assert f"Order {order.number}" in page


def test_what_opens_an_order_or_an_account_is_hidden_from_staff(staff):
    order = make_placed_order(email="guest@example.com")
    message = make_message(order)
    assert token_of(order) in render(message).text
    page = page_of(staff, message)
    assert token_of(order) not in page
    assert f"/orders/{order.number}" in shown_mail(page)
    user = make_user()
    message = queue("verify_email", user, user_id=str(user.pk))
    token = re.search(r"token=(\S+)", render(message).text)[1]
    page = page_of(staff, message)
    assert token not in page
    assert "/verify-email?token=hidden" in shown_mail(page)


@pytest.mark.parametrize("channel", ["email", "sms"])
def test_the_digits_of_a_code_are_hidden_from_staff(staff, channel):
    user = make_user()
    code = OneTimeCode.objects.create(
        key="k",
        purpose="reset",
        recipient=user.email,
        user=user,
        expires_at=timezone.now() + timedelta(minutes=5),
    )
    message = queue("one_time_code", user, code_id=str(code.pk), seed=str(code.seed))
    Message.objects.filter(pk=message.pk).update(channel=channel)
    page = page_of(staff, message)
    assert digits_of(code) not in page
    assert "••••••" in page


def test_what_cannot_be_shown_any_more_says_why(staff):
    message = make_message()
    Message.objects.filter(pk=message.pk).update(
        data={"order_id": "00000000-0000-0000-0000-000000000000"}
    )
    assert "What it is about was deleted" in page_of(staff, message)
    Message.objects.filter(pk=message.pk).update(kind="unheard_of", data={})
    assert "It cannot be written" in page_of(staff, message)


def test_a_message_is_sent_again_after_a_question(staff):
    message = make_message(status="given_up", attempts=10)
    address = f"{LIST}{message.pk}/send-again/"
    assert "Send this message again" in text_of(staff.get(address))
    message.refresh_from_db()
    assert message.status == MessageState.GIVEN_UP
    answer = staff.post(address, SENT)
    assert answer["HX-Redirect"] == f"{LIST}{message.pk}/change/"
    assert told(staff, answer["HX-Redirect"]) == [
        "The message is queued. A worker sends it in a moment."
    ]
    message.refresh_from_db()
    assert (message.status, message.attempts) == (MessageState.PENDING, 0)
    assert "Queued again." in text_of(staff.get(f"{LIST}{message.pk}/history/"))


def test_a_message_that_is_being_sent_is_not_queued_again(staff):
    message = make_message(leased_until=timezone.now() + timedelta(minutes=1), attempts=1)
    answer = staff.post(f"{LIST}{message.pk}/send-again/", SENT)
    assert told(staff, answer["HX-Redirect"]) == ["The message is being sent just now."]
    message.refresh_from_db()
    assert message.attempts == 1


def test_many_are_tried_again_but_for_those_that_were_sent(staff):
    lost, sent = make_message(status="given_up", attempts=10), make_message(status="sent")
    form = {"action": "try_again", "_selected_action": [lost.pk, sent.pk]}
    assert staff.post(LIST, form).status_code == 302
    lost.refresh_from_db()
    sent.refresh_from_db()
    assert (lost.status, lost.attempts, sent.status) == ("pending", 0, "sent")
    assert told(staff, LIST) == ["Messages queued again: 1. What was sent is left alone."]


def test_who_may_only_look_sends_nothing(client):
    message = make_message(status="given_up")
    may(client, "view_message")
    assert "Send again" not in page_of(client, message)
    assert client.post(f"{LIST}{message.pk}/send-again/", SENT).status_code == 403
    client.post(LIST, {"action": "try_again", "_selected_action": [message.pk]})
    message.refresh_from_db()
    assert message.status == MessageState.GIVEN_UP


def test_figures_are_hidden_from_who_may_not_see_orders(client):
    person = make_staff()
    message = queue("daily_report", person, report_day="2026-11-20")
    may(client, "view_message")
    for page in (
        page_of(client, message),
        text_of(client.get(TEMPLATES, {"kind": "daily_report"})),
    ):
        assert "You may not see what this mail is about." in page
        assert "Revenue" not in page


def test_a_report_is_shown_with_its_tables(staff):
    message = queue("daily_report", make_staff(), report_day="2026-11-20")
    page = page_of(staff, message)
    assert 'download="sales-2026-11-20.csv" href="data:text/csv;base64,' in page


@pytest.mark.parametrize("kind", SUBJECTS)
def test_each_kind_is_shown_without_anything_in_the_shop(staff, kind):
    assert "cannot be written" not in text_of(staff.get(TEMPLATES, {"kind": kind}))


def test_a_kind_is_shown_with_the_newest_thing_that_it_fits(staff):
    make_delivered_order()
    newest = make_delivered_order()
    for kind in ("order_placed", "order_shipped", "order_delivered"):
        page = text_of(staff.get(TEMPLATES, {"kind": kind}))
        assert newest.number in shown_mail(page)
    assert "nothing in the shop yet" in text_of(staff.get(TEMPLATES, {"kind": "order_cancelled"}))
    assert "Hello Ravi," in text_of(staff.get(TEMPLATES, {"kind": "welcome"}))
    assert "Hello Ravi," in text_of(staff.get(TEMPLATES, {"kind": "nonsense"}))
    assert not Message.objects.filter(kind="test_mail").exists()


def test_the_page_of_templates_is_for_who_may_see_mails(client):
    may(client, "view_order")
    assert client.get(TEMPLATES).status_code == 403
    may(client, "view_message")
    message = make_message()
    assert client.get(TEMPLATES).status_code == 200
    answer = client.get(f"{TEMPLATES}{message.pk}/change/")
    assert answer["Location"] == f"{LIST}{message.pk}/change/"


def test_the_list_costs_the_same_however_long_it_is(staff, django_assert_max_num_queries):
    for _ in range(5):
        make_message()
    with django_assert_max_num_queries(10):
        staff.get(LIST)
