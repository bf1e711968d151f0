import pytest

from accounts.models import CodePurpose, OneTimeCode, User
from accounts.services.profiles import update_profile
from notifications.models import Message
from notifications.tasks import deliver_pending

from .codes import other_than, sent_code
from .factories import PASSWORD, make_user, sign_in

pytestmark = pytest.mark.django_db

VERIFY, RESEND = "/api/v1/auth/phone/verify/", "/api/v1/auth/phone/resend/"
ME = "/api/v1/users/me/"
PHONE, OTHER = "+919876543210", "+919876543211"


def phone_code(phone=PHONE):
    return sent_code(phone, CodePurpose.PHONE)


@pytest.fixture
def asha(api):
    """Somebody who registered with a phone alone, logged in."""
    response = api.post("/api/v1/auth/register/", {"phone": PHONE, "password": PASSWORD})
    assert response.status_code == 201
    api.credentials(HTTP_AUTHORIZATION=f"Bearer {response.data['access']}")
    return User.objects.get()


@pytest.fixture
def sms(settings, tmp_path):
    """The lines that were sent to phones."""
    settings.SMS_FILE = tmp_path / "sms.log"

    def lines():
        deliver_pending()
        return settings.SMS_FILE.read_text().splitlines() if settings.SMS_FILE.exists() else []

    return lines


def test_registering_by_phone_alone_sends_a_code_that_verifies_it(api, asha, sms):
    (line,) = sms()
    assert f" {PHONE} {phone_code()} is your Storefront code to confirm this phone" in line
    assert api.post(VERIFY, {"otp": phone_code()}).status_code == 204
    assert api.get(ME).data["phone_verified"] is True
    assert api.post(VERIFY, {"otp": phone_code()}).data["code"] == "otp_invalid"


def test_a_phone_logs_in_resets_and_is_told_what_happened(api, asha, sms):
    api.credentials()
    body = {"phone": "98765 43210", "password": PASSWORD}
    assert api.post("/api/v1/auth/login/", body).status_code == 200
    reset = "/api/v1/auth/password/reset/"
    assert api.post(reset, {"phone": PHONE}).status_code == 202
    body = {"phone": PHONE, "otp": sent_code(PHONE)}
    token = api.post(f"{reset}verify/", body).data["reset_token"]
    body = {"reset_token": token, "new_password": "an-Other-passw0rd"}
    assert api.post(f"{reset}confirm/", body).status_code == 204
    assert "Your Storefront account has a new password" in sms()[-1]


def test_an_email_address_leaves_the_phone_to_be_verified_when_asked(api):
    body = {"phone": PHONE, "email": "asha@example.com", "password": PASSWORD}
    api.post("/api/v1/auth/register/", body)
    assert not OneTimeCode.objects.exists()
    assert list(Message.objects.values_list("kind", flat=True)) == ["welcome"]


def test_a_wrong_code_verifies_nothing_and_five_kill_the_code(api, asha):
    code = phone_code()
    answers = [api.post(VERIFY, {"otp": other_than(code)}) for _ in range(5)]
    answers.append(api.post(VERIFY, {"otp": code}))
    assert {(a.status_code, a.data["code"]) for a in answers} == {(400, "otp_invalid")}
    asha.refresh_from_db()
    assert not asha.phone_verified


def test_another_code_is_sent_when_asked_and_ends_the_one_before(api, asha, sms):
    first = phone_code()
    assert api.post(RESEND).status_code == 202
    assert api.post(VERIFY, {"otp": first}).data["code"] == "otp_invalid"
    assert api.post(VERIFY, {"otp": phone_code()}).status_code == 204
    assert api.post(RESEND).status_code == 202
    assert len([line for line in sms() if "your Storefront code" in line]) == 0
    assert Message.objects.filter(kind="one_time_code").count() == 0


def test_codes_are_asked_for_five_times_an_hour(api, asha):
    assert [api.post(RESEND).status_code for _ in range(6)] == [202] * 5 + [429]


def test_who_has_no_phone_has_none_to_verify(api):
    sign_in(api, make_user())
    assert api.post(RESEND).data["details"].keys() == {"phone"}
    assert api.post(VERIFY, {"otp": "123456"}).data["code"] == "otp_invalid"


def test_nobody_verifies_with_a_code_that_was_sent_to_somebody_else(api, asha):
    code = phone_code()
    other = make_user(phone=OTHER)
    sign_in(api, other)
    assert api.post(VERIFY, {"otp": code}).data["code"] == "otp_invalid"
    other.refresh_from_db()
    assert not other.phone_verified


def test_a_new_phone_is_verified_anew_and_the_old_one_is_warned(api, asha, sms):
    old = phone_code()
    api.post(VERIFY, {"otp": old})
    assert api.patch(ME, {"phone": OTHER}).data["phone_verified"] is False
    warned = Message.objects.get(kind="contact_replaced")
    assert (warned.channel, warned.recipient) == ("sms", PHONE)
    assert api.post(VERIFY, {"otp": old}).data["code"] == "otp_invalid"
    assert api.post(VERIFY, {"otp": phone_code(OTHER)}).status_code == 204
    assert any("no longer belongs to your Storefront account" in line for line in sms())


def test_a_code_of_a_phone_that_was_given_up_verifies_no_other(asha, api):
    code = phone_code()
    update_profile(user_id=asha.pk, phone=OTHER)
    assert api.post(VERIFY, {"otp": code}).data["code"] == "otp_invalid"


def test_a_new_email_address_warns_the_old_one():
    user = make_user(email="asha@example.com")
    update_profile(user_id=user.pk, first_name="Asha", email="Asha@example.com")
    assert not Message.objects.exists()
    update_profile(user_id=user.pk, email="new@example.com")
    sent = Message.objects.values_list("kind", "recipient")
    assert set(sent) == {
        ("contact_replaced", "Asha@example.com"),
        ("verify_email", "new@example.com"),
    }
