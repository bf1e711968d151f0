import pytest
from django.core.cache import cache
from django.db import connection
from django.utils import timezone
from rest_framework.test import APIClient

from orders.services.numbering import open_series


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup, django_db_blocker):
    """Let tests that commit be cleaned up: SQLite empties the audit trail by DELETE, too."""
    if connection.vendor == "sqlite":
        with django_db_blocker.unblock(), connection.cursor() as cursor:
            cursor.execute("DROP TRIGGER audit_no_delete")


@pytest.fixture(autouse=True)
def _empty_cache():
    """Begin with an empty cache; on Redis, without what other test processes keep there."""
    if hasattr(cache, "delete_pattern"):
        cache.delete_pattern("*")
    else:
        cache.clear()


@pytest.fixture(autouse=True)
def _open_number_series(request):
    """Begin as beat leaves a shop; within a test's own transaction nothing can be repeated."""
    fixtures = {"transactional_db", "db"} & set(request.fixturenames)
    if fixtures:
        request.getfixturevalue(max(fixtures))  # both are there where one asks for the other
    if fixtures or request.node.get_closest_marker("django_db"):
        open_series(timezone.now())


@pytest.fixture
def api():
    """A guest's client; `api.force_authenticate(user)` makes it somebody's."""
    return APIClient()
