"""Is the process alive, and can it do its work?"""

import time
from collections.abc import Callable
from uuid import uuid4

from django.core.cache import cache
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, JsonResponse

from .celery import app


def live(request: HttpRequest) -> JsonResponse:
    """Answer 200 as long as the process answers at all."""
    return JsonResponse({"status": "ok"})


def ready(request: HttpRequest) -> JsonResponse:
    """Answer 200 when every part works, else 503, with each part and its latency."""
    parts = {name: _measure(check) for name, check in CHECKS.items()}
    is_ready = all(part["status"] == "ok" for part in parts.values())
    body = {"status": "ok" if is_ready else "unavailable", **parts}
    return JsonResponse(body, status=200 if is_ready else 503)


def _measure(check: Callable[[], None]) -> dict[str, str | float]:
    start = time.perf_counter()
    try:
        check()
        status = "ok"
    except Exception as error:  # noqa: BLE001  a part may fail in any way; its text stays inside
        status = f"unavailable ({type(error).__name__})"
    return {"status": status, "latency_ms": round((time.perf_counter() - start) * 1000, 2)}


def _check_database() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")


def _check_cache() -> None:
    key, value = f"health-{uuid4().hex}", uuid4().hex
    cache.set(key, value, timeout=10)
    if cache.get(key) != value:
        raise ConnectionError("The cache does not keep what it was given.")
    cache.delete(key)


def check_broker() -> None:
    with app.connection_for_write(connect_timeout=2) as broker:
        broker.ensure_connection(max_retries=0, timeout=2)


def _check_migrations() -> None:
    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        raise RuntimeError("Migrations are pending.")


CHECKS = {
    "database": _check_database,
    "cache": _check_cache,
    "broker": check_broker,
    "migrations": _check_migrations,
}
