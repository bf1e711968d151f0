from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from django.utils import timezone

from accounts.models import Authenticator, LoginChallenge, RecoveryCode, RefreshToken
from accounts.services.passwords import verify_reset
from accounts.services.profiles import change_password, erase_user
from accounts.signals import cart_claimed
from accounts.tasks import clean_expired
from notifications.models import Message

from .codes import enable_two_factor, other_than, sent_code, totp_code
from .factories import PASSWORD, make_staff, make_user, sign_in

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("still_clock")]

LOGIN, SECOND = "/api/v1/auth/login/", "/api/v1/auth/login/2fa/"
STATE, TOTP = "/api/v1/auth/2fa/", "/api/v1/auth/2fa/totp/"
CONFIRM, RENEW = f"{TOTP}confirm/", "/api/v1/auth/2fa/recovery-codes/"
CART = "2e1c9dd6-6f35-4d50-8a52-000000000001"


@pytest.fixture
def asha():
    return make_user(email="asha@example.com")


def challenged(api, email="asha@example.com", **extra):
    response = api.post(LOGIN, {"email": email, "password": PASSWORD} | extra)
    assert response.status_code == 200
    assert response.data.keys() == {"two_factor_required", "challenge"}
    assert response.data["two_factor_required"] is True
    return response.data["challenge"]


def is_refused(response, status, code):
    assert (response.status_code, response.data["code"]) == (status, code)
    return True


def test_turning_it_on_takes_a_secret_and_a_code_and_gives_ten_recovery_codes(api, asha):
    sign_in(api, asha)
    assert api.get(STATE).data == {"enabled": False, "required": False, "recovery_codes_left": 0}
    setup = api.post(TOTP)
    assert setup.status_code == 200
    assert setup.data.keys() == {"secret", "otpauth_url", "qr_svg"}
    address = urlsplit(setup.data["otpauth_url"])
    assert (address.scheme, address.path) == ("otpauth", "/Storefront:asha@example.com")
    assert parse_qs(address.query)["secret"] == [setup.data["secret"]]
    assert setup.data["qr_svg"].startswith("<svg ")
    assert api.get("/api/v1/users/me/").data["two_factor_enabled"] is False
    wrong = api.post(CONFIRM, {"code": other_than(totp_code(asha))})
    assert is_refused(wrong, 400, "otp_invalid")
    codes = api.post(CONFIRM, {"code": totp_code(asha)}).data["recovery_codes"]
    assert len(set(codes)) == 10
    assert api.get(STATE).data == {"enabled": True, "required": False, "recovery_codes_left": 10}
    assert api.get("/api/v1/users/me/").data["two_factor_enabled"] is True
    hashes = "".join(RecoveryCode.objects.values_list("code_hash", flat=True))
    assert not any(code in hashes for code in codes)


def test_a_secret_that_is_asked_for_again_replaces_the_one_before(api, asha):
    sign_in(api, asha)
    api.post(TOTP)
    first = totp_code(asha)
    api.post(TOTP)
    assert is_refused(api.post(CONFIRM, {"code": first}), 400, "otp_invalid")
    assert Authenticator.objects.count() == 1


def test_what_is_on_is_not_set_up_again_and_what_is_off_not_turned_off(api, asha):
    sign_in(api, asha)
    body = {"password": PASSWORD, "code": "123456"}
    assert is_refused(api.delete(TOTP, body), 409, "conflict")
    assert is_refused(api.post(RENEW, body), 409, "conflict")
    assert is_refused(api.post(CONFIRM, body), 400, "otp_invalid")
    enable_two_factor(asha)
    key = Authenticator.objects.get().key
    assert is_refused(api.post(TOTP), 409, "conflict")
    assert is_refused(api.post(CONFIRM, {"code": totp_code(asha)}), 409, "conflict")
    assert Authenticator.objects.get().key == key


def test_a_login_takes_both_factors_and_merges_the_cart_at_the_second(api, asha):
    enable_two_factor(asha)
    claims = []

    def receive(sender, user_id, cart_ids, **kwargs):
        claims.append((user_id, [str(cart_id) for cart_id in cart_ids]))

    cart_claimed.connect(receive)
    challenge = challenged(api, cart_id=CART)
    assert claims == []
    assert not RefreshToken.objects.exists()
    body = {"challenge": challenge, "code": totp_code(asha), "cart_id": CART}
    response = api.post(SECOND, body)
    cart_claimed.disconnect(receive)
    assert response.status_code == 200
    assert response.data.keys() == {"user", "access", "refresh"}
    assert response.data["user"]["two_factor_enabled"] is True
    assert claims == [(asha.pk, [CART])]
    assert is_refused(api.post(SECOND, body), 401, "token_not_valid")
    assert RefreshToken.objects.count() == 1


def test_a_code_of_the_authenticator_works_once(api, asha):
    enable_two_factor(asha)
    code = totp_code(asha)
    first, second = challenged(api), challenged(api)
    assert api.post(SECOND, {"challenge": first, "code": code}).status_code == 200
    again = api.post(SECOND, {"challenge": second, "code": code})
    assert is_refused(again, 401, "authentication_failed")
    earlier = api.post(SECOND, {"challenge": second, "code": totp_code(asha, steps=-1)})
    assert is_refused(earlier, 401, "authentication_failed")
    later = {"challenge": second, "code": totp_code(asha, steps=1)}
    assert api.post(SECOND, later).status_code == 200


def test_a_recovery_code_works_once_however_it_is_written(api, asha):
    code = enable_two_factor(asha)[0]
    body = {"challenge": challenged(api), "code": f" {code.upper().replace('-', ' ')} "}
    assert api.post(SECOND, body).status_code == 200
    again = api.post(SECOND, {"challenge": challenged(api), "code": code})
    assert is_refused(again, 401, "authentication_failed")
    assert asha.recovery_codes.filter(used_at=None).count() == 9


def test_nobody_uses_somebody_elses_recovery_code(api, asha):
    enable_two_factor(asha)
    (code, *_) = enable_two_factor(make_user())
    body = {"challenge": challenged(api), "code": code}
    assert is_refused(api.post(SECOND, body), 401, "authentication_failed")
    assert not RecoveryCode.objects.exclude(used_at=None).exists()


def test_a_challenge_is_dead_after_five_wrong_codes(api, asha):
    enable_two_factor(asha)
    body = {"challenge": challenged(api), "code": other_than(totp_code(asha))}
    for _ in range(5):
        assert is_refused(api.post(SECOND, body), 401, "authentication_failed")
    right = body | {"code": totp_code(asha)}
    assert is_refused(api.post(SECOND, right), 401, "token_not_valid")
    right["challenge"] = challenged(api)
    assert api.post(SECOND, right).status_code == 200


def test_a_challenge_dies_after_five_minutes_and_with_the_password(api, asha):
    enable_two_factor(asha)
    expired = challenged(api)
    left = LoginChallenge.objects.get().expires_at - timezone.now()
    assert timedelta(minutes=4) < left <= timedelta(minutes=5)
    LoginChallenge.objects.update(expires_at=timezone.now())
    outdated = challenged(api)
    change_password(user=asha, current_password=PASSWORD, new_password="an-Other-passw0rd")
    for challenge in (expired, outdated, "made up"):
        body = {"challenge": challenge, "code": totp_code(asha)}
        assert is_refused(api.post(SECOND, body), 401, "token_not_valid")
    clean_expired()
    assert not LoginChallenge.objects.exists()


def test_a_challenge_got_by_a_password_that_was_changed_meanwhile_is_dead(api, asha):
    enable_two_factor(asha)
    body = {"challenge": challenged(api), "code": totp_code(asha)}
    asha.set_password("an-Other-passw0rd")
    asha.save()
    assert is_refused(api.post(SECOND, body), 401, "token_not_valid")
    assert api.post(SECOND, body).status_code == 401
    assert not RefreshToken.objects.exists()


def test_wrong_codes_are_counted_over_all_challenges_of_a_user(api, asha, settings):
    settings.THROTTLE_RATES = settings.THROTTLE_RATES | {"two_factor": "3/hour"}
    enable_two_factor(asha)
    wrong = {"code": other_than(totp_code(asha))}
    statuses = [
        api.post(SECOND, {"challenge": challenged(api)} | wrong).status_code for _ in range(4)
    ]
    assert statuses == [401, 401, 401, 429]


@pytest.mark.parametrize("code", ["", None, "x" * 65, ["1"]])
def test_a_code_that_cannot_be_one_is_refused(api, asha, code):
    enable_two_factor(asha)
    body = {"challenge": challenged(api), "code": code}
    assert is_refused(api.post(SECOND, body), 400, "validation_error")
    assert LoginChallenge.objects.get().tries == 0


@pytest.mark.parametrize("code", ["१२३४५६", "12345", "-12345", "1e5", "abcdef"])
def test_garbage_is_a_wrong_code(api, asha, code):
    enable_two_factor(asha)
    body = {"challenge": challenged(api), "code": code}
    assert is_refused(api.post(SECOND, body), 401, "authentication_failed")


def test_turning_it_off_takes_the_password_and_a_code(api, asha):
    code = enable_two_factor(asha)[0]
    sign_in(api, asha)
    body = {"password": PASSWORD, "code": code}
    wrong = api.delete(TOTP, body | {"password": "wrong"})
    assert is_refused(wrong, 400, "validation_error")
    assert wrong.data["details"].keys() == {"password"}
    assert is_refused(api.delete(TOTP, {"code": code}), 400, "validation_error")
    wrong = api.delete(TOTP, body | {"code": "abcd-efgh"})
    assert is_refused(wrong, 400, "otp_invalid")
    assert api.get(STATE).data["enabled"] is True
    assert api.delete(TOTP, body).status_code == 204
    assert api.get(STATE).data == {"enabled": False, "required": False, "recovery_codes_left": 0}
    assert not Authenticator.objects.exists()
    api.credentials()
    login = api.post(LOGIN, {"email": asha.email, "password": PASSWORD})
    assert login.data.keys() == {"user", "access", "refresh"}


def test_other_recovery_codes_take_the_password_and_end_those_before(api, asha):
    before = enable_two_factor(asha)[0]
    sign_in(api, asha)
    assert is_refused(api.post(RENEW, {"password": "wrong"}), 400, "validation_error")
    codes = api.post(RENEW, {"password": PASSWORD}).data["recovery_codes"]
    assert len(set(codes)) == 10
    body = {"password": PASSWORD}
    assert is_refused(api.delete(TOTP, body | {"code": before}), 400, "otp_invalid")
    assert api.delete(TOTP, body | {"code": codes[9]}).status_code == 204


def test_who_has_no_password_leaves_it_out(api):
    user = make_user(password=None)
    code = enable_two_factor(user)[0]
    sign_in(api, user)
    assert is_refused(api.delete(TOTP, {"password": "x", "code": code}), 400, "validation_error")
    assert len(api.post(RENEW).data["recovery_codes"]) == 10
    assert api.delete(TOTP, {"code": totp_code(user)}).status_code == 204
    body = {"current_password": "", "new_password": "an-Other-passw0rd"}
    change = api.post("/api/v1/auth/password/change/", body)
    assert is_refused(change, 400, "validation_error")
    assert api.delete("/api/v1/users/me/").status_code == 204


def test_each_change_is_told_by_mail(api, asha):
    code = enable_two_factor(asha)[0]
    sign_in(api, asha)
    api.post(RENEW, {"password": PASSWORD})
    api.delete(TOTP, {"password": PASSWORD, "code": totp_code(asha)})
    told = Message.objects.filter(kind="two_factor_changed").order_by("created_at")
    assert [message.data["change"] for message in told] == ["on", "codes", "off"]
    assert code not in str(list(Message.objects.values()))


def test_a_reset_leaves_the_second_factor_on(api, asha):
    enable_two_factor(asha)
    reset = "/api/v1/auth/password/reset/"
    api.post(reset, {"email": asha.email})
    token = verify_reset(recipient=asha.email, otp=sent_code(asha.email))
    body = {"reset_token": token, "new_password": "an-Other-passw0rd"}
    assert api.post(f"{reset}confirm/", body).status_code == 204
    body = {"email": asha.email, "password": "an-Other-passw0rd"}
    assert api.post(LOGIN, body).data["two_factor_required"] is True


def test_erasing_a_person_leaves_no_factor(asha):
    enable_two_factor(asha)
    erase_user(user_id=asha.pk)
    asha.refresh_from_db()
    assert not asha.two_factor_enabled
    assert not Authenticator.objects.exists()
    assert not RecoveryCode.objects.exists()


# Staff


STOCK = "/api/v1/inventory/transactions/"


def test_staff_without_the_second_factor_that_is_asked_for_have_no_rights(api, settings):
    settings.STAFF_TWO_FACTOR_REQUIRED = True
    staff = make_staff()
    sign_in(api, staff)
    refused = api.get(STOCK)
    assert is_refused(refused, 403, "permission_denied")
    assert "two-factor login" in refused.data["error"]
    assert api.get("/api/v1/users/me/").data["role"] == "customer"
    assert api.get(STATE).data == {"enabled": False, "required": True, "recovery_codes_left": 0}
    api.post(TOTP)
    assert api.post(CONFIRM, {"code": totp_code(staff)}).status_code == 200
    assert api.get(STOCK).status_code == 200
    staff.refresh_from_db()
    assert (staff.is_staff, staff.is_superuser) == (True, True)


def test_customers_and_shops_that_do_not_ask_are_not_concerned(api, settings, asha):
    sign_in(api, make_staff())
    assert api.get(STOCK).status_code == 200
    settings.STAFF_TWO_FACTOR_REQUIRED = True
    sign_in(api, asha)
    assert api.get(STATE).data["required"] is False
    refused = api.get(STOCK)
    assert is_refused(refused, 403, "permission_denied")
    assert "two-factor" not in refused.data["error"]
