from datetime import timedelta

import pytest
from django.core import mail
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import OneTimeCode, ResetGrant, User
from accounts.services.codes import digits_of
from accounts.services.profiles import change_password, erase_user, update_profile
from accounts.services.tokens import issue_tokens
from accounts.tasks import address_resets, clean_expired
from accounts.throttles import AttemptLimit
from notifications.models import Message
from notifications.tasks import deliver_pending

from .codes import other_than, sent_code
from .factories import PASSWORD, make_user, sign_in

pytestmark = pytest.mark.django_db

RESET = "/api/v1/auth/password/reset/"
VERIFY, CONFIRM = f"{RESET}verify/", f"{RESET}confirm/"
NEW = "an-Other-passw0rd"
EMAIL, PHONE = "asha@example.com", "+919876543210"


@pytest.fixture
def asha():
    return make_user(email="Asha@Example.com", phone=PHONE)


def granted(api, recipient=EMAIL):
    """Go as far as the reset token."""
    field = "email" if "@" in recipient else "phone"
    assert api.post(RESET, {field: recipient}).status_code == 202
    response = api.post(VERIFY, {field: recipient, "otp": sent_code(recipient)})
    assert response.status_code == 200
    return response.data["reset_token"]


def is_refused(response, status, code):
    assert (response.status_code, response.data["code"]) == (status, code)
    return True


def queries_of(call):
    with CaptureQueriesContext(connection) as found:
        call()
    return [query["sql"].split()[0] for query in found]


@pytest.mark.parametrize("recipient", [EMAIL, PHONE])
def test_a_code_sets_another_password_and_ends_every_session(api, asha, recipient):
    pair = issue_tokens(asha)
    token = granted(api, recipient)
    assert api.post(CONFIRM, {"reset_token": token, "new_password": NEW}).status_code == 204
    asha.refresh_from_db()
    assert asha.check_password(NEW)
    assert not asha.refresh_tokens.filter(revoked_at=None).exists()
    api.credentials(HTTP_AUTHORIZATION=f"Bearer {pair.access}")
    assert api.get("/api/v1/users/me/").status_code == 401
    api.credentials()
    body = {"email": EMAIL, "password": NEW}
    assert api.post("/api/v1/auth/login/", body).status_code == 200


def test_the_code_comes_by_mail_and_stands_in_no_row_and_no_answer(api, asha):
    response = api.post(RESET, {"email": "ASHA@example.com"})
    address_resets()
    message = Message.objects.get(kind="one_time_code")
    code = OneTimeCode.objects.get()
    digits = digits_of(code)
    assert (response.status_code, response.content) == (202, b"")
    assert (message.channel, message.recipient) == ("email", EMAIL)
    rows = [*Message.objects.values(), *OneTimeCode.objects.values()]
    assert digits not in "".join(str(v) for row in rows for k, v in row.items() if "_at" not in k)
    deliver_pending()
    sent = [letter for letter in mail.outbox if letter.subject == "Your code"]
    assert [digits in letter.body for letter in sent] == [True]
    assert digits in sent[0].alternatives[0].content
    assert "set a new password" in sent[0].body


def test_what_tells_nothing_of_whether_an_account_exists(api, asha):
    api.post(RESET, {"email": "first@example.com"})  # begins the count of this client
    known = queries_of(lambda: api.post(RESET, {"email": EMAIL}))
    unknown = queries_of(lambda: api.post(RESET, {"email": "nobody@example.com"}))
    assert known == unknown
    address_resets()
    wrong = {"otp": other_than(sent_code(EMAIL))}
    answers = []

    def verify(email):
        response = api.post(VERIFY, {"email": email} | wrong)
        answers.append((response.status_code, response.data["code"], response.data["error"]))

    assert queries_of(lambda: verify(EMAIL)) == queries_of(lambda: verify("nobody@example.com"))
    assert answers[0] == answers[1]
    assert answers[0][:2] == (400, "otp_invalid")


def test_nobody_is_written_to_who_has_no_account_or_an_ended_one(api, asha):
    make_user(email="ended@example.com", is_active=False)
    for email in ("nobody@example.com", "ended@example.com"):
        assert api.post(RESET, {"email": email}).status_code == 202
        code = sent_code(email)
        assert is_refused(api.post(VERIFY, {"email": email, "otp": code}), 400, "otp_invalid")
    assert not Message.objects.exists()
    assert not ResetGrant.objects.exists()


def test_a_code_is_dead_after_five_wrong_tries(api, asha):
    api.post(RESET, {"email": EMAIL})
    code = sent_code(EMAIL)
    for _ in range(5):
        wrong = api.post(VERIFY, {"email": EMAIL, "otp": other_than(code)})
        assert is_refused(wrong, 400, "otp_invalid")
    assert is_refused(api.post(VERIFY, {"email": EMAIL, "otp": code}), 400, "otp_invalid")
    assert OneTimeCode.objects.get().tries == 5
    assert not ResetGrant.objects.exists()


def test_a_code_works_once(api, asha):
    granted(api)
    again = api.post(VERIFY, {"email": EMAIL, "otp": sent_code(EMAIL)})
    assert is_refused(again, 400, "otp_invalid")
    assert ResetGrant.objects.count() == 1


def test_a_code_dies_after_its_ten_minutes(api, asha):
    api.post(RESET, {"email": EMAIL})
    code = sent_code(EMAIL)
    left = OneTimeCode.objects.get().expires_at - timezone.now()
    assert timedelta(minutes=9) < left <= timedelta(minutes=10)
    OneTimeCode.objects.update(expires_at=timezone.now())
    assert is_refused(api.post(VERIFY, {"email": EMAIL, "otp": code}), 400, "otp_invalid")
    clean_expired()
    assert not OneTimeCode.objects.exists()


def test_another_code_ends_the_one_before_also_over_the_other_way(api, asha):
    api.post(RESET, {"email": EMAIL})
    first = sent_code(EMAIL)
    api.post(RESET, {"email": EMAIL})
    second = sent_code(EMAIL)
    assert first != second
    assert is_refused(api.post(VERIFY, {"email": EMAIL, "otp": first}), 400, "otp_invalid")
    api.post(RESET, {"phone": PHONE})
    third = sent_code(PHONE)
    assert is_refused(api.post(VERIFY, {"email": EMAIL, "otp": second}), 400, "otp_invalid")
    assert api.post(VERIFY, {"phone": PHONE, "otp": third}).status_code == 200


def test_a_mail_that_is_late_is_not_sent_with_a_dead_code(api, asha):
    api.post(RESET, {"email": EMAIL})
    address_resets()
    OneTimeCode.objects.update(expires_at=timezone.now())
    deliver_pending()
    assert mail.outbox == []
    assert not Message.objects.exists()


def test_a_refused_password_spends_no_token_and_a_good_one_spends_it(api, asha):
    token = granted(api)
    for password in ("short", "asha@example.com", "12345678901", "x" * 129):
        weak = api.post(CONFIRM, {"reset_token": token, "new_password": password})
        assert is_refused(weak, 400, "validation_error")
        assert weak.data["details"].keys() == {"new_password"}
    assert api.post(CONFIRM, {"reset_token": token, "new_password": NEW}).status_code == 204
    again = api.post(CONFIRM, {"reset_token": token, "new_password": "a-Third-passw0rd"})
    assert is_refused(again, 400, "validation_error")
    assert again.data["details"].keys() == {"reset_token"}
    asha.refresh_from_db()
    assert asha.check_password(NEW)


def test_a_token_dies_after_its_time_and_with_every_other_change_of_the_password(api, asha):
    expired, outdated = granted(api), granted(api, PHONE)
    ResetGrant.objects.filter(pk=ResetGrant.objects.earliest("pk").pk).update(
        expires_at=timezone.now()
    )
    change_password(user=asha, current_password=PASSWORD, new_password=NEW)
    for token in (expired, outdated, "made up"):
        refused = api.post(CONFIRM, {"reset_token": token, "new_password": "a-Third-passw0rd"})
        assert is_refused(refused, 400, "validation_error")
    asha.refresh_from_db()
    assert asha.check_password(NEW)


@pytest.mark.parametrize(
    ("recipient", "change"),
    [(EMAIL, {"email": "new@example.com"}), (PHONE, {"phone": "+919876543211"})],
)
def test_who_reads_an_address_that_was_given_up_sets_no_password(api, asha, recipient, change):
    token = granted(api, recipient)
    field = "email" if recipient == EMAIL else "phone"
    api.post(RESET, {field: recipient})
    otp = sent_code(recipient)
    update_profile(user_id=asha.pk, **change)
    refused = api.post(CONFIRM, {"reset_token": token, "new_password": NEW})
    assert is_refused(refused, 400, "validation_error")
    assert is_refused(api.post(VERIFY, {field: recipient, "otp": otp}), 400, "otp_invalid")
    asha.refresh_from_db()
    assert asha.check_password(PASSWORD)


def test_a_code_that_was_addressed_while_its_address_was_given_up_is_wrong(api, asha):
    api.post(RESET, {"email": EMAIL})
    otp = sent_code(EMAIL)
    User.objects.filter(pk=asha.pk).update(email_key="new@example.com")
    assert is_refused(api.post(VERIFY, {"email": EMAIL, "otp": otp}), 400, "otp_invalid")
    assert not ResetGrant.objects.exists()


def test_who_has_no_password_sets_one_by_reset(api):
    user = make_user(email=EMAIL, password=None)
    assert not user.has_usable_password()
    token = granted(api)
    api.post(CONFIRM, {"reset_token": token, "new_password": NEW})
    assert User.objects.get().check_password(NEW)


def test_a_new_password_is_told_by_mail_however_it_was_set(api, asha):
    api.post(CONFIRM, {"reset_token": granted(api), "new_password": NEW})
    asha.refresh_from_db()
    sign_in(api, asha)
    change = {"current_password": NEW, "new_password": "a-Third-passw0rd"}
    assert api.post("/api/v1/auth/password/change/", change).status_code == 200
    told = Message.objects.filter(kind="password_changed")
    assert list(told.values_list("recipient", flat=True)) == ["Asha@Example.com"] * 2


def test_an_address_gets_five_codes_an_hour_whether_known_or_not(api, asha):
    for email in (EMAIL, "nobody@example.com"):
        statuses = [api.post(RESET, {"email": email}).status_code for _ in range(6)]
        assert statuses == [202] * 5 + [429]
    assert api.post(RESET, {"email": EMAIL.upper()}).status_code == 429


def test_one_client_guesses_no_more_however_it_forges_its_address(api, asha, settings):
    settings.THROTTLE_RATES = settings.THROTTLE_RATES | {"otp_address": "3/hour"}
    spread = [
        api.post(
            VERIFY,
            {"email": f"p{n}@example.com", "otp": "000000"},
            HTTP_X_FORWARDED_FOR=f"10.0.0.{n}",
        ).status_code
        for n in range(4)
    ]
    assert spread == [400, 400, 400, 429]
    assert AttemptLimit("otp_address", "127.0.0.1").rate == "3/hour"


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"email": ""},
        {"email": "no address"},
        {"phone": "12"},
        {"email": EMAIL, "phone": PHONE},
        {"email": ["a"]},
        {"email": f"{'a' * 250}@example.com"},
        [],
    ],
)
def test_a_recipient_that_cannot_be_one_is_refused(api, body):
    for path in (RESET, VERIFY):
        answer = api.post(path, body | {"otp": "123456"} if isinstance(body, dict) else body)
        assert is_refused(answer, 400, "validation_error")
    assert not OneTimeCode.objects.exists()


@pytest.mark.parametrize("otp", ["", None, "x" * 33, ["1"], {}])
def test_a_code_that_cannot_be_one_is_refused_and_counts_no_try(api, asha, otp):
    api.post(RESET, {"email": EMAIL})
    response = api.post(VERIFY, {"email": EMAIL, "otp": otp})
    assert is_refused(response, 400, "validation_error")
    assert OneTimeCode.objects.get().tries == 0


@pytest.mark.parametrize("otp", ["abcdef", "१२३४५६", "1", "-1", "0x1"])
def test_garbage_is_a_wrong_code(api, asha, otp):
    api.post(RESET, {"email": EMAIL})
    address_resets()
    response = api.post(VERIFY, {"email": EMAIL, "otp": otp})
    assert is_refused(response, 400, "otp_invalid")


def test_the_header_is_ignored_where_a_password_was_forgotten(api, asha):
    api.credentials(HTTP_AUTHORIZATION="Bearer garbage")
    assert api.post(RESET, {"email": EMAIL}).status_code == 202


def test_erasing_a_person_leaves_no_code_and_no_grant(api, asha):
    granted(api)
    erase_user(user_id=asha.pk)
    assert not OneTimeCode.objects.exists()
    assert not ResetGrant.objects.exists()
