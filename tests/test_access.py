"""Who may call what: one line for each route and method, one column for each role.

A line holds the status of the call with the body that BODIES gives for it, or with an empty one
(so that 400 means "allowed, but the body is empty"). `owner` owns every object of the world;
`other` is a customer who owns nothing; `staff` has no permissions; `admin` has all. A "-" leaves
a role out. `{name}` in a route is looked up in OBJECTS by "<first word of the route>.{name}",
then by name alone.
"""

import re
from importlib import import_module
from types import SimpleNamespace

import pytest
from django.urls import URLResolver, get_resolver
from rest_framework.test import APIClient

from tests.accounts.factories import make_staff, make_user

ROLES = ["guest", "owner", "other", "staff", "admin"]

TABLE = """
# method route                              guest owner other staff admin
"""

# What stands for a name in a route: a function of the world.
OBJECTS = {}

# What is sent with a call: a function of the world.
BODIES = {}

METHODS = ("get", "post", "put", "patch", "delete")


@pytest.fixture
def world(db):
    """The people, and what `owner` owns; a test makes its own."""
    return SimpleNamespace(
        guest=None,
        owner=make_user(),
        other=make_user(),
        staff=make_user(is_staff=True),
        admin=make_staff(),
    )


def routes_of(patterns, prefix=""):
    """Yield (method, route) of every REST view; parameters of routes read `{name}`."""
    for pattern in patterns:
        route = prefix + readable(str(pattern.pattern))
        if isinstance(pattern, URLResolver):
            yield from routes_of(pattern.url_patterns, route)
            continue
        for method in methods_of(pattern.callback):
            yield method.upper(), route


def readable(route):
    route = re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", re.sub(r"\(\?P<(\w+)>[^)]*\)", r"{\1}", route))
    return route.strip("^$").replace("\\Z", "").replace("\\.", ".")


def methods_of(callback):
    if actions := getattr(callback, "actions", None):
        return sorted(actions)
    view = getattr(callback, "view_class", None) or getattr(callback, "cls", None)
    return [method for method in METHODS if hasattr(view, method)] if view else []


def rows_of(table):
    for line in table.strip().splitlines():
        if line.startswith("#") or not line.strip():
            continue
        method, route, *statuses = line.split()
        assert len(statuses) == len(ROLES), f"{method} {route} needs {len(ROLES)} statuses"
        yield method, route, dict(zip(ROLES, statuses, strict=True))


def missing_from(table, routes):
    """Return what the table leaves out, and what it names that does not exist."""
    written = [(method, route) for method, route, _ in rows_of(table)]
    assert len(written) == len(set(written)), "a line stands in the table twice"
    return sorted(set(routes) - set(written)), sorted(set(written) - set(routes))


def api_routes():
    api = [p for p in get_resolver().url_patterns if str(p.pattern) == "api/v1/"]
    return list(routes_of(api[0].url_patterns))


def address_of(route, world):
    def value(match):
        name = match[1]
        key = f"{route.split('/')[0]}.{name}"
        return str((OBJECTS.get(key) or OBJECTS[name])(world))

    return "/api/v1/" + re.sub(r"\{(\w+)\}", value, route)


def test_every_route_and_method_stands_in_the_table():
    assert missing_from(TABLE, api_routes()) == ([], [])


@pytest.mark.parametrize(
    ("method", "route", "role", "status"),
    [
        pytest.param(method, route, role, int(status), id=f"{method} {route} {role}")
        for method, route, statuses in rows_of(TABLE)
        for role, status in statuses.items()
        if status != "-"
    ],
)
def test_a_role_gets_the_status_of_the_table(world, method, route, role, status):
    client = APIClient()
    if user := getattr(world, role):
        client.force_authenticate(user)
    body = BODIES.get((method, route), lambda world: {})(world)
    response = getattr(client, method.lower())(address_of(route, world), body)
    assert response.status_code == status, response.content


def test_a_route_that_is_left_out_is_found():
    probe = import_module("tests.config.probe_urls").urlpatterns
    routes = list(routes_of(probe))
    assert ("GET", "api/v1/echo/") in routes
    assert ("POST", "api/v1/echo/") in routes
    table = "GET api/v1/echo/ 200 200 200 200 200\nGET api/v1/gone/ 200 200 200 200 200"
    left_out, unknown = missing_from(table, routes)
    assert ("POST", "api/v1/echo/") in left_out
    assert ("GET", "api/v1/echo/") not in left_out
    assert unknown == [("GET", "api/v1/gone/")]


def test_parameters_of_routes_read_as_names():
    assert readable("products/<slug:product>/images/<int:pk>/") == "products/{product}/images/{pk}/"
    assert readable(r"^orders/(?P<pk>[^/.]+)/$") == "orders/{pk}/"
