"""The order of the apps, and what each kind of file may import."""

import ast
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
ORDER = ["config", "accounts", "catalog", "carts", "orders", "payments"]
LISTENERS = ["notifications", "analytics"]
APPS = [*ORDER, *LISTENERS]
# Files that join everything by their nature.
JOINTS = {"config.urls"}

HTTP = {"serializers", "permissions", "filters", "views", "webhooks", "urls"}
# What a kind of file may never import, of our own apps and of libraries.
FORBIDDEN_KINDS = {
    "errors": HTTP | {"models", "services", "selectors", "tasks", "receivers", "admin", "signals"},
    "signals": HTTP | {"models", "services", "selectors", "tasks", "receivers", "admin", "errors"},
    "models": HTTP | {"services", "selectors", "tasks", "receivers", "admin", "signals"},
    "services": HTTP | {"tasks", "receivers", "admin"},
    "selectors": HTTP | {"services", "tasks", "receivers", "admin"},
    "pricing": HTTP | {"services", "selectors", "tasks", "receivers", "admin", "signals"},
    "gateways": HTTP | {"services", "tasks", "receivers", "admin"},
    "serializers": {"views", "webhooks", "urls", "services", "tasks", "receivers", "admin"},
    "permissions": {"views", "webhooks", "urls", "services", "tasks", "receivers", "admin"},
    "filters": {"views", "webhooks", "urls", "services", "tasks", "receivers", "admin"},
    "views": {"tasks", "receivers", "admin", "urls"},
    "webhooks": {"receivers", "admin", "urls"},
    "tasks": HTTP | {"receivers", "admin"},
    "receivers": HTTP | {"admin"},
    "admin": {"views", "webhooks", "urls", "tasks", "receivers"},
}
WITHOUT_REST = {"models", "services", "selectors", "signals", "tasks", "receivers", "pricing"}
ROW_SIGNALS = {"pre_save", "post_save", "pre_delete", "post_delete", "m2m_changed"}
# What breaks a rule of the kinds for a reason.
EXCEPTIONS = {
    ("carts.serializers.carts", "carts.services.choices.Wanted"): "a service's input, no write",
    ("notifications.admin", "notifications.tasks.deliver_message"): "a person waits for the mail",
}
KINDS = set(FORBIDDEN_KINDS) | HTTP


@dataclass(frozen=True)
class Import:
    importer: str  # "orders.services.place"
    imported: str  # "catalog.services.stock.reserve_stock"


def app_of(module):
    return module.split(".")[0]


def kind_of(module):
    """Tell the kind of file that a module, or a name in it, belongs to."""
    parts = module.split(".")
    return parts[1] if len(parts) > 1 and parts[1] in KINDS else None


def imports_of(module, source, is_package=False):
    """Read every import in a module, wherever it stands; names are absolute and full."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found += [Import(module, name.name) for name in node.names]
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                above = module.split(".")
                above = above[: len(above) - node.level + is_package]
                base = ".".join([*above, base] if base else above)
            found += [Import(module, f"{base}.{name.name}") for name in node.names]
    return found


def modules():
    for app in APPS:
        for path in sorted((ROOT / app).rglob("*.py")):
            if "migrations" in path.parts:
                continue
            parts = path.relative_to(ROOT).with_suffix("").parts
            is_package = parts[-1] == "__init__"
            yield ".".join(parts[:-1] if is_package else parts), path.read_text(), is_package


def breach_of_order(found):
    """Say what is wrong with an import that goes against the order of the apps, or None."""
    mine, theirs = app_of(found.importer), app_of(found.imported)
    if theirs not in APPS or mine == theirs or found.importer in JOINTS:
        return None
    if theirs in LISTENERS:
        return f"{found.importer} imports {found.imported}: nothing imports {theirs}"
    if mine in ORDER and ORDER.index(theirs) > ORDER.index(mine):
        return f"{found.importer} imports {found.imported}: {theirs} stands to the right of {mine}"
    return None


def excepted(found):
    return (found.importer, found.imported) in EXCEPTIONS


def breach_of_kind(found):
    """Say what is wrong with an import that its kind of file may not make, or None."""
    kind = kind_of(found.importer)
    if app_of(found.importer) == "config" or kind is None or excepted(found):
        return None
    what = f"{found.importer} ({kind}) imports {found.imported}"
    if app_of(found.imported) in APPS:
        return what if kind_of(found.imported) in FORBIDDEN_KINDS.get(kind, set()) else None
    if app_of(found.imported) == "rest_framework" and kind in WITHOUT_REST:
        return what
    return None


def breach_of_signals(found):
    """Say what is wrong with listening to rows being saved, or None."""
    name = found.imported.rsplit(".", 1)[-1]
    if name in ROW_SIGNALS and found.imported.startswith("django.db.models"):
        return f"{found.importer} listens to {name}"
    return None


CHECKS = [breach_of_order, breach_of_kind, breach_of_signals]


@pytest.mark.parametrize("check", CHECKS)
def test_every_import_follows_the_rules(check):
    found = [item for module in modules() for item in imports_of(*module)]
    assert len(found) > 100
    assert [breach for item in found if (breach := check(item))] == []


def test_every_exception_is_still_needed():
    found = {(i.importer, i.imported) for module in modules() for i in imports_of(*module)}
    assert set(EXCEPTIONS) <= found


@pytest.mark.parametrize("path", sorted((ROOT / "locustfiles").glob("*.py")), ids=str)
def test_load_tests_speak_http_and_import_no_app(path):
    found = imports_of(f"locustfiles.{path.stem}", path.read_text())
    assert not [item for item in found if app_of(item.imported) in [*APPS, "django"]]


@pytest.mark.parametrize(
    ("module", "line", "check"),
    [
        ("catalog.services.stock", "from orders.models import Order", breach_of_order),
        ("catalog.services.stock", "import orders.models", breach_of_order),
        ("config.errors", "from accounts.models import User", breach_of_order),
        ("orders.services", "from notifications.models import Message", breach_of_order),
        ("analytics.receivers", "from notifications import models", breach_of_order),
        ("orders.services.place", "from ..tasks import expire", breach_of_kind),
        ("orders.services.place", "from .. import tasks", breach_of_kind),
        ("orders.services.place", "from orders.views import OrderView", breach_of_kind),
        ("orders.services.place", "from rest_framework import status", breach_of_kind),
        ("orders.models.order", "from .. import services", breach_of_kind),
        ("orders.models.order", "def f():\n    from orders.services import x", breach_of_kind),
        ("orders.serializers", "from .services.place import place_order", breach_of_kind),
        ("orders.receivers", "from django.db.models.signals import post_save", breach_of_signals),
    ],
)
def test_a_wrong_import_is_found(module, line, check):
    assert [check(item) for item in imports_of(module, line)] != [None]


@pytest.mark.parametrize(
    ("module", "line"),
    [
        ("orders.services.place", "from catalog.services.stock import reserve_stock"),
        ("orders.services.place", "from ..models import Order"),
        ("orders.views", "from .services.place import place_order"),
        ("notifications.receivers", "from orders.signals import order_placed"),
        ("config.urls", "from notifications.urls import urlpatterns"),
    ],
)
def test_a_right_import_is_not_found(module, line):
    assert [c(i) for c in CHECKS for i in imports_of(module, line) if c(i)] == []
