import pytest
from django.contrib.auth.models import Permission
from django.urls import reverse

from config.navigation import sidebar
from notifications.models import Message
from payments.models import Payment
from tests.accounts.factories import make_staff, make_user
from tests.orders.factories import make_paid_order, make_placed_order

pytestmark = pytest.mark.django_db


def make_lost_mail():
    return Message.objects.create(
        kind="order_placed", cause="c", recipient="asha@example.com", status="given_up"
    )


def may(*names):
    person = make_user(is_staff=True)
    person.user_permissions.set(Permission.objects.filter(codename__in=names))
    return person


def titles(rf, person):
    request = rf.get("/admin/")
    request.user = person
    return {
        section["title"]: [item["title"] for item in section["items"]]
        for section in sidebar(request)
    }


def test_every_screen_is_in_the_menu(client, rf):
    client.force_login(make_staff())
    page = client.get("/admin/")
    screens = {
        model["admin_url"] for app in page.context["available_apps"] for model in app["models"]
    }
    sections = page.context["sidebar_navigation"]
    assert {item["link"] for section in sections for item in section["items"]} == screens


def test_the_menu_holds_what_a_person_may_see(rf):
    assert titles(rf, may("view_order", "view_message")) == {
        "Sales": ["Orders", "Returns"],
        "Behind the scenes": ["Mails", "Mail templates"],
    }
    assert titles(rf, may()) == {}


def test_the_first_page_counts_what_waits_and_leads_there(client):
    make_paid_order()
    Payment.objects.create(
        order=make_placed_order(), amount=1, currency="INR", receipt="r", needs_person="Look."
    )
    make_lost_mail()
    client.force_login(make_staff())
    waiting = {row["text"]: row for row in client.get("/admin/").context["waiting"]}
    expected = {"orders to get ready": 1, "payments need a person": 1, "mails were given up": 1}
    assert {text: row["count"] for text, row in waiting.items() if row["count"]} == expected
    for text, row in waiting.items():
        shown = client.get(row["address"])
        assert shown.context["cl"].result_count == row["count"], text


def test_the_first_page_counts_nothing_that_a_person_may_not_see(client):
    make_lost_mail()
    client.force_login(may("view_product"))
    page = client.get(reverse("admin:index"))
    assert page.context["waiting"] == []
    assert "Ask an administrator" in page.content.decode()
    assert Message.objects.exists()
