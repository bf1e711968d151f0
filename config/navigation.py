"""The menu of the staff screens, and what their first page asks staff to look at."""

from typing import Any

from django.apps import apps
from django.contrib.admin import site
from django.http import HttpRequest
from django.urls import reverse

# Under each heading: the rows of a model, a symbol, and another name where one says more.
_SECTIONS: dict[str, list[tuple[str, str, str]]] = {
    "Sales": [
        ("orders.Order", "shopping_bag", ""),
        ("orders.ReturnRequest", "assignment_return", ""),
        ("payments.Payment", "payments", ""),
        ("payments.PaymentToCheck", "person_alert", ""),
        ("payments.Refund", "currency_exchange", ""),
        ("carts.Cart", "shopping_cart", ""),
        ("orders.CancellationDocument", "history", "Imported cancellations"),
    ],
    "Catalogue": [
        ("catalog.Product", "inventory_2", ""),
        ("catalog.Variant", "style", "Variants and stock"),
        ("catalog.StockMovement", "swap_vert", ""),
        ("catalog.StockRequest", "notifications", "Waiting for stock"),
        ("catalog.Review", "reviews", ""),
        ("catalog.StockAlert", "production_quantity_limits", "Low stock"),
        ("catalog.Category", "account_tree", ""),
        ("catalog.Collection", "collections_bookmark", ""),
        ("catalog.Tag", "sell", ""),
        ("catalog.SearchedQuery", "search", ""),
        ("catalog.SuggestedQuery", "manage_search", ""),
    ],
    "Prices and delivery": [
        ("carts.Coupon", "percent", ""),
        ("carts.CouponUse", "confirmation_number", ""),
        ("carts.ShippingZone", "local_shipping", "Shipping zones and methods"),
        ("carts.TaxRate", "account_balance", ""),
    ],
    "People": [
        ("accounts.User", "person", ""),
        ("accounts.Seller", "storefront", ""),
        ("auth.Group", "group", "Groups and rights"),
        ("accounts.AuditEntry", "history_edu", "Audit trail"),
    ],
    "Behind the scenes": [
        ("notifications.Message", "mail", "Mails"),
        ("notifications.MailTemplate", "draft", ""),
        ("payments.GatewayEvent", "webhook", ""),
        ("notifications.EventRecord", "list_alt", ""),
        ("notifications.WebhookEndpoint", "output", ""),
        ("notifications.WebhookDelivery", "send", ""),
    ],
}

# What waits for somebody: a model, what is said of its rows, and which rows these are.
_WAITING: list[tuple[str, str, dict[str, Any]]] = [
    ("orders.Order", "orders to get ready", {"status__exact": "confirmed"}),
    ("orders.Order", "orders to ship", {"status__exact": "processing"}),
    ("orders.ReturnRequest", "returns to decide", {"status__exact": "requested"}),
    ("payments.PaymentToCheck", "payments need a person", {}),
    ("payments.Refund", "refunds failed", {"status__exact": "failed"}),
    ("payments.GatewayEvent", "gateway events failed", {"status__exact": "failed"}),
    ("payments.GatewayEvent", "gateway events refused", {"status__exact": "refused"}),
    (
        "catalog.StockAlert",
        "alerts of low stock",
        {"open_for__isnull": False, "acknowledged_at__isnull": True},
    ),
    ("notifications.Message", "mails were given up", {"status__exact": "given_up"}),
    (
        "notifications.WebhookEndpoint",
        "webhook endpoints were switched off",
        {"switched_off_at__isnull": False},
    ),
    ("accounts.Seller", "sellers wait for approval", {"status__exact": "pending"}),
]


def sidebar(request: HttpRequest) -> list[dict[str, Any]]:
    """Group the screens that this person may see by what they are about."""
    sections = []
    for title, rows in _SECTIONS.items():
        items = [_item(*row) for row in rows if _may_see(request, row[0])]
        if items:
            sections.append({"title": title, "separator": True, "items": items})
    return sections


def index(request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    """Count what waits for somebody; nothing that this person may not see."""
    waiting = []
    for label, text, query in _WAITING:
        if _may_see(request, label):
            count = _count(request, label, query)
            address = reverse(_name(label), query=query)
            waiting.append({"count": count, "text": text, "address": address})
    return context | {"waiting": waiting}


def _count(request: HttpRequest, label: str, query: dict[str, Any]) -> int:
    rows = site.get_model_admin(apps.get_model(label)).get_queryset(request)
    return rows.filter(**query).count()


def _item(label: str, icon: str, title: str) -> dict[str, Any]:
    name = title or apps.get_model(label)._meta.verbose_name_plural.capitalize()
    return {"title": name, "icon": icon, "link": reverse(_name(label))}


def _may_see(request: HttpRequest, label: str) -> bool:
    model = apps.get_model(label)
    return site.get_model_admin(model).has_view_permission(request)


def _name(label: str) -> str:
    return f"admin:{label.replace('.', '_').lower()}_changelist"
