import re

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth import SESSION_KEY
from django.contrib.auth.models import Permission

from accounts.models import Authenticator
from accounts.services.attempts import key_of

from .codes import enable_two_factor, other_than, totp_code
from .factories import PASSWORD, make_staff, make_user

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("still_clock")]

LOGIN, HOME = "/admin/login/", "/admin/"


@pytest.fixture
def staff():
    return make_staff()


def log_in(client, user, **fields):
    return client.post(LOGIN, {"username": user.email, "password": PASSWORD} | fields)


def is_let_in(client, response):
    return response.status_code == 302 and SESSION_KEY in client.session


def page_of(response):
    assert response.status_code == 200
    return response.content.decode()


def test_staff_with_a_second_factor_are_asked_for_it(client, staff):
    enable_two_factor(staff)
    code = totp_code(staff)
    for wrong in ({}, {"code": other_than(code)}, {"code": "x" * 65}):
        assert "code" in page_of(log_in(client, staff, **wrong))
        assert SESSION_KEY not in client.session
    assert is_let_in(client, log_in(client, staff, code=code))
    assert client.get(HOME).status_code == 200


def test_a_code_lets_in_once_and_a_recovery_code_too(client, staff):
    recovery = enable_two_factor(staff)[0]
    code = totp_code(staff)
    for given in (code, recovery):
        assert is_let_in(client, log_in(client, staff, code=given))
        client.logout()
        assert "Each code works once" in page_of(log_in(client, staff, code=given))


def test_a_wrong_password_spends_no_code_and_tells_nothing_of_it(client, staff):
    enable_two_factor(staff)
    before = Authenticator.objects.get().last_step
    page = page_of(log_in(client, staff, password="wrong", code=totp_code(staff)))
    assert "Each code works once" not in page
    assert Authenticator.objects.get().last_step == before


def test_wrong_codes_are_counted(client, staff, settings):
    settings.THROTTLE_RATES = settings.THROTTLE_RATES | {"two_factor": "3/hour"}
    enable_two_factor(staff)
    wrong = other_than(totp_code(staff))
    pages = [page_of(log_in(client, staff, code=wrong)) for _ in range(4)]
    assert ["Too many wrong codes" in page for page in pages] == [False, False, False, True]
    assert "Too many wrong codes" in page_of(log_in(client, staff, code=totp_code(staff)))


def test_staff_without_one_are_let_in_unless_the_shop_asks_for_it(client, staff, settings):
    assert is_let_in(client, log_in(client, staff))
    client.logout()
    settings.STAFF_TWO_FACTOR_REQUIRED = True
    page = page_of(log_in(client, staff))
    assert "Staff need two-factor login" in page
    assert "<svg " in page
    assert SESSION_KEY not in client.session
    staff.refresh_from_db()
    assert not staff.two_factor_enabled


def test_who_is_asked_for_one_sets_it_up_at_the_login(client, staff, settings):
    settings.STAFF_TWO_FACTOR_REQUIRED = True
    assert "Each code works once" in page_of(log_in(client, staff, code="123456"))
    log_in(client, staff)
    wrong = other_than(totp_code(staff))
    assert "Each code works once" in page_of(log_in(client, staff, code=wrong))
    assert is_let_in(client, log_in(client, staff, code=totp_code(staff)))
    page = page_of(client.get(HOME))
    hashes = set(staff.recovery_codes.values_list("code_hash", flat=True))
    shown = re.findall(r"(?:[a-z2-7]{4}-){3}[a-z2-7]{4}", page)
    assert {key_of("recovery", code.replace("-", "")) for code in shown} == hashes
    assert len(hashes) == 10


def test_a_session_of_before_ends_when_the_shop_begins_to_ask(client, staff, settings):
    log_in(client, staff)
    assert client.get(HOME).status_code == 200
    settings.STAFF_TWO_FACTOR_REQUIRED = True
    assert client.get(HOME)["Location"] == f"{LOGIN}?next={HOME}"
    assert "Staff need two-factor login" in page_of(client.get(LOGIN))
    staff.refresh_from_db()
    assert (staff.is_staff, staff.is_superuser) == (True, True)


def test_turning_it_on_ends_the_sessions_that_were_opened_without(client, staff):
    log_in(client, staff)
    enable_two_factor(staff)
    assert client.get(HOME).status_code == 302


def test_customers_do_not_come_in(client, settings):
    settings.STAFF_TWO_FACTOR_REQUIRED = True
    assert not is_let_in(client, log_in(client, make_user()))


def test_administrators_turn_it_off_for_who_lost_everything(client, staff):
    client.force_login(staff)
    lost, never = make_user(), make_user()
    enable_two_factor(lost)
    chosen = {"action": "turn_two_factor_off", "_selected_action": [lost.pk, never.pk]}
    page = client.post("/admin/accounts/user/", chosen, follow=True).content.decode()
    assert f"Off now: {lost}." in page
    assert f"Was not on: {never}." in page
    lost.refresh_from_db()
    assert not lost.two_factor_enabled
    assert not Authenticator.objects.exists()
    assert LogEntry.objects.get().object_id == str(lost.pk)


def test_other_staff_do_not(client):
    support = make_user(is_staff=True)
    support.user_permissions.set(Permission.objects.filter(codename__endswith="_user"))
    client.force_login(support)
    customer = make_user()
    enable_two_factor(customer)
    chosen = {"action": "turn_two_factor_off", "_selected_action": [customer.pk]}
    client.post("/admin/accounts/user/", chosen, follow=True)
    customer.refresh_from_db()
    assert customer.two_factor_enabled
