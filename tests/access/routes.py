"""Reads the routes of the API and the lines of a table about them."""

import re

from django.urls import URLResolver, get_resolver

METHODS = ("get", "post", "put", "patch", "delete")


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
        return [method for method in METHODS if method in actions]  # "head" joins them later
    view = getattr(callback, "view_class", None) or getattr(callback, "cls", None)
    allowed = getattr(view, "http_method_names", [])
    return [method for method in METHODS if method in allowed and hasattr(view, method)]


def rows_of(table, roles):
    """Yield (method, route, {role: status}) of every line."""
    for line in table.strip().splitlines():
        if line.startswith("#") or not line.strip():
            continue
        method, route, *statuses = line.split()
        assert len(statuses) == len(roles), f"{method} {route} needs {len(roles)} statuses"
        yield method, route, dict(zip(roles, statuses, strict=True))


def missing_from(table, roles, routes):
    """Return what the table leaves out, and what it names that does not exist."""
    written = [(method, route) for method, route, _ in rows_of(table, roles)]
    assert len(written) == len(set(written)), "a line stands in the table twice"
    return sorted(set(routes) - set(written)), sorted(set(written) - set(routes))


def api_routes():
    api = [p for p in get_resolver().url_patterns if str(p.pattern) == "api/v1/"]
    return list(routes_of(api[0].url_patterns))
