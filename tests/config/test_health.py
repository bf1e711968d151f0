import pytest
from django.db import OperationalError

from config import health

pytestmark = [pytest.mark.urls("tests.config.probe_urls"), pytest.mark.django_db]


def test_a_process_that_answers_is_alive(client, django_assert_num_queries):
    with django_assert_num_queries(0):
        response = client.get("/health/live/")
    assert (response.status_code, response.json()) == (200, {"status": "ok"})


def test_a_shop_whose_parts_all_work_is_ready(client):
    response = client.get("/health/ready/")
    body = response.json()
    assert (response.status_code, body.pop("status")) == (200, "ok")
    assert set(body) == {"database", "cache", "broker", "migrations"}
    for part in body.values():
        assert part["status"] == "ok"
        assert part["latency_ms"] >= 0


def assert_only_this_is_down(client, name):
    response = client.get("/health/ready/")
    assert response.status_code == 503
    body = response.json()
    assert body.pop("status") == "unavailable"
    down = {part for part, state in body.items() if state["status"] != "ok"}
    assert down == {name}
    return body[name]["status"]


def test_without_a_database_it_is_not_ready_and_tells_no_addresses(client, monkeypatch):
    def fail():
        raise OperationalError("could not connect to host 10.0.0.5")

    monkeypatch.setitem(health.CHECKS, "database", fail)
    assert assert_only_this_is_down(client, "database") == "unavailable (OperationalError)"


def test_without_a_cache_it_is_not_ready(client, settings):
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.dummy.DummyCache"}}
    assert_only_this_is_down(client, "cache")


def test_without_a_broker_it_is_not_ready(client, monkeypatch):
    nobody = health.app.connection_for_write

    def elsewhere(**options):
        return nobody(url="amqp://127.0.0.1:1//", **options)

    monkeypatch.setattr(health.app, "connection_for_write", elsewhere)
    assert_only_this_is_down(client, "broker")


def test_with_migrations_to_run_it_is_not_ready(client):
    from django.db.migrations.recorder import MigrationRecorder

    MigrationRecorder.Migration.objects.filter(app="config").delete()
    assert_only_this_is_down(client, "migrations")
