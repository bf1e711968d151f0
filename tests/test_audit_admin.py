"""Completeness of the audit trail: each page and action of the admin that writes."""

import pytest
from django.contrib.admin import site
from django.contrib.auth.models import Group, Permission
from django.test import RequestFactory
from django.urls import reverse
from rest_framework.test import APIClient

from accounts.models import Authenticator
from catalog.models import Collection, Tag
from notifications.models import Message
from payments.models import EventState, GatewayEvent, Payment
from tests.accounts.factories import make_staff, make_user
from tests.audited_writes import a_delivery, cash
from tests.carts.factories import make_coupon, make_method, make_tax_rate
from tests.catalog.factories import make_category, make_review, make_seller, make_variant
from tests.catalog.test_admin import form_of
from tests.notifications.factories import make_endpoint
from tests.orders.factories import make_paid_order, make_placed_order
from tests.test_access import a_return, an_alert

pytestmark = pytest.mark.django_db

DIALOG = {"_form_submitted": "on"}


@pytest.fixture
def admin(client):
    client.user = make_staff()
    client.force_login(client.user)
    return client


def trail():
    from accounts.models import AuditEntry

    return list(AuditEntry.objects.order_by("pk"))


def told():
    return sorted((entry.model, entry.action) for entry in trail())


def page_of(row, *words):
    """The address of a row's page, or of what is below it."""
    opts = row._meta
    change = reverse(f"admin:{opts.app_label}_{opts.model_name}_change", args=[row.pk])
    return change if not words else "/".join([change.removesuffix("/change/"), *words, ""])


def act(client, model, name, *rows):
    address = reverse(f"admin:{model.replace('.', '_').lower()}_changelist")
    body = {"action": name, "_selected_action": [str(row.pk) for row in rows], "post": "yes"}
    return client.post(address, body)


def a_user():
    return make_user(first_name="Asha", language="en")


def with_factor():
    user = make_user(two_factor_enabled=True)
    Authenticator.objects.create(user=user, key="00")
    return user


def a_zone():
    return make_method().zone


def a_message():
    return Message.objects.create(
        kind="order_placed", cause="c", recipient="asha@example.com", status="given_up"
    )


def an_event():
    return GatewayEvent.objects.create(
        gateway="razorpay", event_id="evt_1", body="{}", status=EventState.FAILED
    )


def a_payment_to_check():
    payment = cash()
    Payment.objects.filter(pk=payment.pk).update(needs_person="Look.")
    return payment


# What each page saves: how its row is made, what of the form is changed, and the entries.
FORMS = {
    "accounts.User": (a_user, {"membership": "gold"}, [("accounts.user", "changed")]),
    "accounts.Seller": (make_seller, {"name": "Cups"}, [("accounts.seller", "changed")]),
    "auth.Group": (
        lambda: Group.objects.create(name="Support"),
        {"name": "Help"},
        [("auth.group", "changed")],
    ),
    "carts.Coupon": (make_coupon, {"value": "20"}, [("carts.coupon", "changed")]),
    "carts.TaxRate": (make_tax_rate, {"rate": "5"}, [("carts.taxrate", "changed")]),
    "carts.ShippingZone": (
        a_zone,
        {"name": "Far", "methods-0-price": "1"},
        [("carts.shippingmethod", "changed"), ("carts.shippingzone", "changed")],
    ),
    "catalog.Category": (make_category, {"name": "Cups"}, [("catalog.category", "changed")]),
    "catalog.Collection": (
        lambda: Collection.objects.create(title="c", slug="c"),
        {"title": "Gifts"},
        [("catalog.collection", "changed")],
    ),
    "catalog.Tag": (
        lambda: Tag.objects.create(name="t", slug="t"),
        {"name": "Eco"},
        [("catalog.tag", "changed")],
    ),
    "catalog.Product": (
        lambda: make_variant().product,
        {"name": "Cup", "variants-0-price": "80"},
        [("catalog.product", "changed"), ("catalog.variant", "changed")],
    ),
    "catalog.Review": (make_review, {"is_approved": ""}, [("catalog.review", "changed")]),
    "orders.Order": (
        make_placed_order,
        {"staff_note": "Ring twice."},
        [("orders.order", "changed")],
    ),
    "notifications.WebhookEndpoint": (
        lambda: make_endpoint("https://93.184.215.14/in"),
        {"events": ["order.paid"]},
        [("notifications.webhookendpoint", "changed")],
    ),
}
# What is done otherwise: how, with the row that `make` gives, and the entries.
DEEDS = {
    "password": (
        a_user,
        lambda client, row: client.post(
            page_of(row, "password"), {"password1": "a-N3w-passw0rd", "password2": "a-N3w-passw0rd"}
        ),
        [("accounts.user", "password_set")],
    ),
    "second factor": (
        with_factor,
        lambda client, row: act(client, "accounts.User", "turn_two_factor_off", row),
        [("accounts.user", "two_factor_reset")],
    ),
    "activate": (
        lambda: make_variant().product,
        lambda client, row: act(client, "catalog.Product", "deactivate", row),
        [("catalog.product", "changed")],
    ),
    "delete products": (
        lambda: make_placed_order().lines.get().product,
        lambda client, row: act(client, "catalog.Product", "delete_selected", row),
        [("catalog.product", "archived")],
    ),
    "delete rates": (
        make_tax_rate,
        lambda client, row: act(client, "carts.TaxRate", "delete_selected", row),
        [("carts.taxrate", "deleted")],
    ),
    "delete a zone": (
        a_zone,
        lambda client, row: client.post(page_of(row, "delete"), {"post": "yes"}),
        [("carts.shippingzone", "deleted")],
    ),
    "delete a method": (
        a_zone,
        lambda client, row: client.post(
            page_of(row), form_of(client, page_of(row)) | {"methods-0-DELETE": "on"}
        ),
        [("carts.shippingmethod", "deleted")],
    ),
    "delete endpoints": (
        make_endpoint,
        lambda client, row: act(client, "notifications.WebhookEndpoint", "delete_selected", row),
        [("notifications.webhookendpoint", "deleted")],
    ),
    "another secret": (
        make_endpoint,
        lambda client, row: client.post(page_of(row, "secret"), DIALOG),
        [("notifications.webhookendpoint", "secret_rotated")],
    ),
    "withdraw": (
        make_review,
        lambda client, row: act(client, "catalog.Review", "withdraw", row),
        [("catalog.review", "changed")],
    ),
    "acknowledge": (
        an_alert,
        lambda client, row: act(client, "catalog.StockAlert", "acknowledge", row),
        [("catalog.stockalert", "acknowledged")],
    ),
    "move stock": (
        make_variant,
        lambda client, row: client.post(
            reverse("admin:catalog_stockmovement_add"),
            {"variant": row.pk, "kind": "IN", "quantity": "2"},
        ),
        [("catalog.stockmovement", "created")],
    ),
    "cancel": (
        make_placed_order,
        lambda client, row: act(client, "orders.Order", "cancel", row),
        [("orders.order", "cancelled")],
    ),
    "ship": (
        make_paid_order,
        lambda client, row: client.post(
            page_of(row, "ship"), DIALOG | {"carrier": "DHL", "tracking_number": "1"}
        ),
        [("orders.order", "shipped"), ("orders.shipment", "created")],
    ),
    "approve a return": (
        lambda: a_return(make_user()),
        lambda client, row: client.post(page_of(row, "approve"), DIALOG | {"restock": "on"}),
        [("orders.order", "returned"), ("orders.returnrequest", "approved")],
    ),
    "reject a return": (
        lambda: a_return(make_user()),
        lambda client, row: client.post(page_of(row, "reject"), DIALOG | {"note": "Worn."}),
        [("orders.returnrequest", "rejected")],
    ),
    "refund": (
        lambda: cash(is_collected=True),
        lambda client, row: client.post(
            page_of(row, "refund"), DIALOG | {"amount": "1", "reason": "Late"}
        ),
        [("payments.refund", "refunded")],
    ),
    "ask the gateway": (
        cash,
        lambda client, row: client.post(page_of(row, "ask"), DIALOG),
        [("payments.payment", "gateway_asked")],
    ),
    "looked at": (
        a_payment_to_check,
        lambda client, row: client.post(page_of(row, "seen"), DIALOG | {"why": "Look."}),
        [("payments.payment", "looked_at")],
    ),
    "handle again": (
        an_event,
        lambda client, row: client.post(page_of(row, "handle"), DIALOG),
        [("payments.gatewayevent", "handled_again")],
    ),
    "queue again": (
        an_event,
        lambda client, row: act(client, "payments.GatewayEvent", "queue_once_more", row),
        [("payments.gatewayevent", "handled_again")],
    ),
    "mail again": (
        a_message,
        lambda client, row: act(client, "notifications.Message", "send_again", row),
        [("notifications.message", "sent_again")],
    ),
    "webhook again": (
        a_delivery,
        lambda client, row: act(client, "notifications.WebhookDelivery", "send_again", row),
        [("notifications.webhookdelivery", "sent_again")],
    ),
}
# Pages whose rows no form changes, whose deeds stand above, or that are only read.
WITHOUT_FORM = {
    "accounts.AuditEntry",
    "carts.Cart",
    "carts.CouponUse",
    "catalog.StockAlert",
    "catalog.StockMovement",
    "catalog.StockRequest",
    "catalog.Variant",
    "notifications.EventRecord",
    "notifications.Message",
    "notifications.WebhookDelivery",
    "orders.CancellationDocument",
    "orders.ReturnRequest",
    "payments.GatewayEvent",
    "payments.Payment",
    "payments.PaymentToCheck",
    "payments.Refund",
}


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
    from tests.catalog.test_csv_admin import HEADER, MUG, confirm, upload

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
