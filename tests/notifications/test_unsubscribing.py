from email import message_from_bytes, policy

import pytest
from django.core import mail, signing
from django.test import Client

from accounts.services.profiles import erase_user
from catalog.services.stock import record_movement
from catalog.services.stock_requests import answer_requests, request_notice
from notifications.models import Channel, Message, Preference, Suppression
from notifications.services.outbox import deliver, queue_message
from notifications.services.preferences import set_preferences
from notifications.services.rendering import render
from notifications.services.unsubscribing import headers_for, mask, token_for
from orders.services.lifecycle import SYSTEM, advance_order
from tests.accounts.factories import make_user
from tests.catalog.factories import make_variant
from tests.orders.factories import make_delivered_order, make_paid_order, make_placed_order

pytestmark = pytest.mark.django_db

URL = "/api/v1/notifications/unsubscribe/"
ONE_CLICK = "List-Unsubscribe=One-Click"
FORM = "application/x-www-form-urlencoded"


def message_to(user=None, kind="back_in_stock", email="asha@example.com"):
    return Message(kind=kind, recipient=user.email if user else email, user=user, cause="1")


def link_for(*args, **fields):
    return f"{URL}{token_for(message_to(*args, **fields))}/"


def wants_mail(user, topic="stock_alerts"):
    return Preference.objects.get(user=user, topic=topic).email


def make_wait(email, variant=None):
    variant = variant or make_variant(on_hand=0)
    request_notice(product_id=variant.product_id, variant_id=None, email=email, user=None)
    return variant


def come_back(variant):
    record_movement(variant_id=variant.pk, kind="IN", quantity=1, recorded_by=None)
    answer_requests()


@pytest.mark.parametrize("method", ["get", "post"])
def test_a_user_is_unsubscribed_without_a_login_and_only_from_mails_of_the_topic(api, method):
    user = make_user(email="asha@example.com")
    response = getattr(api, method)(link_for(user))
    assert response.status_code == 200
    assert response.json() == {
        "topic": "stock_alerts",
        "email": "a***@example.com",
        "unsubscribed": True,
    }
    assert response["Cache-Control"] == "no-store"
    row = Preference.objects.get()
    assert (row.user, row.topic) == (user, "stock_alerts")
    assert (row.email, row.in_app, row.sms) == (False, True, False)


def test_a_mail_program_unsubscribes_with_one_click_and_no_cookies():
    user = make_user()
    client = Client(enforce_csrf_checks=True)
    assert client.post(link_for(user), ONE_CLICK, FORM).status_code == 200
    assert not wants_mail(user)
    other = make_user()
    assert client.post(link_for(other), {"List-Unsubscribe": "One-Click"}).status_code == 200
    assert not wants_mail(other)


def test_doing_it_twice_changes_nothing_more(api):
    url = link_for()
    assert api.get(url).json() == api.post(url).json()
    assert Suppression.objects.count() == 1


def test_it_can_be_undone(api):
    user = make_user()
    for url in (link_for(user), link_for()):
        api.get(url)
        body = api.post(url, {"undo": True}).json()
        assert body["unsubscribed"] is False
    assert wants_mail(user)
    assert not Suppression.objects.exists()


def test_looking_whether_the_link_works_unsubscribes_nobody(api):
    user = make_user()
    assert api.head(link_for(user)).status_code == 200
    assert api.head(f"/unsubscribe/{token_for(message_to(user))}").status_code == 200
    assert not Preference.objects.exists()


@pytest.mark.parametrize("method", ["get", "post", "head"])
def test_a_forged_link_is_404_and_says_what_to_do(api, method):
    token = token_for(message_to(make_user()))
    for forged in ("x", token[:-1], token[:-1] + ("A" if token[-1] != "A" else "B")):
        response = getattr(api, method)(f"{URL}{forged}/")
        assert response.status_code == 404
        if method != "head":
            assert response.json()["code"] == "not_found"
            assert "Take the one from the newest mail" in response.json()["error"]
    assert not Preference.objects.exists()


def test_a_browser_is_told_what_to_do_about_a_forged_link(client):
    for method in (client.get, client.post):
        answer = method(f"{URL}x/", headers={"Accept": "text/html"})
        assert answer.status_code == 404
        assert "Take the one from the newest mail" in answer.json()["error"]


def test_the_link_of_an_erased_person_is_404(api):
    user = make_user()
    url = link_for(user)
    erase_user(user_id=user.pk)
    assert api.get(url).status_code == 404
    assert not Preference.objects.exists()


def newest_mail(order):
    """Move an order on; the mail about it, or None."""
    advance_order(order_id=order.pk, to_status="processing", actor=SYSTEM)
    return Message.objects.filter(kind="order_processing").first()


def test_an_erased_person_unsubscribes_from_mails_of_an_order_under_way(api):
    order = make_paid_order()
    erase_user(user_id=order.user_id)
    message = newest_mail(order)
    assert api.get(f"{URL}{token_for(message)}/").json() == {
        "topic": "order_updates",
        "email": mask(order.email),
        "unsubscribed": True,
    }
    assert not deliver(message_id=message.pk)
    assert mail.outbox == []


def test_who_refused_mails_before_the_erasure_is_sent_none_after_it():
    order, gone = make_paid_order(), make_delivered_order()
    for user_id in (order.user_id, gone.user_id):
        set_preferences(user_id=user_id, changes={"order_updates": {"email": False}})
        erase_user(user_id=user_id)
    assert newest_mail(order) is None
    assert not Preference.objects.exists()
    key = Suppression.key_of("order_updates", order.email)
    assert [row.key_hash for row in Suppression.objects.all()] == [key]


def test_control_who_refused_nothing_is_told_until_the_order_is_over():
    order = make_paid_order()
    erase_user(user_id=order.user_id)
    assert newest_mail(order).recipient == order.email
    assert not Suppression.objects.exists()


def test_a_browser_gets_a_page_with_a_way_back(client):
    user = make_user(email="asha@example.com")
    url = link_for(user)
    page = client.get(url, headers={"Accept": "text/html,*/*;q=0.8"})
    assert page["Content-Type"].startswith("text/html")
    text = page.content.decode()
    assert "You are unsubscribed" in text
    assert "a***@example.com" in text
    assert f'action="{url}"' in text
    assert not wants_mail(user)
    undone = client.post(url, {"undo": "true"}, headers={"Accept": "text/html"})
    assert "You are subscribed" in undone.content.decode()
    assert wants_mail(user)


def test_the_shop_stands_in_for_the_page_of_a_frontend(client):
    user = make_user()
    token = token_for(message_to(user))
    page = client.get(f"/unsubscribe/{token}")
    assert (page.status_code, "You are unsubscribed" in page.content.decode()) == (200, True)
    assert "no-store" in page["Cache-Control"]
    assert not wants_mail(user)
    broken = client.get(f"/unsubscribe/{token}x")
    assert (broken.status_code, "This link does not work" in broken.content.decode()) == (404, True)


def test_mails_that_can_be_refused_carry_the_link_and_the_headers(settings):
    settings.SITE_URL = "https://shop.example"
    make_delivered_order(user=make_user())
    message = Message.objects.get(kind="order_delivered")
    token = token_for(message)
    deliver(message_id=message.pk)
    (sent,) = mail.outbox
    wire = message_from_bytes(sent.message().as_bytes(), policy=policy.default)
    url = f"<https://shop.example{URL}{token}/>"
    assert wire["List-Unsubscribe"].strip() == url
    assert wire["List-Unsubscribe-Post"] == ONE_CLICK
    for part in (sent.body, sent.alternatives[0].content):
        assert f"http://localhost:8000/unsubscribe/{token}" in part


def test_without_https_a_mail_promises_no_single_click():
    headers = headers_for(message_to())
    assert list(headers) == ["List-Unsubscribe"]


@pytest.mark.parametrize("kind", ["order_placed", "order_confirmed"])
def test_mails_that_cannot_be_refused_offer_no_link(kind):
    make_delivered_order(user=make_user())
    message = Message.objects.get(kind=kind)
    deliver(message_id=message.pk)
    (sent,) = mail.outbox
    assert set(sent.extra_headers) == {"Message-ID"}
    assert "nsubscribe" not in sent.body + sent.alternatives[0].content


def test_the_path_of_the_page_is_a_setting(settings):
    settings.FRONTEND_URL = "https://shop.example"
    settings.FRONTEND_UNSUBSCRIBE_PATH = "/mails/off?t={token}"
    order = make_placed_order()
    message = Message(
        kind="order_processing",
        recipient=order.email,
        user=order.user,
        data={"order_id": str(order.pk)},
    )
    assert f"https://shop.example/mails/off?t={token_for(message)}" in render(message).text


def test_no_link_discloses_the_address():
    token = token_for(message_to(email="asha.rao@example.com"))
    content = signing.Signer(salt="notifications.unsubscribe").unsign_object(token)
    assert content[3] == "a***@example.com"
    assert "asha.rao" not in str(content)


def test_a_guest_who_unsubscribed_is_told_no_more_however_the_address_is_spelt(api):
    first = make_wait("Asha@Example.com")
    come_back(first)
    message = Message.objects.get()
    api.get(f"{URL}{token_for(message)}/")
    come_back(make_wait("asha@example.COM"))
    assert list(Message.objects.all()) == [message]
    come_back(make_wait("somebody@example.com"))
    assert Message.objects.count() == 2


def test_a_guest_who_unsubscribes_before_the_mail_leaves_does_not_get_it(api):
    come_back(make_wait("asha@example.com"))
    message = Message.objects.get()
    api.post(f"{URL}{token_for(message)}/")
    assert not deliver(message_id=message.pk)
    assert mail.outbox == []
    assert not Message.objects.exists()


def test_a_guest_who_refuses_one_topic_still_gets_the_other(api):
    api.get(link_for(email="guest@example.com"))
    make_placed_order(email="guest@example.com")
    assert Message.objects.get().kind == "order_placed"


def test_codes_and_warnings_are_sent_whatever_somebody_refused(api):
    user = make_user()
    for kind in ("back_in_stock", "order_delivered", "abandoned_cart"):
        api.get(link_for(user, kind))
    message = queue_message(
        kind="password_changed", cause="1", recipient=user.email, user=user, channel=Channel.EMAIL
    )
    assert deliver(message_id=message.pk)


@pytest.mark.parametrize(
    ("email", "masked"),
    [("asha@example.com", "a***@example.com"), ("a@b.co", "a***@b.co"), ("ज@b.co", "ज***@b.co")],
)
def test_an_address_is_masked(email, masked):
    assert mask(email) == masked
