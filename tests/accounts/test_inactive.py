"""Customers who have not been here for so long that the shop forgets them."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import RefreshToken, User
from accounts.services.retention import erase_inactive_users
from accounts.services.tokens import issue_tokens
from accounts.tasks import erase_inactive_people

from .factories import make_user

pytestmark = pytest.mark.django_db

DAYS = 730


@pytest.fixture(autouse=True)
def _on(settings):
    settings.INACTIVE_ACCOUNT_DAYS = DAYS


def make_sleeper(days=DAYS + 1, seen=DAYS + 1, **fields):
    now = timezone.now()
    fields = {"date_joined": now - timedelta(days=days)} | fields
    last_login = now - timedelta(days=seen) if seen is not None else None
    return make_user(last_login=last_login, **fields)


def left():
    return set(User.objects.filter(erased_at=None))


def test_who_was_not_seen_for_so_long_is_erased_and_nobody_else():
    make_sleeper()
    make_sleeper(seen=None)
    kept = {
        make_sleeper(seen=DAYS - 1),
        make_sleeper(days=DAYS - 1, seen=None),
        make_sleeper(is_staff=True),
        make_sleeper(is_superuser=True),
        make_sleeper(is_seller=True),
        make_sleeper(email=None, external_source="Excel", external_id="17"),
    }
    assert erase_inactive_users() == 2
    assert left() == kept
    assert erase_inactive_users() == 0


def test_who_has_a_live_token_is_here():
    user = make_sleeper()
    issue_tokens(user)
    assert erase_inactive_users() == 0
    RefreshToken.objects.update(revoked_at=timezone.now())
    assert erase_inactive_users() == 1


def test_it_is_off_unless_the_shop_asks_for_it(settings):
    settings.INACTIVE_ACCOUNT_DAYS = 0
    user = make_sleeper(days=9999, seen=9999)
    erase_inactive_people()
    assert left() == {user}
