import pytest
from django.core.cache import cache
from rest_framework.test import APIClient


@pytest.fixture(autouse=True)
def _empty_cache():
    """Begin with an empty cache; on Redis, without what other test processes keep there."""
    if hasattr(cache, "delete_pattern"):
        cache.delete_pattern("*")
    else:
        cache.clear()


@pytest.fixture
def api():
    """A guest's client; `api.force_authenticate(user)` makes it somebody's."""
    return APIClient()
