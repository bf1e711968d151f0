"""Races for codes, tokens and factors, and controls that lose them without what decides."""

import pytest
from django.contrib.auth.hashers import make_password
from django.db import transaction

from accounts.errors import OtpInvalid, TokenNotValid, WrongCredentials
from accounts.models import (
    Authenticator,
    LoginChallenge,
    OneTimeCode,
    RefreshToken,
    ResetGrant,
    User,
)
from accounts.services import codes, passwords
from accounts.services.challenges import open_challenge, try_challenge
from accounts.services.passwords import ask_reset, reset_password, verify_reset
from accounts.services.sessions import finish_login
from accounts.services.two_factor import check_second_factor
from config.errors import InvalidInput
from tests.concurrency.races import meet_at, take_lock_away

from .codes import enable_two_factor, other_than, sent_code, totp_code
from .factories import make_user
from .threads import at_once

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("still_clock")]

EMAIL = "asha@example.com"


@pytest.fixture
def asha():
    return make_user(email=EMAIL)


def names(results):
    return sorted(type(result).__name__ for result in results)


def guess(digits):
    return lambda _: verify_reset(recipient=EMAIL, otp=digits)


def test_of_twelve_parallel_guesses_five_count(asha):
    ask_reset(recipient=EMAIL)
    wrong = other_than(sent_code(EMAIL))
    assert names(at_once(12, guess(wrong))) == ["OtpInvalid"] * 12
    assert OneTimeCode.objects.get().tries == 5


def test_control_guesses_that_look_before_they_count_are_more_than_five(asha, monkeypatch):
    def look_first(code):
        if code.tries >= codes.TRIES:
            return 0
        code.tries += 1
        code.save(update_fields=["tries"])
        return 1

    monkeypatch.setattr(codes, "_count", look_first)
    ask_reset(recipient=EMAIL)
    right = sent_code(EMAIL)
    OneTimeCode.objects.update(tries=4)
    wrong = other_than(right)
    guesses = [lambda: verify_reset(recipient=EMAIL, otp=wrong) for _ in range(2)]
    counted = []
    monkeypatch.setattr(codes, "digits_of", lambda code: counted.append(code) or right)

    def refused(job):
        with pytest.raises(OtpInvalid):
            job()

    meet_at("accounts_onetimecode", *(lambda job=job: refused(job) for job in guesses))
    assert len(counted) == 2  # the fifth try and a sixth one


def test_a_code_that_is_used_twice_at_once_works_once(asha):
    ask_reset(recipient=EMAIL)
    results = at_once(4, guess(sent_code(EMAIL)))
    assert names(results) == ["OtpInvalid"] * 3 + ["str"]
    assert ResetGrant.objects.count() == 1


def test_control_without_the_mark_of_use_a_code_works_twice(asha, monkeypatch):
    monkeypatch.setattr(passwords, "use_code", lambda code: None)
    ask_reset(recipient=EMAIL)
    assert names(at_once(2, guess(sent_code(EMAIL)))) == ["str"] * 2


def test_a_reset_token_that_is_used_twice_at_once_works_once(asha):
    ask_reset(recipient=EMAIL)
    token = verify_reset(recipient=EMAIL, otp=sent_code(EMAIL))

    def reset(number):
        return reset_password(reset_token=token, new_password=f"an-Other-passw0rd-{number}")

    results = at_once(4, reset)
    assert names(results) == ["InvalidInput"] * 3 + ["User"]
    (winner,) = [n for n, result in enumerate(results) if isinstance(result, User)]
    asha.refresh_from_db()
    assert asha.check_password(f"an-Other-passw0rd-{winner}")


def test_a_password_that_is_changed_during_a_reset_stays(asha):
    """A reset that comes first is changed again; one that comes second has lost its grant."""
    ask_reset(recipient=EMAIL)
    token = verify_reset(recipient=EMAIL, otp=sent_code(EMAIL))

    def change():
        with transaction.atomic():
            user = User.objects.select_for_update().get(pk=asha.pk)
            passwords.replace_password(user, make_password("a-Third-passw0rd"))

    def reset():
        try:
            return reset_password(reset_token=token, new_password="an-Other-passw0rd")
        except InvalidInput:
            return None

    at_once(2, lambda index: [change, reset][index]())
    assert not ResetGrant.objects.exists()
    asha.refresh_from_db()
    assert asha.check_password("a-Third-passw0rd")


def test_parallel_askers_leave_one_code_that_works(asha):
    results = at_once(8, lambda _: ask_reset(recipient=EMAIL))
    assert results == [None] * 8
    assert OneTimeCode.objects.count() == 1
    assert verify_reset(recipient=EMAIL, otp=sent_code(EMAIL))


def test_one_code_of_the_authenticator_lets_one_of_two_logins_in(asha):
    enable_two_factor(asha)
    code = totp_code(asha)
    challenges = [try_challenge(token=open_challenge(asha).token) for _ in range(4)]
    results = at_once(4, lambda n: finish_login(challenge=challenges[n], code=code))
    assert names(results) == ["WrongCredentials"] * 3 + ["tuple"]
    assert RefreshToken.objects.count() == 1


def test_control_without_the_lock_on_the_user_one_code_works_twice(asha, monkeypatch):
    enable_two_factor(asha)
    code = totp_code(asha)
    take_lock_away(monkeypatch, User)

    # Nor a transaction: on SQLite beginning one is the lock.
    check = check_second_factor.__wrapped__.__wrapped__

    def use():
        return check(user_id=asha.pk, code=code)

    assert meet_at(Authenticator._meta.db_table, use, use) == [True, True]


def test_one_recovery_code_lets_one_of_two_logins_in(asha):
    code = enable_two_factor(asha)[0]
    challenges = [try_challenge(token=open_challenge(asha).token) for _ in range(4)]
    results = at_once(4, lambda n: finish_login(challenge=challenges[n], code=code))
    assert names(results) == ["WrongCredentials"] * 3 + ["tuple"]
    assert asha.recovery_codes.filter(used_at=None).count() == 9


def test_one_challenge_lets_one_in_though_every_code_is_right(asha):
    recovery = enable_two_factor(asha)
    challenge = try_challenge(token=open_challenge(asha).token)
    results = at_once(4, lambda n: finish_login(challenge=challenge, code=recovery[n]))
    assert names(results) == ["TokenNotValid"] * 3 + ["tuple"]
    assert asha.recovery_codes.filter(used_at=None).count() == 9


def test_of_twelve_parallel_answers_five_are_tried(asha):
    enable_two_factor(asha)
    token, wrong = open_challenge(asha).token, other_than(totp_code(asha))

    def answer(_):
        return finish_login(challenge=try_challenge(token=token), code=wrong)

    results = at_once(12, answer)
    assert names(results) == ["TokenNotValid"] * 7 + ["WrongCredentials"] * 5
    assert {type(result) for result in results} == {TokenNotValid, WrongCredentials}
    assert LoginChallenge.objects.get().tries == 5
