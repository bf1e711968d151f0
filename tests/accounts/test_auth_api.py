import json
from datetime import timedelta
from uuid import uuid4

import pytest
from django.contrib.auth.hashers import MD5PasswordHasher
from django.test import override_settings
from rest_framework.settings import api_settings
from rest_framework_simplejwt.tokens import AccessToken, UntypedToken

from accounts.models import AttemptCounter, RefreshToken, User
from accounts.services.email_verification import make_email_token
from accounts.services.tokens import issue_tokens
from accounts.signals import cart_claimed

from .factories import PASSWORD, make_user, sign_in

pytestmark = pytest.mark.django_db

REGISTER, LOGIN, ME = "/api/v1/auth/register/", "/api/v1/auth/login/", "/api/v1/users/me/"
PROFILE = {
    "id",
    "email",
    "username",
    "phone",
    "first_name",
    "last_name",
    "date_of_birth",
    "membership",
    "role",
    "email_verified",
    "phone_verified",
    "two_factor_enabled",
    "language",
    "groups",
    "seller",
    "date_joined",
}


@pytest.fixture
def claims():
    """The carts that were handed over, as (user_id, cart_ids)."""
    found = []

    def receive(sender, user_id, cart_ids, **kwargs):
        found.append((user_id, cart_ids))

    cart_claimed.connect(receive)
    yield found
    cart_claimed.disconnect(receive)


def is_refused(response, status, code):
    assert (response.status_code, response.data["code"]) == (status, code)
    assert ("WWW-Authenticate" in response) == (status == 401)
    return True


# Registering


def test_registering_logs_in_and_says_where_the_profile_is(api):
    body = {
        "email": "Asha@example.com",
        "username": "asha",
        "phone": "98765 43210",
        "password": PASSWORD,
        "first_name": "Asha",
        "date_of_birth": "1990-01-31",
    }
    response = api.post(REGISTER, body)
    assert response.status_code == 201
    assert response["Location"] == ME
    assert response.data.keys() == {"user", "access", "refresh"}
    profile = response.data["user"]
    assert profile.keys() == PROFILE
    assert profile["email"] == "Asha@example.com"
    assert profile["phone"] == "+919876543210"
    assert (profile["role"], profile["membership"]) == ("customer", "bronze")
    assert (profile["email_verified"], profile["two_factor_enabled"]) == (False, False)
    assert (profile["seller"], profile["groups"]) == (None, [])
    api.credentials(HTTP_AUTHORIZATION=f"Bearer {response.data['access']}")
    assert api.get(ME).data == profile


def test_a_phone_is_enough_to_register(api):
    response = api.post(REGISTER, {"phone": "+14155550123", "password": PASSWORD})
    assert response.status_code == 201
    assert response.data["user"]["email"] is None


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"email": ""}, "email"),
        ({"email": "no address"}, "email"),
        ({"email": f"{'a' * 250}@example.com"}, "email"),
        ({"email": ["a@b.co"]}, "email"),
        ({"phone": "12345"}, "phone"),
        ({"username": "a@b"}, "username"),
        ({"username": "12345"}, "username"),
        ({"username": "x" * 151}, "username"),
        ({"first_name": "x" * 151}, "first_name"),
        ({"date_of_birth": "2999-01-01"}, "date_of_birth"),
        ({"date_of_birth": "31.01.1990"}, "date_of_birth"),
        ({"password": "short"}, "password"),
        ({"password": "12345678901"}, "password"),
        ({"password": "password123"}, "password"),
        ({"password": "asha.rao@example"}, "password"),
        ({"password": "x" * 129}, "password"),
        ({"password": None}, "password"),
    ],
)
def test_a_profile_that_cannot_be_right_is_refused_on_its_field(api, changes, field):
    body = {"email": "asha.rao@example.com", "password": PASSWORD} | changes
    response = api.post(REGISTER, body)
    assert is_refused(response, 400, "validation_error")
    assert response.data["details"].keys() == {field}
    assert not User.objects.exists()
    assert not AttemptCounter.objects.exists()


def test_a_taken_email_is_refused_without_regard_to_case(api):
    make_user(email="asha@example.com")
    response = api.post(REGISTER, {"email": "ASHA@example.com", "password": PASSWORD})
    assert is_refused(response, 400, "validation_error")
    assert response.data["details"].keys() == {"email"}
    assert User.objects.count() == 1


@pytest.mark.parametrize("path", [REGISTER, LOGIN, "/api/v1/auth/token/refresh/"])
@pytest.mark.parametrize("body", ["[]", '"text"', "null", "17", "{"])
def test_a_body_that_is_no_object_is_refused(api, path, body):
    response = api.generic("POST", path, body, content_type="application/json")
    assert response.status_code == 400
    assert not User.objects.exists()


@pytest.mark.parametrize("path", [REGISTER, LOGIN])
@pytest.mark.parametrize("field", ["email", "username", "phone"])
def test_half_a_character_is_refused(api, path, field):
    body = json.dumps({field: "a\ud800", "password": PASSWORD})
    response = api.generic("POST", path, body, content_type="application/json")
    assert is_refused(response, 400, "parse_error")
    assert not User.objects.exists()


def test_ten_may_register_in_an_hour_from_one_address(api):
    for number in range(10):
        body = {"email": f"person{number}@example.org", "password": PASSWORD}
        assert api.post(REGISTER, body).status_code == 201
    response = api.post(REGISTER, {"email": "one@more.org", "password": PASSWORD})
    assert is_refused(response, 429, "throttled")
    assert 3500 < int(response["Retry-After"]) <= 3600
    assert User.objects.count() == 10
    elsewhere = {"REMOTE_ADDR": "192.0.2.9"}
    body = {"email": "one@more.org", "password": PASSWORD}
    assert api.post(REGISTER, body, **elsewhere).status_code == 201


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


# The guest's cart


@pytest.mark.parametrize("path", [REGISTER, LOGIN])
def test_a_guest_cart_named_in_body_header_or_cookie_is_claimed(api, claims, path):
    body = {"email": "asha@example.com", "password": PASSWORD}
    first, second, third = uuid4(), uuid4(), uuid4()
    if path == LOGIN:
        make_user(email="asha@example.com")
    headers = {"HTTP_X_CART_ID": str(second)}
    api.cookies["cart_id"] = str(third)
    assert api.post(path, body | {"cart_id": str(first)}, **headers).status_code < 300
    api.post(LOGIN, body | {"cart_id": "rubbish"}, **headers)
    api.post(LOGIN, body)
    assert [ids for _, ids in claims] == [(first, second, third), (second, third), (third,)]
    assert {user for user, _ in claims} == {User.objects.get().pk}


@pytest.mark.parametrize("rubbish", ["", "abc", None, {"a": 1}, [], 1.5])
def test_what_is_no_cart_id_is_ignored(api, claims, rubbish):
    make_user(email="asha@example.com")
    body = {"email": "asha@example.com", "password": PASSWORD, "cart_id": rubbish}
    assert api.post(LOGIN, body, HTTP_X_CART_ID="x").status_code == 200
    assert claims == []


# Tokens


@pytest.mark.parametrize("scheme", ["Bearer", "JWT"])
def test_both_schemes_are_accepted(api, scheme):
    user = make_user()
    api.credentials(HTTP_AUTHORIZATION=f"{scheme} {issue_tokens(user).access}")
    assert api.get(ME).data["id"] == str(user.pk)


def bad_tokens():
    user = make_user()
    expired, nobody = AccessToken.for_user(user), AccessToken.for_user(user)
    expired.set_exp(lifetime=timedelta(seconds=-1))
    nobody["user_id"] = "17"
    number = AccessToken.for_user(user)
    number["user_id"] = 2**200
    listed = AccessToken.for_user(user)
    listed["user_id"] = ["a", {"b": 1}]
    gone = AccessToken.for_user(User(pk=uuid4()))
    untyped = UntypedToken()
    inactive = issue_tokens(make_user(is_active=False)).access
    refresh = issue_tokens(user).refresh
    tokens = (expired, nobody, number, listed, gone, untyped, AccessToken())
    return [str(t) for t in tokens] + [inactive, refresh, "garbage", "é", "two words", ""]


@pytest.mark.parametrize("path", [ME, "/api/v1/addresses/"])
def test_a_bad_token_is_401_token_not_valid(api, path):
    for token in bad_tokens():
        api.credentials(HTTP_AUTHORIZATION=f"Bearer {token}")
        assert is_refused(api.get(path), 401, "token_not_valid"), token


def test_calls_for_any_refuse_a_bad_token_but_those_that_ignore_the_header(api):
    user = make_user(email="asha@example.com")
    refresh, token = issue_tokens(user).refresh, make_email_token(user)
    api.credentials(HTTP_AUTHORIZATION="Bearer garbage")
    response = api.post("/api/v1/auth/email/verify/", {"token": token})
    assert is_refused(response, 401, "token_not_valid")
    login = {"email": "asha@example.com", "password": PASSWORD}
    assert api.post(LOGIN, login).status_code == 200
    assert api.post("/api/v1/auth/token/verify/", {"token": refresh}).status_code == 200
    assert api.post("/api/v1/auth/token/refresh/", {"refresh": refresh}).status_code == 200
    body = {"email": "ravi@example.com", "password": PASSWORD}
    assert api.post(REGISTER, body).status_code == 201


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("post", "/api/v1/auth/logout/"),
        ("post", "/api/v1/auth/logout-all/"),
        ("post", "/api/v1/auth/email/resend/"),
        ("post", "/api/v1/auth/password/change/"),
        ("get", ME),
        ("patch", ME),
        ("delete", ME),
        ("get", "/api/v1/addresses/"),
        ("post", "/api/v1/addresses/"),
    ],
)
def test_a_guest_is_asked_to_log_in(api, method, path):
    assert is_refused(getattr(api, method)(path), 401, "not_authenticated")


def test_refreshing_answers_a_new_pair_and_refuses_the_old_one(api):
    first = issue_tokens(make_user())
    path = "/api/v1/auth/token/refresh/"
    response = api.post(path, {"refresh": first.refresh})
    assert (response.status_code, response.data.keys()) == (200, {"access", "refresh"})
    assert is_refused(api.post(path, {"refresh": first.refresh}), 401, "token_not_valid")
    assert is_refused(api.post(path, {"refresh": "garbage"}), 401, "token_not_valid")
    assert is_refused(api.post(path, {}), 400, "validation_error")
    api.credentials(HTTP_AUTHORIZATION=f"Bearer {response.data['access']}")
    assert api.get(ME).status_code == 200


def test_verifying_a_token_answers_an_empty_object_or_401(api):
    pair = issue_tokens(make_user())
    path = "/api/v1/auth/token/verify/"
    for token in (pair.access, pair.refresh):
        response = api.post(path, {"token": token})
        assert (response.status_code, response.data) == (200, {})
    assert is_refused(api.post(path, {"token": "garbage"}), 401, "token_not_valid")
    assert is_refused(api.post(path, {}), 400, "validation_error")


def test_logging_out_ends_the_session_of_the_token(api):
    user = make_user()
    pair = sign_in(api, user)
    other = issue_tokens(make_user())
    path = "/api/v1/auth/logout/"
    assert is_refused(api.post(path, {"refresh": other.refresh}), 401, "token_not_valid")
    assert not RefreshToken.objects.exclude(revoked_at=None).exists()
    assert api.post(path, {"refresh": pair.refresh}).status_code == 204
    response = api.post("/api/v1/auth/token/refresh/", {"refresh": pair.refresh})
    assert is_refused(response, 401, "token_not_valid")
    assert api.post(path, {"refresh": pair.refresh}).status_code == 204
    assert is_refused(api.post(path, {}), 400, "validation_error")


def test_logging_out_everywhere_ends_every_session(api):
    user = make_user()
    pairs = [sign_in(api, user), sign_in(api, user)]
    assert api.post("/api/v1/auth/logout-all/").status_code == 204
    for pair in pairs:
        response = api.post("/api/v1/auth/token/refresh/", {"refresh": pair.refresh})
        assert is_refused(response, 401, "token_not_valid")


# E-mail verification


def test_an_email_is_verified_by_its_link(api):
    user = make_user()
    path = "/api/v1/auth/email/verify/"
    response = api.post(path, {"token": "garbage"})
    assert is_refused(response, 400, "validation_error")
    assert response.data["details"].keys() == {"token"}
    assert api.post(path, {"token": make_email_token(user)}).status_code == 204
    user.refresh_from_db()
    assert user.email_verified


def test_the_link_is_sent_again_five_times_an_hour(api):
    sign_in(api, make_user())
    path = "/api/v1/auth/email/resend/"
    assert [api.post(path).status_code for _ in range(6)] == [202] * 5 + [429]


# The password


def test_a_changed_password_kills_every_token_given_out_before(api):
    user = make_user()
    other, pair = issue_tokens(user), sign_in(api, user)
    body = {"current_password": PASSWORD, "new_password": "an-Other-passw0rd"}
    response = api.post("/api/v1/auth/password/change/", body)
    assert (response.status_code, response.data.keys()) == (200, {"access", "refresh"})
    for access in (other.access, pair.access):
        api.credentials(HTTP_AUTHORIZATION=f"Bearer {access}")
        assert is_refused(api.get(ME), 401, "token_not_valid")
    for refresh in (other.refresh, pair.refresh):
        answer = api.post("/api/v1/auth/token/refresh/", {"refresh": refresh})
        assert is_refused(answer, 401, "token_not_valid")
    api.credentials(HTTP_AUTHORIZATION=f"Bearer {response.data['access']}")
    assert api.get(ME).status_code == 200
    new = {"refresh": response.data["refresh"]}
    assert api.post("/api/v1/auth/token/refresh/", new).status_code == 200


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"current_password": "wrong", "new_password": "an-Other-passw0rd"}, "current_password"),
        ({"current_password": PASSWORD, "new_password": "12345"}, "new_password"),
        ({"current_password": PASSWORD, "new_password": "asha.rao@example"}, "new_password"),
        ({"new_password": "an-Other-passw0rd"}, "current_password"),
        ({"current_password": PASSWORD}, "new_password"),
    ],
)
def test_a_password_is_not_changed_without_the_present_one_and_a_good_new_one(api, body, field):
    user = make_user(email="asha.rao@example.com")
    pair = sign_in(api, user)
    response = api.post("/api/v1/auth/password/change/", body)
    assert is_refused(response, 400, "validation_error")
    assert response.data["details"].keys() == {field}
    user.refresh_from_db()
    assert user.check_password(PASSWORD)
    answer = api.post("/api/v1/auth/token/refresh/", {"refresh": pair.refresh})
    assert answer.status_code == 200


def test_a_stolen_access_token_does_not_guess_the_password(api):
    user = make_user()
    sign_in(api, user)
    body = {"current_password": "wrong", "new_password": "an-Other-passw0rd"}
    path = "/api/v1/auth/password/change/"
    assert [api.post(path, body).status_code for _ in range(6)] == [400] * 5 + [429]
    assert is_refused(api.delete(ME, {"password": PASSWORD}), 429, "throttled")
    user.refresh_from_db()
    assert user.is_active


def test_a_name_that_grows_beyond_its_column_in_small_letters_is_refused(api):
    labels = ["\u0130" * 20] * 10
    long = {"username": "\u0130" * 100, "email": f"a@{'.'.join(labels)}.com"}
    for field, value in long.items():
        body = {"email": "new@example.com", "password": PASSWORD, field: value}
        response = api.post("/api/v1/auth/register/", body)
        assert (response.status_code, list(response.json()["details"])) == (400, [field])


def test_nobody_is_found_by_a_name_that_is_only_alike():
    make_user(username="jose")
    assert User.objects.identified_by(username="JOSE") is not None
    assert User.objects.identified_by(username="jos\u00e9") is None
