import pytest
from rest_framework.test import APIClient

from tests.accounts.factories import make_user


@pytest.fixture
def user_api():
    client = APIClient()
    client.user = make_user()
    client.force_authenticate(client.user)
    return client
