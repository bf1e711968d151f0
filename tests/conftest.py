import pytest
from django.core.cache import cache
from django.utils import timezone
from rest_framework.test import APIClient

from orders.services.numbering import open_series


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
    is_marked = request.node.get_closest_marker("django_db") is not None
    if is_marked or {"db", "transactional_db"} & set(request.fixturenames):
        open_series(timezone.now())


@pytest.fixture
def api():
    """A guest's client; `api.force_authenticate(user)` makes it somebody's."""
    return APIClient()
