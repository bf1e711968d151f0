import hashlib
import hmac
import json
import time
from base64 import urlsafe_b64encode

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from accounts.models import RefreshToken, SocialAccount, User
from accounts.services.profiles import erase_user
from accounts.services.social_login import find_or_register
from accounts.services.tokens import issue_tokens
from accounts.signals import cart_claimed
from accounts.social import google
from accounts.social.identity import Identity
from notifications.models import Message
from notifications.services.rendering import render

from .codes import enable_two_factor
from .factories import PASSWORD, make_user
from .google import CLIENT_ID, KEY, NONCE, OTHER_KEY, key_set, make_token, running_google
from .threads import at_once

pytestmark = pytest.mark.django_db

SOCIAL, ME = "/api/v1/auth/social/google/", "/api/v1/users/me/"
CART = "2e1c9dd6-6f35-4d50-8a52-000000000001"


@pytest.fixture(scope="module")
def served():
    with running_google() as server:
        yield server


@pytest.fixture(autouse=True)
def at_google(served, settings):
    settings.GOOGLE_CLIENT_ID = CLIENT_ID
    settings.GOOGLE_JWKS_URL = served.address
    google._keys.cache_clear()
    served.fetches, served.answer = 0, key_set("first")
    return served


def sign_in_with(api, sent_nonce=NONCE, **claims):
    return api.post(SOCIAL, {"id_token": make_token(**claims), "nonce": sent_nonce})


def is_refused(response, status, code):
    assert (response.status_code, response.data["code"]) == (status, code)
    return True


def test_a_first_sign_in_registers_and_a_second_one_finds_the_same_person(api):
    first = sign_in_with(api)
    assert first.status_code == 200
    assert first.data.keys() == {"user", "access", "refresh"}
    user = first.data["user"]
    assert (user["email"], user["email_verified"]) == ("Asha@Example.com", True)
    assert (user["first_name"], user["last_name"]) == ("Asha", "Rao")
    again = sign_in_with(api, email="moved@example.com")
    assert again.data["user"] == user
    assert not User.objects.get().has_usable_password()
    assert SocialAccount.objects.count() == 1


def test_who_is_new_is_welcomed_and_not_asked_to_verify(api):
    sign_in_with(api)
    message = Message.objects.get()
    assert message.kind == "welcome"
    text = render(message).text
    assert "is ready." in text
    assert "confirm" not in text


def test_the_guest_cart_is_handed_over(api):
    claims = []

    def receive(sender, user_id, cart_ids, **kwargs):
        claims.append((user_id, [str(cart_id) for cart_id in cart_ids]))

    cart_claimed.connect(receive)
    api.post(SOCIAL, {"id_token": make_token(), "nonce": NONCE, "cart_id": CART})
    cart_claimed.disconnect(receive)
    assert claims == [(User.objects.get().pk, [CART])]


def test_a_verified_address_joins_the_account_that_has_it(api):
    user = make_user(email="asha@example.com", email_verified=True, phone="+919876543210")
    issue_tokens(user)
    assert sign_in_with(api).data["user"]["id"] == str(user.pk)
    user.refresh_from_db()
    assert user.check_password(PASSWORD)
    assert user.phone == "+919876543210"
    assert not RefreshToken.objects.exclude(revoked_at=None).exists()


def test_who_squats_on_an_address_is_locked_out_when_its_owner_comes(api):
    squatter = make_user(email="asha@example.com", phone="+919876543210")
    enable_two_factor(squatter)
    find_or_register(
        provider="google",
        identity=Identity("squatters-own", "asha@example.com", True, "", ""),
    )
    User.objects.update(email_verified=False, password=squatter.password, phone=squatter.phone)
    enable_two_factor(squatter)
    pair = issue_tokens(User.objects.get())
    response = sign_in_with(api)
    assert response.data["user"]["id"] == str(squatter.pk)
    assert response.data["user"]["email_verified"] is True
    api.credentials(HTTP_AUTHORIZATION=f"Bearer {pair.access}")
    assert api.get(ME).status_code == 401
    api.credentials()
    refresh = api.post("/api/v1/auth/token/refresh/", {"refresh": pair.refresh})
    assert is_refused(refresh, 401, "token_not_valid")
    login = api.post("/api/v1/auth/login/", {"email": "asha@example.com", "password": PASSWORD})
    assert is_refused(login, 401, "authentication_failed")
    squatter.refresh_from_db()
    assert (squatter.phone, squatter.two_factor_enabled) == (None, False)
    assert list(SocialAccount.objects.values_list("subject", flat=True)) == [
        "110169484474386276334"
    ]


@pytest.mark.parametrize("claims", [{"email_verified": False}, {"email": None}])
def test_an_address_that_google_has_not_verified_opens_and_makes_nothing(api, claims):
    user = make_user(email="asha@example.com")
    response = sign_in_with(api, **claims)
    assert is_refused(response, 400, "validation_error")
    assert response.data["details"].keys() == {"id_token"}
    assert list(User.objects.all()) == [user]
    assert not SocialAccount.objects.exists()


@pytest.mark.parametrize(
    "claims",
    [
        {"iss": "https://evil.example.com"},
        {"aud": "another.apps.googleusercontent.com"},
        {"exp": int(time.time()) - 60},
        {"iat": int(time.time()) + 600},
        {"nonce": "another"},
        {"nonce": None},
        {"sub": None},
        {"exp": None},
        {"aud": None},
        {"iss": None},
        {"key": OTHER_KEY},
        {"kid": "unknown"},
    ],
)
def test_a_token_that_does_not_fit_in_every_part_is_refused(api, claims):
    assert is_refused(sign_in_with(api, **claims), 401, "authentication_failed")
    assert not User.objects.exists()


def test_the_nonce_must_be_the_one_that_the_client_asked_with(api):
    assert is_refused(sign_in_with(api, sent_nonce="stolen"), 401, "authentication_failed")


def test_the_other_spelling_of_the_issuer_is_googles_too(api):
    assert sign_in_with(api, iss="accounts.google.com").status_code == 200


def part(value):
    return urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


def test_a_token_without_a_signature_or_with_the_public_key_as_secret_is_refused(api):
    body = make_token().split(".")[1]
    unsigned = f"{part({'alg': 'none', 'kid': 'first'})}.{body}."
    public = KEY.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    head = f"{part({'alg': 'HS256', 'kid': 'first', 'typ': 'JWT'})}.{body}"
    digest = hmac.new(public, head.encode(), hashlib.sha256).digest()
    confused = f"{head}.{urlsafe_b64encode(digest).rstrip(b'=').decode()}"
    for token in (unsigned, confused, "garbage", "a.b.c", f"{make_token()}x"):
        response = api.post(SOCIAL, {"id_token": token, "nonce": NONCE})
        assert is_refused(response, 401, "authentication_failed")
    assert not User.objects.exists()


def test_the_keys_are_fetched_once_and_again_for_a_key_that_is_new(api, at_google, monkeypatch):
    for _ in range(3):
        assert sign_in_with(api).status_code == 200
    assert at_google.fetches == 1
    at_google.answer = key_set("first", "second")
    google._keys(at_google.address).cooldown_duration = 0
    assert sign_in_with(api, kid="second").status_code == 200
    assert at_google.fetches == 2


@pytest.mark.parametrize("answer", [{"keys": []}, {}, "nonsense"])
def test_without_googles_keys_nobody_is_let_in_and_told_to_come_again(api, at_google, answer):
    at_google.answer = answer
    assert is_refused(sign_in_with(api), 503, "service_unavailable")


def test_google_that_does_not_answer_is_503(api, settings):
    settings.GOOGLE_JWKS_URL = "http://127.0.0.1:9/certs"
    assert is_refused(sign_in_with(api), 503, "service_unavailable")


def test_who_has_a_second_factor_is_asked_for_it(api):
    user = make_user(email="asha@example.com", email_verified=True)
    code = enable_two_factor(user)[0]
    response = sign_in_with(api)
    assert response.data.keys() == {"two_factor_required", "challenge"}
    body = {"challenge": response.data["challenge"], "code": code}
    assert api.post("/api/v1/auth/login/2fa/", body).status_code == 200


def test_who_was_made_inactive_or_erased_does_not_come_back_in(api):
    sign_in_with(api)
    User.objects.update(is_active=False)
    assert is_refused(sign_in_with(api), 401, "authentication_failed")
    user = User.objects.get()
    assert user.is_active is False
    erase_user(user_id=user.pk)
    assert not SocialAccount.objects.exists()
    assert sign_in_with(api).status_code == 200
    assert User.objects.count() == 2


def test_other_providers_and_shops_without_a_client_id_are_404(api, settings):
    body = {"id_token": make_token(), "nonce": NONCE}
    assert is_refused(api.post("/api/v1/auth/social/github/", body), 404, "not_found")
    settings.GOOGLE_CLIENT_ID = ""
    assert is_refused(api.post(SOCIAL, body), 404, "not_found")


@pytest.mark.parametrize(
    "body", [{}, {"id_token": "x"}, {"nonce": "x"}, {"id_token": [], "nonce": {}}, []]
)
def test_a_body_that_cannot_be_right_is_refused(api, body):
    assert is_refused(api.post(SOCIAL, body), 400, "validation_error")


@pytest.mark.django_db(transaction=True)
def test_first_sign_ins_at_once_make_one_person():
    identity = Identity("1", "asha@example.com", True, "Asha", "Rao")
    found = at_once(6, lambda _: find_or_register(provider="google", identity=identity))
    assert {user.pk for user in found} == {User.objects.get().pk}
    assert SocialAccount.objects.count() == 1
