import pytest
from django.contrib.auth.hashers import MD5PasswordHasher
from django.test import override_settings
from rest_framework.settings import api_settings

from accounts.models import AttemptCounter, RefreshToken

from .calls import LOGIN, PROFILE, is_refused
from .factories import PASSWORD, make_user

pytestmark = pytest.mark.django_db


# Logging in


@pytest.mark.parametrize(
    "identifier",
    [
        {"email": "ASHA@Example.com "},
        {"username": "ASHA"},
        {"username": "asha@example.com"},
        {"phone": "098765 43210"},
        {"email": "asha@example.com", "username": "", "phone": None},
    ],
)
def test_anybody_logs_in_by_email_username_or_phone(api, identifier):
    user = make_user(email="asha@example.com", username="asha", phone="+919876543210")
    response = api.post(LOGIN, identifier | {"password": PASSWORD})
    assert response.status_code == 200
    assert response.data.keys() == {"user", "access", "refresh"}
    assert response.data["user"]["id"] == str(user.pk)
    assert response.data["user"].keys() == PROFILE
    user.refresh_from_db()
    assert user.last_login is not None


def test_a_wrong_password_looks_like_an_unknown_or_inactive_account(api):
    make_user(email="asha@example.com")
    make_user(email="gone@example.com", is_active=False)
    make_user(email="blank@example.com", password=None)
    answers = []
    for email, password in [
        ("asha@example.com", "wrong"),
        ("asha@example.com", PASSWORD + " "),
        ("nobody@example.com", PASSWORD),
        ("gone@example.com", PASSWORD),
        ("blank@example.com", PASSWORD),
        ("no address", PASSWORD),
    ]:
        response = api.post(LOGIN, {"email": email, "password": password})
        assert is_refused(response, 401, "authentication_failed")
        answers.append((response.data["error"], response["WWW-Authenticate"]))
    assert len(set(answers)) == 1
    assert not RefreshToken.objects.exists()


@pytest.mark.parametrize("email", ["asha", "nobody", "gone", "blank"])
def test_every_login_that_fails_costs_one_hash(api, email, monkeypatch):
    """The time tells nobody whether there is an account: hashing is nearly all of it."""
    make_user(email="asha@example.com")
    make_user(email="gone@example.com", is_active=False)
    make_user(email="blank@example.com", password=None)
    hashed, encode = [], MD5PasswordHasher.encode

    def counted(self, password, salt):
        hashed.append(password)
        return encode(self, password, salt)

    monkeypatch.setattr(MD5PasswordHasher, "encode", counted)
    response = api.post(LOGIN, {"email": f"{email}@example.com", "password": "wrong"})
    assert response.status_code == 401
    assert len(hashed) == 1


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"password": PASSWORD},
        {"email": "asha@example.com"},
        {"email": "asha@example.com", "username": "asha", "password": PASSWORD},
        {"email": {"a": 1}, "password": PASSWORD},
        {"email": "asha@example.com", "password": [PASSWORD]},
    ],
)
def test_a_login_names_one_identifier_and_a_password(api, body):
    make_user(email="asha@example.com", username="asha")
    assert is_refused(api.post(LOGIN, body), 400, "validation_error")
    assert not RefreshToken.objects.exists()


def test_five_wrong_passwords_a_minute_lock_one_address_out_and_not_the_owner(api):
    make_user(email="asha@example.com", phone="+919876543210")
    for email in ("asha@example.com", "ASHA@example.com", " asha@example.com") * 2:
        last = api.post(LOGIN, {"email": email, "password": "wrong"})
    assert is_refused(last, 429, "throttled")
    assert 1 <= int(last["Retry-After"]) <= 60
    right = {"email": "asha@example.com", "password": PASSWORD}
    assert is_refused(api.post(LOGIN, right), 429, "throttled")
    assert api.post(LOGIN, right, REMOTE_ADDR="192.0.2.9").status_code == 200


def test_right_passwords_do_not_use_up_the_limit_of_an_identifier(api):
    make_user(email="asha@example.com")
    right = {"email": "asha@example.com", "password": PASSWORD}
    assert [api.post(LOGIN, right).status_code for _ in range(8)] == [200] * 8
    wrong = right | {"password": "wrong"}
    assert [api.post(LOGIN, wrong).status_code for _ in range(6)] == [401] * 5 + [429]


def test_thirty_logins_a_minute_are_all_that_one_address_may_try(api):
    for number in range(30):
        body = {"email": f"person{number}@example.org", "password": "wrong"}
        assert api.post(LOGIN, body).status_code == 401
    make_user(email="asha@example.com")
    response = api.post(LOGIN, {"email": "asha@example.com", "password": PASSWORD})
    assert is_refused(response, 429, "throttled")


def test_a_rate_of_none_is_no_limit(api, settings):
    settings.THROTTLE_RATES = dict.fromkeys(settings.THROTTLE_RATES)
    body = {"email": "nobody@example.com", "password": "wrong"}
    assert {api.post(LOGIN, body).status_code for _ in range(35)} == {401}
    assert not AttemptCounter.objects.exists()


def proxied(api, forwarded):
    body = {"email": "nobody@example.com", "password": "wrong"}
    return api.post(LOGIN, body, HTTP_X_FORWARDED_FOR=forwarded).status_code


def test_forwarded_addresses_are_ignored_without_a_trusted_proxy(api):
    assert api_settings.NUM_PROXIES == 0
    statuses = [proxied(api, f"198.51.100.{number}") for number in range(6)]
    assert statuses == [401] * 5 + [429]


def test_behind_one_trusted_proxy_the_last_forwarded_address_is_the_clients(api, settings):
    with override_settings(REST_FRAMEWORK=settings.REST_FRAMEWORK | {"NUM_PROXIES": 1}):
        statuses = [proxied(api, f"198.51.100.{n}, 203.0.113.7") for n in range(6)]
        assert statuses == [401] * 5 + [429]
        assert proxied(api, "198.51.100.1, 203.0.113.8") == 401
