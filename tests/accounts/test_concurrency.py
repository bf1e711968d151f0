"""Races, with real threads and commits, and controls that lose them without their lock."""

import time
from datetime import timedelta

import pytest
from django.db.models import QuerySet
from rest_framework.test import APIClient
from rest_framework_simplejwt.tokens import RefreshToken as SignedRefreshToken

from accounts.models import Address, AttemptCounter, RefreshToken, User
from accounts.services import tokens
from accounts.services.addresses import create_address
from accounts.services.attempts import count_attempt, key_of
from accounts.services.registration import register_user
from accounts.services.tokens import TokenPair, end_all_sessions, issue_tokens, rotate_token
from config.errors import InvalidInput

from .factories import PASSWORD, make_user
from .threads import at_once

pytestmark = pytest.mark.django_db(transaction=True)

ADDRESS = {
    "full_name": "Asha Rao",
    "phone_number": "+919876543210",
    "address_line1": "12 MG Road",
    "city": "Bengaluru",
    "country": "IN",
}


@pytest.fixture
def _slow_use(monkeypatch):
    """Hold each exchange between its look and its write for a moment."""
    save = RefreshToken.save

    def slow_save(row, *args, **kwargs):
        if row.used_at:
            time.sleep(0.3)
        save(row, *args, **kwargs)

    monkeypatch.setattr(RefreshToken, "save", slow_save)


@pytest.mark.usefixtures("_slow_use")
def test_ten_parallel_refreshes_give_exactly_one_pair():
    refresh = issue_tokens(make_user()).refresh
    results = at_once(10, lambda _: rotate_token(refresh=refresh))
    assert [type(r).__name__ for r in results if not isinstance(r, TokenPair)] == (
        ["TokenNotValid"] * 9
    )
    assert RefreshToken.objects.count() == 2


@pytest.mark.usefixtures("_slow_use")
def test_without_its_locks_parallel_refreshes_give_many_pairs(monkeypatch):
    refresh = issue_tokens(make_user()).refresh
    monkeypatch.setattr(QuerySet, "select_for_update", lambda rows, **options: rows)
    # Nor a transaction: on SQLite beginning one is the lock.
    without_transaction = tokens._rotate.__wrapped__.__wrapped__
    results = at_once(10, lambda _: without_transaction(SignedRefreshToken(refresh)))
    assert sum(isinstance(r, TokenPair) for r in results) > 1


@pytest.mark.usefixtures("_slow_use")
def test_logging_out_everywhere_also_kills_what_is_being_exchanged():
    user = make_user()
    refresh = issue_tokens(user).refresh

    def exchange_or_leave(index):
        if index == 0:
            return rotate_token(refresh=refresh)
        time.sleep(0.1)  # the exchange is under way
        return end_all_sessions(user_id=user.pk)

    pair, _ = at_once(2, exchange_or_leave)
    assert isinstance(pair, TokenPair)
    assert not RefreshToken.objects.filter(revoked_at=None).exists()


def test_parallel_guesses_of_a_password_are_counted_exactly():
    make_user(email="asha@example.com")
    body = {"email": "asha@example.com", "password": "wrong"}

    def guess(_):
        return APIClient().post("/api/v1/auth/login/", body, format="json").status_code

    assert sorted(at_once(12, guess)) == [401] * 5 + [429] * 7


def test_parallel_attempts_over_the_end_of_a_window_are_counted_exactly():
    key, minute = key_of("login", "asha"), timedelta(minutes=1)
    count_attempt(key=key, limit=3, period=minute)
    AttemptCounter.objects.update(window_ends_at="2026-01-01T00:00:00Z", count=3)
    results = at_once(10, lambda _: count_attempt(key=key, limit=3, period=minute))
    assert sum(r is None for r in results) == 3
    assert AttemptCounter.objects.get().count == 3


@pytest.mark.parametrize(
    ("field", "given"),
    [
        ("email", ["Asha@Example.com", "asha@example.com"]),
        ("username", ["Asha", "asha"]),
        ("phone", ["+919876543210", "+919876543210"]),
    ],
)
def test_of_two_who_register_at_once_one_is_told_what_is_taken(field, given):
    def register(index):
        profile = {"email": f"person-{index}@example.org"} | {field: given[index]}
        return register_user(password=PASSWORD, **profile)

    results = at_once(2, register)
    (refusal,) = [r for r in results if isinstance(r, Exception)]
    assert isinstance(refusal, InvalidInput)
    assert refusal.details.keys() == {field}
    assert User.objects.count() == 1
    assert RefreshToken.objects.count() == 1


def test_of_two_who_saw_a_free_name_one_is_refused_by_the_database(monkeypatch):
    """The look before the save misses a twin; the unique key does not."""
    make_user(username="asha")
    seen = QuerySet.exists
    looks = []

    def blind_at_first(rows):
        looks.append(rows)
        return seen(rows) if len(looks) > 2 else False

    monkeypatch.setattr(QuerySet, "exists", blind_at_first)
    with pytest.raises(InvalidInput) as refusal:
        register_user(password=PASSWORD, email="twin@example.com", username="ASHA")
    assert refusal.value.details.keys() == {"username"}
    assert User.objects.count() == 1


def test_of_two_first_addresses_saved_at_once_one_is_the_default():
    user = make_user()
    results = at_once(4, lambda _: create_address(user_id=user.pk, **ADDRESS))
    assert all(isinstance(r, Address) for r in results)
    assert Address.objects.exclude(default_of=None).count() == 1


def test_logins_of_one_user_at_once_all_succeed():
    make_user(email="asha@example.com")
    body = {"email": "asha@example.com", "password": PASSWORD}

    def log_in(_):
        return APIClient().post("/api/v1/auth/login/", body, format="json").status_code

    # As many as may be under way at once before any of them is known to be right.
    assert at_once(5, log_in) == [200] * 5
    assert AttemptCounter.objects.order_by("count").first().count == 0
