import json
from uuid import uuid4

import pytest

from accounts.models import AttemptCounter, User
from accounts.signals import cart_claimed

from .calls import LOGIN, ME, PROFILE, REGISTER, is_refused
from .factories import PASSWORD, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def claims():
    """The carts that were handed over, as (user_id, cart_ids)."""
    found = []

    def receive(sender, user_id, cart_ids, **kwargs):
        found.append((user_id, cart_ids))

    cart_claimed.connect(receive)
    yield found
    cart_claimed.disconnect(receive)


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
        ({"username": "+919876543210"}, "username"),
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
