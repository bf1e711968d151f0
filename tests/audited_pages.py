"""What staff write in the admin: on which page, how, and which entries of the trail it makes."""

from django.contrib.auth.models import Group
from django.urls import reverse

from accounts.models import Authenticator
from catalog.models import Collection, SuggestedQuery, Tag
from catalog.services.queries import _key_of
from notifications.models import Message
from payments.models import EventState, GatewayEvent, Payment
from tests.access.world import a_return, an_alert
from tests.accounts.factories import make_user
from tests.audited_writes import a_delivery, cash
from tests.carts.factories import make_coupon, make_method, make_tax_rate
from tests.catalog.factories import make_category, make_review, make_seller, make_variant
from tests.catalog.test_admin import form_of
from tests.notifications.factories import make_endpoint
from tests.orders.factories import make_paid_order, make_placed_order

DIALOG = {"_form_submitted": "on"}


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


def a_suggestion(**fields):
    fitting = {"key": _key_of("red mug"), "text": "red mug", "times": 9}
    return SuggestedQuery.objects.create(**fitting | fields)


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
        lambda client, row: client.post(page_of(row, "send-again"), DIALOG),
        [("notifications.message", "sent_again")],
    ),
    "mails again": (
        a_message,
        lambda client, row: act(client, "notifications.Message", "try_again", row),
        [("notifications.message", "sent_again")],
    ),
    "erase": (
        a_user,
        lambda client, row: client.post(page_of(row, "erase"), DIALOG | {"word": "erase"}),
        [("accounts.user", "erased")],
    ),
    "approve a seller": (
        lambda: make_seller(status="pending"),
        lambda client, row: client.post(page_of(row, "approve"), DIALOG),
        [("accounts.seller", "approved"), ("accounts.user", "changed")],
    ),
    "suspend a seller": (
        make_seller,
        lambda client, row: client.post(page_of(row, "suspend"), DIALOG),
        [("accounts.seller", "suspended"), ("accounts.user", "changed")],
    ),
    "block a text": (
        a_suggestion,
        lambda client, row: act(client, "catalog.SuggestedQuery", "block", row),
        [("catalog.suggestedquery", "blocked")],
    ),
    "unblock a text": (
        lambda: a_suggestion(is_blocked=True),
        lambda client, row: act(client, "catalog.SuggestedQuery", "unblock", row),
        [("catalog.suggestedquery", "unblocked")],
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
    "catalog.SearchedQuery",
    "catalog.StockAlert",
    "catalog.StockMovement",
    "catalog.StockRequest",
    "catalog.SuggestedQuery",
    "catalog.Variant",
    "notifications.EventRecord",
    "notifications.MailTemplate",
    "notifications.Message",
    "notifications.WebhookDelivery",
    "orders.CancellationDocument",
    "orders.ReturnRequest",
    "payments.GatewayEvent",
    "payments.Payment",
    "payments.PaymentToCheck",
    "payments.Refund",
}

# Buttons of the admin: those whose service is tried above or in the API's table, and others.
AUDITED_BUTTONS = {
    "accounts.User": {"erase", "turn_two_factor_off"},
    "accounts.Seller": {"approve", "suspend"},
    "auth.Group": {"delete_selected"},
    "carts.Coupon": {"delete_selected"},
    "carts.ShippingZone": {"delete_selected"},
    "carts.TaxRate": {"delete_selected"},
    "catalog.Category": {"delete_selected"},
    "catalog.Collection": {"delete_selected"},
    "catalog.Product": {
        *("activate", "deactivate", "delete_selected"),
        *("feature", "restore", "unfeature"),
    },
    "catalog.Review": {"approve", "delete_selected", "withdraw"},
    "catalog.SearchedQuery": {"block"},
    "catalog.StockAlert": {"acknowledge"},
    "catalog.SuggestedQuery": {"block", "unblock"},
    "catalog.Tag": {"delete_selected"},
    "notifications.Message": {"send_again", "try_again"},
    "notifications.WebhookDelivery": {"send_again"},
    "notifications.WebhookEndpoint": {"delete_selected", "rotate_secret", "send_again"},
    "orders.Order": {"cancel", "mark_delivered", "mark_processing", "ship", "ship_what_is_left"},
    "orders.ReturnRequest": {"approve", "reject"},
    "payments.GatewayEvent": {"handle_once_more", "queue_once_more"},
    "payments.Payment": {"ask", "refund", "seen"},
    "payments.PaymentToCheck": {"ask", "seen"},
}
WRITES_NOTHING = {
    ("notifications.WebhookEndpoint", "send_test"),
    ("orders.Order", "invoice"),
}
