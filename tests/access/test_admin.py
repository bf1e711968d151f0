"""Which staff screens a role may open: one line for each model and page, one column for each role.

`list` and `page` are read, `change` is posted to, and `delete` asks before it does; a line holds
the status. The columns stand in the order of STAFF, three letters each. A 302 of `page` leads to
where the row is shown instead.
"""

import pytest
from django.apps import apps
from django.contrib.admin import site
from django.db import transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import AuditEntry, Source
from carts.models import CouponUse
from catalog.models import Category, Collection, SearchedQuery, StockRequest, SuggestedQuery, Tag
from notifications.models import EventRecord, EventType, Message, WebhookDelivery
from orders.models import CancellationDocument
from payments.models import GatewayEvent, Payment, Refund
from tests.accounts.factories import make_user
from tests.carts.factories import make_coupon, make_method, make_tax_rate
from tests.catalog.factories import make_review
from tests.notifications.factories import make_endpoint
from tests.orders.factories import make_paid_order

from .world import ROLES, a_movement, a_payment, a_return, an_alert, make_world

STAFF = ROLES[ROLES.index("staff") :]
PAGES = ("list", "page", "change", "delete")

TABLE = """
# model                           page   sta cat ord sup ana adm
accounts.AuditEntry               list   403 403 403 403 403 200
accounts.AuditEntry               page   403 403 403 403 403 200
accounts.AuditEntry               change 403 403 403 403 403 403
accounts.AuditEntry               delete 403 403 403 403 403 403
accounts.Seller                   list   403 200 403 200 200 200
accounts.Seller                   page   403 200 403 200 200 200
accounts.Seller                   change 403 200 403 403 403 200
accounts.Seller                   delete 403 403 403 403 403 403
accounts.User                     list   403 403 200 200 403 200
accounts.User                     page   403 403 200 200 403 200
accounts.User                     change 403 403 403 403 403 200
accounts.User                     delete 403 403 403 403 403 403
auth.Group                        list   403 403 403 403 403 200
auth.Group                        page   403 403 403 403 403 200
auth.Group                        change 403 403 403 403 403 200
auth.Group                        delete 403 403 403 403 403 200
carts.Cart                        list   403 403 200 200 403 200
carts.Cart                        page   403 403 200 200 403 200
carts.Cart                        change 403 403 403 403 403 403
carts.Cart                        delete 403 403 403 403 403 403
carts.Coupon                      list   403 403 200 200 200 200
carts.Coupon                      page   403 403 200 200 200 200
carts.Coupon                      change 403 403 200 403 403 200
carts.Coupon                      delete 403 403 200 403 403 200
carts.CouponUse                   list   403 403 200 200 200 200
carts.CouponUse                   page   403 403 200 200 200 200
carts.CouponUse                   change 403 403 403 403 403 403
carts.CouponUse                   delete 403 403 403 403 403 403
carts.ShippingZone                list   403 403 200 403 403 200
carts.ShippingZone                page   403 403 200 403 403 200
carts.ShippingZone                change 403 403 403 403 403 200
carts.ShippingZone                delete 403 403 403 403 403 200
carts.TaxRate                     list   403 403 200 403 403 200
carts.TaxRate                     page   403 403 200 403 403 200
carts.TaxRate                     change 403 403 403 403 403 200
carts.TaxRate                     delete 403 403 403 403 403 200
catalog.Category                  list   403 200 403 403 200 200
catalog.Category                  page   403 200 403 403 200 200
catalog.Category                  change 403 200 403 403 403 200
catalog.Category                  delete 403 200 403 403 403 200
catalog.Collection                list   403 200 403 403 200 200
catalog.Collection                page   403 200 403 403 200 200
catalog.Collection                change 403 200 403 403 403 200
catalog.Collection                delete 403 200 403 403 403 200
catalog.Product                   list   403 200 200 200 200 200
catalog.Product                   page   403 200 200 200 200 200
catalog.Product                   change 403 200 403 403 403 200
catalog.Product                   delete 403 200 403 403 403 200
catalog.Review                    list   403 200 403 200 200 200
catalog.Review                    page   403 200 403 200 200 200
catalog.Review                    change 403 302 403 302 403 302
catalog.Review                    delete 403 200 403 403 403 200
catalog.SearchedQuery             list   403 200 403 403 200 200
catalog.SearchedQuery             page   403 200 403 403 200 200
catalog.SearchedQuery             change 403 403 403 403 403 403
catalog.SearchedQuery             delete 403 403 403 403 403 403
catalog.StockAlert                list   403 200 403 403 200 200
catalog.StockAlert                page   403 200 403 403 200 200
catalog.StockAlert                change 403 403 403 403 403 403
catalog.StockAlert                delete 403 403 403 403 403 403
catalog.StockMovement             list   403 200 200 403 200 200
catalog.StockMovement             page   403 200 200 403 200 200
catalog.StockMovement             change 403 403 403 403 403 403
catalog.StockMovement             delete 403 403 403 403 403 403
catalog.StockRequest              list   403 200 403 200 403 200
catalog.StockRequest              page   403 200 403 200 403 200
catalog.StockRequest              change 403 403 403 403 403 403
catalog.StockRequest              delete 403 403 403 403 403 403
catalog.SuggestedQuery            list   403 200 403 403 200 200
catalog.SuggestedQuery            page   403 200 403 403 200 200
catalog.SuggestedQuery            change 403 403 403 403 403 403
catalog.SuggestedQuery            delete 403 403 403 403 403 403
catalog.Tag                       list   403 200 403 403 200 200
catalog.Tag                       page   403 200 403 403 200 200
catalog.Tag                       change 403 200 403 403 403 200
catalog.Tag                       delete 403 200 403 403 403 200
catalog.Variant                   list   403 200 200 200 200 200
catalog.Variant                   page   403 200 200 200 200 200
catalog.Variant                   change 403 403 403 403 403 403
catalog.Variant                   delete 403 403 403 403 403 403
notifications.EventRecord         list   403 403 403 403 403 200
notifications.EventRecord         page   403 403 403 403 403 200
notifications.EventRecord         change 403 403 403 403 403 403
notifications.EventRecord         delete 403 403 403 403 403 403
notifications.MailTemplate        list   403 403 200 200 403 200
notifications.MailTemplate        page   302 302 302 302 302 302
notifications.MailTemplate        change 302 302 302 302 302 302
notifications.MailTemplate        delete 403 403 403 403 403 403
notifications.Message             list   403 403 200 200 403 200
notifications.Message             page   403 403 200 200 403 200
notifications.Message             change 403 403 403 403 403 403
notifications.Message             delete 403 403 403 403 403 403
notifications.WebhookDelivery     list   403 403 403 403 403 200
notifications.WebhookDelivery     page   403 403 403 403 403 200
notifications.WebhookDelivery     change 403 403 403 403 403 403
notifications.WebhookDelivery     delete 403 403 403 403 403 403
notifications.WebhookEndpoint     list   403 403 403 403 403 200
notifications.WebhookEndpoint     page   403 403 403 403 403 200
notifications.WebhookEndpoint     change 403 403 403 403 403 200
notifications.WebhookEndpoint     delete 403 403 403 403 403 200
orders.CancellationDocument       list   403 403 200 200 200 200
orders.CancellationDocument       page   403 403 200 200 200 200
orders.CancellationDocument       change 403 403 403 403 403 403
orders.CancellationDocument       delete 403 403 403 403 403 403
orders.Order                      list   403 403 200 200 200 200
orders.Order                      page   403 403 200 200 200 200
orders.Order                      change 403 403 200 403 403 200
orders.Order                      delete 403 403 403 403 403 403
orders.ReturnRequest              list   403 403 200 200 200 200
orders.ReturnRequest              page   403 403 200 200 200 200
orders.ReturnRequest              change 403 403 403 403 403 403
orders.ReturnRequest              delete 403 403 403 403 403 403
payments.GatewayEvent             list   403 403 403 403 403 200
payments.GatewayEvent             page   403 403 403 403 403 200
payments.GatewayEvent             change 403 403 403 403 403 403
payments.GatewayEvent             delete 403 403 403 403 403 403
payments.Payment                  list   403 403 200 200 403 200
payments.Payment                  page   403 403 200 200 403 200
payments.Payment                  change 403 403 403 403 403 403
payments.Payment                  delete 403 403 403 403 403 403
payments.PaymentToCheck           list   403 403 200 200 403 200
payments.PaymentToCheck           page   302 302 302 302 302 302
payments.PaymentToCheck           change 302 302 302 302 302 302
payments.PaymentToCheck           delete 403 403 403 403 403 403
payments.Refund                   list   403 403 200 200 403 200
payments.Refund                   page   403 403 200 200 403 200
payments.Refund                   change 403 403 403 403 403 403
payments.Refund                   delete 403 403 403 403 403 403
"""


def make_rows(world):
    """Make a row for every screen that has none yet."""
    product, owner, now = world.product, world.owner, timezone.now()
    payment = a_payment(owner)
    Payment.objects.update(needs_person="Look.")
    a_movement(product)
    a_return(owner)
    an_alert()
    make_paid_order(user=owner)
    AuditEntry.objects.create(source=Source.API, action="changed", model="catalog.product")
    make_review(product=product, user=owner)
    make_method()
    make_tax_rate()
    SearchedQuery.objects.create(day=now.date(), key="k", text="mug")
    SuggestedQuery.objects.create(key="k", text="mug", times=3)
    Collection.objects.create(title="Gifts", slug="gifts")
    Tag.objects.create(name="New", slug="new-things")
    Category.objects.update(description="Things.")
    StockRequest.objects.create(product=product, email="a@example.com", key_hash="k")
    CouponUse.objects.create(coupon=make_coupon(), order_id=payment.order_id)
    CancellationDocument.objects.create(
        external_source="x", external_id="C1", currency="INR", total_amount=1, created_at=now
    )
    GatewayEvent.objects.create(gateway="razorpay", event_id="e", body="{}")
    Refund.objects.create(payment=payment, amount=1)
    Message.objects.create(kind="welcome", cause="c", recipient="a@example.com")
    event = EventRecord.objects.create(type=EventType.CUSTOMER_CREATED)
    WebhookDelivery.objects.create(endpoint=make_endpoint(), event=event, give_up_at=now)


def signed_in(user):
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture(scope="module")
def clients(django_db_setup, django_db_blocker):
    """A browser of each role, in one world for all: each call is undone."""
    with django_db_blocker.unblock(), transaction.atomic():
        world = make_world()
        make_rows(world)
        # The page of a person is that of a customer.
        yield {role: signed_in(getattr(world, role)) for role in STAFF} | {"world": world}
        transaction.set_rollback(True)


def row_of(model, world):
    return world.owner if model._meta.label == "accounts.User" else model.objects.order_by("pk")[0]


def status_of(client, model, page, world):
    name = f"admin:{model._meta.app_label}_{model._meta.model_name}"
    with transaction.atomic():
        if page == "list":
            answer = client.get(reverse(f"{name}_changelist"))
        elif page == "delete":
            answer = client.get(reverse(f"{name}_delete", args=[row_of(model, world).pk]))
        else:
            call = client.get if page == "page" else client.post
            answer = call(reverse(f"{name}_change", args=[row_of(model, world).pk]))
        transaction.set_rollback(True)
    return str(answer.status_code)


def rows_of(table):
    for line in table.strip().splitlines()[1:]:
        label, page, *statuses = line.split()
        yield label, page, dict(zip(STAFF, statuses, strict=True))


def test_every_screen_and_page_stands_in_the_table():
    screens = {(model._meta.label, page) for model in site._registry for page in PAGES}
    written = [row[:2] for row in rows_of(TABLE)]
    assert sorted(written) == sorted(screens)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("label", "page", "expected"),
    [pytest.param(*row, id=f"{row[0]} {row[1]}") for row in rows_of(TABLE)],
)
def test_each_role_gets_the_status_of_the_table(clients, label, page, expected):
    model, world = apps.get_model(label), clients["world"]
    found = {role: status_of(clients[role], model, page, world) for role in STAFF}
    assert found == expected


@pytest.mark.django_db
def test_who_is_not_staff_is_sent_to_the_login(client):
    pages = [reverse("admin:index"), reverse("admin:orders_order_changelist")]
    for person in (None, make_user(), make_user(is_seller=True)):
        if person:
            client.force_login(person)
        assert [client.get(page).status_code for page in pages] == [302, 302]
