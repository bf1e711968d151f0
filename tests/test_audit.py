"""Completeness of the audit trail: each write of staff by the API makes the entries it should."""

import pytest
from rest_framework.test import APIClient

from accounts.models import AuditEntry
from tests.access.routes import api_routes
from tests.access.world import address_of, make_world
from tests.audited_writes import NOT_AUDITED, NOT_AUDITED_ALONE, WRITES


@pytest.fixture
def world(db):
    return make_world()


def reason_of(method, route):
    found = next((why for start, why in NOT_AUDITED.items() if route.startswith(start)), None)
    return NOT_AUDITED_ALONE.get((method, route), found)


def write_routes():
    return [(method, route) for method, route in api_routes() if method != "GET"]


def unexplained(routes):
    """Return the writes that neither have an entry in the trail nor a reason for having none."""
    return [pair for pair in routes if pair not in WRITES and not reason_of(*pair)]


def test_every_write_of_the_api_is_in_the_trail_or_has_a_reason():
    assert unexplained(write_routes()) == []
    assert sorted(set(WRITES) - set(write_routes())) == []


def test_a_new_write_of_staff_is_found():
    assert unexplained([("POST", "gift-cards/"), ("POST", "cart/add/")]) == [
        ("POST", "gift-cards/")
    ]


@pytest.mark.parametrize(
    ("method", "route"), [pytest.param(*pair, id=" ".join(pair)) for pair in WRITES]
)
def test_a_write_of_staff_makes_its_entries(world, settings, method, route):
    settings.WEBHOOK_ALLOWED_HOSTS = ["93.184.215.14"]
    send, expected = WRITES[method, route]
    body = send(world) if send else {}
    address, body = body if isinstance(body, tuple) else (address_of(route, world), body)
    client = APIClient()
    client.force_authenticate(world.admin)
    is_file = any(hasattr(value, "read") for value in body.values())
    answer = getattr(client, method.lower())(
        f"/api/v1/{address.removeprefix('/api/v1/')}",
        body,
        format="multipart" if is_file else "json",
        headers={"X-Request-ID": "req-7"},
    )
    assert 200 <= answer.status_code < 300, answer.content
    entries = list(AuditEntry.objects.order_by("pk"))
    assert sorted((each.model, each.action) for each in entries) == sorted(expected)
    for each in entries:
        assert (each.actor, each.source, each.request_id) == (world.admin, "api", "req-7")
        assert each.object_id not in ("", "None")


@pytest.mark.parametrize(
    ("method", "route"), [pytest.param(*pair, id=" ".join(pair)) for pair in write_routes()]
)
def test_a_refused_write_leaves_no_entry(world, method, route):
    client = APIClient()
    client.force_authenticate(world.staff)  # staff without any permission
    answer = getattr(client, method.lower())(address_of(route, world), {})
    if answer.status_code >= 400:
        assert not AuditEntry.objects.exists()
    else:
        assert reason_of(method, route) or "users/me" in route
