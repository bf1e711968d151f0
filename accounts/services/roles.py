"""The roles of staff: groups that hold Django's permissions, which API and admin both ask for."""

from collections import Counter

from django.contrib.auth.models import Group, Permission
from django.db import transaction

from config.transactions import retried

# Of each role, app by app: a model and what may be done with its rows.
_ALL = "view add change delete"
ROLES: dict[str, dict[str, str]] = {
    "catalog manager": {
        "accounts.seller": "view change",
        "catalog.category": _ALL,
        "catalog.collection": _ALL,
        "catalog.product": _ALL,
        "catalog.productimage": _ALL,
        "catalog.review": "view change delete",
        "catalog.searchedquery": "view",
        "catalog.stock": "view",
        "catalog.stockalert": "view change",
        "catalog.stockmovement": "view add",
        "catalog.stockrequest": "view",
        "catalog.suggestedquery": "view change",
        "catalog.tag": _ALL,
        "catalog.variant": _ALL,
    },
    "order manager": {
        "accounts.user": "view",
        "carts.cart": "view",
        "carts.coupon": _ALL,
        "carts.couponuse": "view",
        "carts.shippingzone": "view",
        "carts.shippingmethod": "view",
        "carts.taxrate": "view",
        "catalog.product": "view",
        "catalog.stock": "view",
        "catalog.stockmovement": "view",
        "catalog.variant": "view",
        "notifications.message": "view change",  # change: send again
        "orders.cancellationdocument": "view",
        "orders.order": "view change",
        "payments.payment": "view change",
        "payments.refund": "view add",
    },
    # Sees what customers ask about, and moves neither goods nor money.
    "support": {
        "accounts.seller": "view",
        "accounts.user": "view",
        "carts.cart": "view",
        "carts.coupon": "view",
        "carts.couponuse": "view",
        "catalog.product": "view",
        "catalog.review": "view change",
        "catalog.stock": "view",
        "catalog.stockrequest": "view",
        "catalog.variant": "view",
        "notifications.message": "view",
        "orders.cancellationdocument": "view",
        "orders.order": "view",
        "payments.payment": "view",
        "payments.refund": "view",
    },
    # Figures and lists; of people only what their orders tell.
    "analyst": {
        "accounts.seller": "view",
        "carts.coupon": "view",
        "carts.couponuse": "view",
        "catalog.category": "view",
        "catalog.collection": "view",
        "catalog.product": "view",
        "catalog.review": "view",
        "catalog.searchedquery": "view",
        "catalog.stock": "view",
        "catalog.stockalert": "view",
        "catalog.stockmovement": "view",
        "catalog.suggestedquery": "view",
        "catalog.tag": "view",
        "catalog.variant": "view",
        "orders.cancellationdocument": "view",
        "orders.order": "view",
    },
}


@retried
@transaction.atomic
def create_roles() -> Counter[str]:
    """Make the groups that are missing and give each the rights it lacks; return how many.

    Rights that a shop gave to a group besides stay with it.
    """
    added: Counter[str] = Counter()
    known = _known_permissions()
    for name, rights in ROLES.items():
        group, _ = Group.objects.get_or_create(name=name)
        wanted = {known[key] for key in keys_of(rights)}
        missing = wanted - set(group.permissions.values_list("pk", flat=True))
        group.permissions.add(*missing)
        added[name] = len(missing)
    return added


def keys_of(rights: dict[str, str]) -> list[str]:
    """Write rights as permissions, such as `catalog.change_product`."""
    return [
        f"{app}.{action}_{model}"
        for label, actions in rights.items()
        for app, model in [label.split(".")]
        for action in actions.split()
    ]


def _known_permissions() -> dict[str, int]:
    rows = Permission.objects.values_list("content_type__app_label", "codename", "pk")
    return {f"{app}.{codename}": pk for app, codename, pk in rows}
