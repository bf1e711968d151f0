"""Completeness of the audit trail: each page and button of the admin that writes."""

import pytest
from django.contrib.admin import site
from django.contrib.auth.models import Group, Permission
from django.test import RequestFactory
from django.urls import reverse
from rest_framework.test import APIClient

from accounts.models import AuditEntry
from catalog.models import Tag
from tests.accounts.factories import make_staff
from tests.audited_pages import (
    AUDITED_BUTTONS,
    DEEDS,
    FORMS,
    WITHOUT_FORM,
    WRITES_NOTHING,
    a_user,
    a_zone,
    page_of,
)
from tests.carts.factories import make_coupon, make_tax_rate
from tests.catalog.factories import make_review, make_variant
from tests.catalog.test_admin import form_of
from tests.catalog.test_csv_admin import HEADER, MUG, confirm, upload

pytestmark = pytest.mark.django_db


@pytest.fixture
def admin(client):
    client.user = make_staff()
    client.force_login(client.user)
    return client


def trail():
    return list(AuditEntry.objects.order_by("pk"))


def told():
    return sorted((entry.model, entry.action) for entry in trail())


def test_every_page_that_saves_a_form_is_in_the_trail(admin):
    request = RequestFactory().get("/admin/")
    request.user = admin.user
    saving = {
        model._meta.label
        for model, page in site._registry.items()
        if page.has_change_permission(request)
    }
    assert saving == set(FORMS)
    assert {model._meta.label for model in site._registry} == set(FORMS) | WITHOUT_FORM


def test_every_button_is_in_the_trail_or_writes_nothing(admin):
    request = RequestFactory().get("/admin/")
    request.user = admin.user
    buttons = {
        (model._meta.label, name)
        for model, page in site._registry.items()
        for name in [*page.get_actions(request), *page.actions_detail, *page.actions_row]
    }
    audited = {(label, name) for label, names in AUDITED_BUTTONS.items() for name in names}
    assert buttons == audited | WRITES_NOTHING


@pytest.mark.parametrize("label", FORMS)
def test_a_saved_form_makes_its_entries_and_an_untouched_one_none(admin, label):
    make, changes, expected = FORMS[label]
    address = page_of(make())
    untouched = form_of(admin, address)
    assert admin.post(address, untouched).status_code == 302
    assert told() == []
    answer = admin.post(address, untouched | changes, headers={"X-Request-ID": "req-7"})
    assert answer.status_code == 302
    assert told() == expected
    assert {(row.actor, row.source, row.request_id) for row in trail()} == {
        (admin.user, "admin", "req-7")
    }


@pytest.mark.parametrize(
    ("label", "wrong"),
    [
        ("accounts.User", {"membership": "gold", "email": ""}),
        ("carts.Coupon", {"description": "New", "value": "-1"}),
        ("carts.TaxRate", {"tax_class": "new", "rate": "500"}),
        ("carts.ShippingZone", {"name": "Far", "methods-0-min_days": "9"}),
        ("catalog.Product", {"name": "Cup", "slug": "new"}),
    ],
)
def test_a_form_with_a_mistake_leaves_no_entry(admin, label, wrong):
    address = page_of(FORMS[label][0]())
    assert admin.post(address, form_of(admin, address) | wrong).status_code == 200
    assert told() == []


@pytest.mark.parametrize("name", DEEDS)
def test_a_deed_of_the_admin_makes_its_entries(admin, name):
    make, deed, expected = DEEDS[name]
    answer = deed(admin, make())
    assert answer.status_code in (200, 302)
    assert told() == expected
    assert {(row.actor, row.source) for row in trail()} == {(admin.user, "admin")}


def test_rights_are_told_by_name(admin):
    user, group = a_user(), Group.objects.create(name="Support")
    right = Permission.objects.get(codename="view_order")
    body = form_of(admin, page_of(user)) | {
        "is_staff": "on",
        "groups": [group.pk],
        "user_permissions": [right.pk],
        "first_name": "Ravi",
    }
    assert admin.post(page_of(user), body).status_code == 302
    (entry,) = trail()
    assert (entry.object_id, entry.object_name) == (str(user.pk), "")
    assert entry.changes == {
        "first_name": ["…", "…"],
        "is_staff": [False, True],
        "groups": [[], ["Support"]],
        "user_permissions": [[], ["view_order"]],
    }


def test_new_people_are_told_without_who_they_are(admin):
    body = {"email": "new@example.com", "usable_password": "false"}
    assert admin.post(reverse("admin:accounts_user_add"), body).status_code == 302
    (entry,) = trail()
    assert entry.action == "created"
    assert entry.changes["email"] == [None, "…"]
    assert "new@example.com" not in str(entry.changes)


SAME = {
    "tag": (
        lambda: Tag.objects.create(name="t", slug="t"),
        "tags/{0.slug}/",
        {"name": "Eco"},
        {"name": "Eco"},
    ),
    "rate": (make_tax_rate, "tax-rates/{0.pk}/", {"rate": "5.5"}, {"rate": "5.50"}),
    "coupon": (
        make_coupon,
        "coupons/{0.pk}/",
        {"value": "20", "max_discount": "100"},
        {"value": "20.0", "max_discount": "100.00"},
    ),
    "zone": (
        a_zone,
        "shipping-zones/{0.pk}/",
        {"countries": ["IN", "LK"]},
        {"countries": "IN, LK"},
    ),
    "product": (
        lambda: make_variant(price="10", compare_at_price="12").product,
        "products/{0.slug}/",
        {"price": "7.5", "featured": True, "tags": ["eco"]},
        {"variants-0-price": "7.50", "featured": "on"},
    ),
    "review": (make_review, "reviews/{0.pk}/", {"is_approved": False}, {"is_approved": ""}),
}


@pytest.mark.parametrize("name", SAME)
def test_a_change_is_told_alike_by_api_and_admin(admin, name):
    make, route, by_api, by_admin = SAME[name]
    eco = Tag.objects.create(name="eco", slug="eco")
    row = make()
    form = form_of(admin, page_of(row)) | by_admin
    if name == "product":
        form["tags"] = [eco.pk]
    assert admin.post(page_of(row), form).status_code == 302
    first = [(each.model, each.action, each.object_name, each.changes) for each in trail()]
    row.delete()
    api = APIClient()
    api.force_authenticate(admin.user)
    twin = make()
    answer = api.patch(f"/api/v1/{route.format(twin)}", by_api)
    assert answer.status_code == 200, answer.content
    second = trail()[len(first) :]
    assert {each.source for each in second} == {"api"}
    names = [(each.model, each.action, each.changes) for each in second]
    assert names == [(model, action, changes) for model, action, _, changes in first]
    assert names


def test_an_import_of_staff_is_told_of_each_row(admin):
    page = upload(admin, HEADER, MUG)
    assert told() == []  # a preview is undone
    confirm(admin, page)
    assert told() == [
        ("catalog.category", "created"),
        ("catalog.category", "created"),
        ("catalog.product", "created"),
        ("catalog.variant", "created"),
    ]
    assert {row.actor for row in trail()} == {admin.user}
