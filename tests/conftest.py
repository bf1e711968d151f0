import pytest
from django.core.cache import cache
from rest_framework.test import APIClient


@pytest.fixture(autouse=True)
def _empty_cache():
    cache.clear()


@pytest.fixture
def api():
    """A guest's client; `api.force_authenticate(user)` makes it somebody's."""
    return APIClient()
