"""A person leaves marks wherever one can, and is erased: no column of any table holds one."""

import json
import pickle
import zlib
from datetime import timedelta

import pytest
from django.contrib.sessions.models import Session
from django.core.cache import cache
from django.db import connection
from django.utils import timezone
from django.utils.module_loading import import_string

from accounts.models import AuditEntry, SocialAccount
from accounts.services.codes import renew_code
from accounts.services.erasing import erase_guest
from accounts.services.passwords import ask_reset
from accounts.services.profiles import erase_user
from carts.services.wishlist import add_wish
from catalog.services.likes import like_product
from catalog.services.queries import record_search, searches
from catalog.services.sellers import apply_as_seller, update_seller
from catalog.services.stock_requests import request_notice
from config import acting
from config.settings.queues import CELERY_BEAT_SCHEDULE
from notifications.models import Message, WebhookDelivery
from notifications.services.feed import number_events
from orders.models import Order
from orders.services.editing import edit_order
from orders.services.lifecycle import SYSTEM, Actor, advance_order, cancel_order
from orders.services.returning import Wish, reject_return, request_return
from orders.services.shipping import make_shipment
from payments.models import GatewayEvent, Payment, Refund
from payments.services.inbox import store_event
from tests.accounts.factories import make_address, make_staff, make_user, sign_in
from tests.audited_pages import DIALOG
from tests.carts.factories import make_coupon
from tests.catalog.factories import make_review, make_variant
from tests.notifications.factories import make_endpoint
from tests.orders.factories import (
    ADDRESS,
    make_cart,
    make_delivered_order,
    make_paid_order,
    make_placed_order,
    make_shipped_order,
    make_shipping_method,
    store_actor,
)

pytestmark = pytest.mark.django_db

MARK = "xqleak"
EMAIL = "Asha.XQleak@example.com"
PHONE = "+919812345670"
MARKS = (MARK, PHONE[1:], PHONE[3:])
MARKED_ADDRESS = ADDRESS | {
    "full_name": f"Asha {MARK}",
    "phone_number": PHONE,
    "address_line1": f"12 {MARK} Road",
    "address_line2": MARK,
    "city": MARK,
    "postal_code": "560001",
    "tax_number": f"29{MARK}",
}
# What beat starts to clean up, but for the broker's own file, which is not there in tests.
SWEEPS = sorted(
    entry["task"]
    for name, entry in CELERY_BEAT_SCHEDULE.items()
    if name.startswith(("clean-", "erase-", "forget-queries")) and name != "clean-broker"
)


def marks():
    """Every column of the database that holds a mark, as "table.column"."""
    found = set()
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")
            columns = [column[0] for column in cursor.description]
            for row in cursor.fetchall():
                found |= {
                    f"{table}.{column}"
                    for column, value in zip(columns, row, strict=True)
                    if any(mark in text_of(value) for mark in MARKS)
                }
    for session in Session.objects.all():
        if MARK in json.dumps(session.get_decoded()).lower():
            found.add("session")
    return found


def text_of(value):
    # JSON may write a sign as \uXXXX; marks hold none of those.
    return (value.decode(errors="replace") if isinstance(value, bytes) else str(value)).lower()


def cached_texts():
    """What the cache holds, where it lies in files."""
    if not hasattr(cache, "_list_cache_files"):
        pytest.skip("the cache is no folder")
    for path in cache._list_cache_files():
        with open(path, "rb") as file:
            pickle.load(file)
            yield zlib.decompress(file.read()).decode(errors="replace").lower()


@pytest.fixture
def asha():
    return make_user(
        email=EMAIL,
        username=f"asha-{MARK}",
        phone=PHONE,
        first_name=f"Asha {MARK}",
        last_name=MARK,
        external_source=MARK,
        external_id=MARK,
        email_verified=True,
    )


def live(user, api, client):
    """Do what people do in a shop, and what is done about them, all of it in the name of staff."""
    staff = make_staff()
    with acting.acting(acting.ADMIN, lambda: staff):
        make_address(user, **MARKED_ADDRESS)
        seller = sell(user)
        SocialAccount.objects.create(user=user, provider="google", subject=MARK, key="k")
        use_catalogue(user)
        order_things(user, api)
        be_told_of(user)
    client.force_login(staff)
    be_looked_at(user, client)
    client.post(f"/admin/accounts/seller/{seller.pk}/approve/", DIALOG)


def sell(user):
    texts = {"name": f"Asha {MARK}", "description": MARK}
    seller = apply_as_seller(user_id=user.pk, fields=texts | {"slug": f"{MARK}-mugs"})
    return update_seller(seller_id=seller.pk, fields={"name": MARK, "slug": MARK})


def use_catalogue(user):
    variant = make_variant()
    make_cart(variant, user=user)
    add_wish(user=user, product_id=variant.product_id)
    like_product(product_id=variant.product_id, user=user)
    make_review(product=variant.product, user=user, title="Fine", comment="Holds tea.")
    for person in (user, None):
        gone = make_variant(on_hand=0)
        wish = {"product_id": gone.product_id, "variant_id": None}
        request_notice(**wish, email=EMAIL, user=person)
    record_search(text=f"{EMAIL} parcel")
    record_search(text=f"call {PHONE}")
    searches.write()


def order_things(user, api):
    own = {"user": user, "address": MARKED_ADDRESS, "notes": f"Call {PHONE}"}
    make_coupon(code=None, description="Spring")
    delivered = make_paid_order(**own)
    make_shipment(order_id=delivered.pk, actor=SYSTEM, carrier="DHL", tracking_number=MARK)
    advance_order(order_id=delivered.pk, to_status="delivered", actor=SYSTEM)
    wishes = [Wish(delivered.lines.first().pk, 1, f"Too small, says {MARK}")]
    request = request_return(order_id=delivered.pk, actor=Actor.of(user), wishes=wishes)
    staff = store_actor()
    reject_return(return_id=request.pk, actor=staff, note=f"No, {MARK}")
    edit_order(order_id=delivered.pk, actor=staff, staff_note=f"{MARK} called")
    pay_for(delivered)
    make_delivered_order(email=EMAIL.upper(), address=MARKED_ADDRESS, notes=MARK)
    cancelled = order_by_api(user, api)
    cancel_order(order_id=cancelled.pk, actor=Actor.of(user), reason=f"I am {MARK}")


def order_by_api(user, api):
    make_cart(make_variant(), user=user)
    sign_in(api, user)
    method = make_shipping_method()
    body = {"shipping_address": MARKED_ADDRESS | {"tax_number": ""}, "shipping_method": method.pk}
    answer = api.post("/api/v1/orders/", body, headers={"Idempotency-Key": "once"})
    assert answer.status_code == 201, answer.data
    return Order.objects.get(pk=answer.data["id"])


def pay_for(order):
    payment = Payment.objects.create(
        order=order,
        gateway="razorpay",
        amount=1,
        currency="INR",
        receipt="r",
        status="failed",
        error=f"The card of {MARK} was declined",
        checkout_url=f"https://pay.example/{MARK}",
    )
    Refund.objects.create(payment=payment, amount=1, reason=f"{MARK} asked", error=MARK)
    GatewayEvent.objects.create(
        gateway="razorpay",
        event_id="evt_1",
        body=f'{{"description": "{MARK}"}}',
        payment=payment,
        status="handled",
        error=MARK,
    )
    body = {"payload": {"payment": {"entity": {"email": EMAIL, "contact": PHONE, "vpa": MARK}}}}
    store_event(gateway_id="razorpay", event_id="evt_2", body=json.dumps(body).encode())


def be_told_of(user):
    ask_reset(recipient=EMAIL.lower())
    renew_code(purpose="phone", recipient=PHONE, user=user)
    Message.objects.filter(user=user).update(error=f"550 {EMAIL} is not here", status="sent")
    number_events()
    told = WebhookDelivery.objects.filter(event__type="shipment.sent")
    told.update(response=f'{{"got": "{MARK}"}}', error="")


def be_looked_at(user, client):
    page = f"/admin/accounts/user/{user.pk}/change/"
    body = {
        "email": EMAIL,
        "username": user.username,
        "phone": PHONE,
        "first_name": user.first_name,
        "last_name": user.last_name,
        "language": "en",
        "membership": "gold",
        "is_active": "on",
        "addresses-TOTAL_FORMS": "0",
        "addresses-INITIAL_FORMS": "0",
    }
    assert client.post(page, body).status_code == 302


# Where the marks are before: what finds nothing here would find nothing there.
LEFT_IN = {
    "accounts_address.address_line1",
    "accounts_address.address_line2",
    "accounts_address.city",
    "accounts_address.full_name",
    "accounts_address.phone_number",
    "accounts_address.tax_number",
    "accounts_onetimecode.recipient",
    "accounts_seller.description",
    "accounts_seller.name",
    "accounts_seller.slug",
    "accounts_socialaccount.subject",
    "accounts_user.email",
    "accounts_user.email_key",
    "accounts_user.external_id",
    "accounts_user.external_source",
    "accounts_user.first_name",
    "accounts_user.last_name",
    "accounts_user.phone",
    "accounts_user.username",
    "accounts_user.username_key",
    "carts_couponuse.email_key",
    "catalog_oldslug.slug",
    "catalog_stockrequest.email",
    "config_idempotencykey.response_body",
    "django_admin_log.object_repr",
    "notifications_eventrecord.data",
    "notifications_webhookdelivery.response",
    "notifications_message.error",
    "notifications_message.recipient",
    "notifications_notification.body",
    "orders_invoice.billing_address",
    "orders_invoice.shipping_address",
    "orders_order.billing_address",
    "orders_order.email",
    "orders_order.email_key",
    "orders_order.notes",
    "orders_order.shipping_address",
    "orders_order.staff_note",
    "orders_orderhistory.note",
    "orders_returnline.reason",
    "orders_returnrequest.note",
    "orders_shipment.tracking_number",
    "payments_gatewayevent.body",
    "payments_gatewayevent.error",
    "payments_payment.checkout_url",
    "payments_payment.error",
    "payments_refund.error",
    "payments_refund.reason",
}


def test_of_an_erased_person_no_table_holds_a_mark(asha, api, client):
    make_endpoint()
    live(asha, api, client)
    assert marks() == LEFT_IN
    assert set(AuditEntry.objects.values_list("model", "action")) >= {
        ("accounts.seller", "approved"),
        ("accounts.seller", "created"),
        ("accounts.user", "changed"),
        ("orders.order", "cancelled"),
        ("orders.shipment", "created"),
    }
    totals = dict(Order.objects.values_list("number", "total_amount"))
    erase_user(user_id=asha.pk)
    assert marks() == set()
    assert dict(Order.objects.values_list("number", "total_amount")) == totals
    for name in SWEEPS:
        import_string(name)()
    assert marks() == set()
    assert not [text for text in cached_texts() if any(mark in text for mark in MARKS)]


def test_an_order_under_way_keeps_its_marks_until_it_is_over(asha):
    order = make_shipped_order(user=asha, address=MARKED_ADDRESS, notes=MARK)
    guests = make_placed_order(email=EMAIL, address=MARKED_ADDRESS)
    erase_user(user_id=asha.pk)
    addressed = {
        "orders_order.shipping_address",
        "orders_order.billing_address",
        "orders_order.email",
        "orders_order.email_key",
        "orders_order.notes",
        "orders_invoice.shipping_address",
        "orders_invoice.billing_address",
        "notifications_message.recipient",
    }
    assert marks() == addressed
    advance_order(order_id=order.pk, to_status="delivered", actor=SYSTEM)
    assert marks() == addressed - {
        "orders_order.notes",
        "orders_invoice.shipping_address",
        "orders_invoice.billing_address",
    }
    cancel_order(order_id=guests.pk, actor=SYSTEM)
    assert marks() == set()


def test_of_an_erased_guest_no_table_holds_a_mark():
    make_coupon(code=None, description="Spring")
    order = make_delivered_order(email=EMAIL, address=MARKED_ADDRESS, notes=MARK)
    pay_for(order)
    gone = make_variant(on_hand=0)
    wish = {"product_id": gone.product_id, "variant_id": None}
    request_notice(**wish, email=EMAIL, user=None)
    ask_reset(recipient=EMAIL.lower())
    messages = Message.objects.count()
    assert messages > 1
    found = erase_guest(email=EMAIL, is_dry_run=True)
    assert found == {"codes": 1, "stock requests": 1, "orders": 1, "messages": 0}
    assert "orders_order.email" in marks()
    assert Message.objects.count() == messages
    assert erase_guest(email=EMAIL) == found
    assert marks() == set()
    assert erase_guest(email=EMAIL).total() == 0


def test_the_marks_of_others_stay():
    other = make_user(email="other@example.com", email_verified=True, first_name=MARK)
    make_delivered_order(user=other, address=MARKED_ADDRESS, notes=MARK)
    make_delivered_order(email="zoe@example.com", address=MARKED_ADDRESS)
    before = marks()
    erase_user(user_id=make_user(email="zoë@example.com", email_verified=True).pk)
    erase_guest(email="zo%@example.com")
    assert marks() == before
    assert Order.objects.filter(email="zoe@example.com", erased_at=None).exists()


def test_old_answers_and_sessions_are_gone_after_the_sweeps(asha):
    Session.objects.create(session_key="old", expire_date=timezone.now() - timedelta(seconds=1))
    Session.objects.create(session_key="live", expire_date=timezone.now() + timedelta(days=1))
    for name in SWEEPS:
        import_string(name)()
    assert list(Session.objects.values_list("session_key", flat=True)) == ["live"]
