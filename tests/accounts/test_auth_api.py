from datetime import timedelta
from uuid import uuid4

import pytest
from rest_framework_simplejwt.tokens import AccessToken, UntypedToken

from accounts.models import RefreshToken, User
from accounts.services.email_verification import make_email_token
from accounts.services.tokens import issue_tokens

from .calls import LOGIN, ME, REGISTER, is_refused
from .factories import PASSWORD, make_user, sign_in

pytestmark = pytest.mark.django_db


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
