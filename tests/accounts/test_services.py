from datetime import timedelta
from uuid import uuid4

import pytest
from django.contrib.auth.models import Group
from django.core import signing
from django.utils import timezone

from accounts.errors import TokenNotValid
from accounts.models import Address, AttemptCounter, RefreshToken, User
from accounts.services.addresses import (
    create_address,
    delete_address,
    set_default_address,
    update_address,
)
from accounts.services.attempts import count_attempt, give_back, key_of
from accounts.services.email_verification import (
    make_email_token,
    resend_verification,
    verify_email,
)
from accounts.services.profiles import change_password, erase_user, update_profile
from accounts.services.registration import register_user
from accounts.signals import email_changed, password_changed, user_erased, user_registered
from accounts.tasks import clean_expired
from config.errors import InvalidInput, NotFound

from .factories import PASSWORD, make_address, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def heard():
    """The events that were emitted, as (name, user_id)."""
    events = {
        "user_registered": user_registered,
        "email_changed": email_changed,
        "password_changed": password_changed,
        "user_erased": user_erased,
    }
    found, receivers = [], []
    for name, event in events.items():

        def receive(sender, user_id, name=name, **kwargs):
            found.append((name, user_id))

        event.connect(receive, weak=False)
        receivers.append((event, receive))
    yield found
    for event, receive in receivers:
        event.disconnect(receive)


def defaults(user):
    rows = Address.objects.filter(user=user).exclude(default_of=None)
    return {row.default_of: row.pk for row in rows}


def fields(**changes):
    return {
        "full_name": "Asha Rao",
        "phone_number": "+919876543210",
        "address_line1": "12 MG Road",
        "city": "Bengaluru",
        "country": "IN",
    } | changes


# Registering


def test_registering_keeps_the_password_as_a_hash_and_tells_the_others(heard):
    user, _ = register_user(password=PASSWORD, email="Asha@Example.com", username="Asha")
    user.refresh_from_db()
    assert (user.email, user.email_key, user.username_key) == (
        "Asha@Example.com",
        "asha@example.com",
        "asha",
    )
    assert user.check_password(PASSWORD)
    assert PASSWORD not in user.password
    assert heard == [("user_registered", user.pk)]


def test_every_taken_identifier_is_named_at_once(heard):
    make_user(email="asha@example.com", username="asha", phone="+919876543210")
    with pytest.raises(InvalidInput) as refusal:
        register_user(
            password=PASSWORD, email="ASHA@example.com", username="Asha", phone="+919876543210"
        )
    assert refusal.value.details.keys() == {"email", "username", "phone"}
    assert User.objects.count() == 1
    assert not RefreshToken.objects.exists()
    assert heard == []


# E-mail verification


def test_the_link_verifies_the_address_it_was_made_for_as_often_as_it_is_followed():
    user = make_user()
    token = make_email_token(user)
    verify_email(token=token)
    verify_email(token=token)
    user.refresh_from_db()
    assert user.email_verified


def test_the_link_is_refused_when_forged_and_for_another_address():
    user = make_user()
    token = make_email_token(user)
    for forged in (token[:-2], "", "garbage", signing.dumps([str(user.pk), user.email_key])):
        with pytest.raises(InvalidInput):
            verify_email(token=forged)
    update_profile(user_id=user.pk, email="new@example.com")
    with pytest.raises(InvalidInput) as refusal:
        verify_email(token=token)
    assert refusal.value.details.keys() == {"token"}
    user.refresh_from_db()
    assert not user.email_verified


def test_the_link_lives_three_days(monkeypatch):
    user = make_user()
    token = make_email_token(user)
    now = signing.time.time()
    monkeypatch.setattr(signing.time, "time", lambda: now + 3 * 86400 + 5)
    with pytest.raises(InvalidInput):
        verify_email(token=token)
    monkeypatch.setattr(signing.time, "time", lambda: now + 3 * 86400 - 5)
    verify_email(token=token)


def test_the_link_is_asked_for_again_only_while_it_is_needed(heard):
    waiting, done = make_user(), make_user(email_verified=True)
    resend_verification(user_id=waiting.pk)
    resend_verification(user_id=done.pk)
    assert heard == [("email_changed", waiting.pk)]
    with pytest.raises(InvalidInput):
        resend_verification(user_id=make_user(email=None, phone="+919876543210").pk)


def test_each_mail_that_is_asked_for_is_an_event_of_its_own():
    events = set()

    def receive(sender, event_id, **kwargs):
        events.add(event_id)

    user = make_user()
    email_changed.connect(receive)
    resend_verification(user_id=user.pk)
    resend_verification(user_id=user.pk)
    email_changed.disconnect(receive)
    assert len(events) == 2


# Profile and password


def test_a_new_email_or_phone_must_be_verified_again(heard):
    user = make_user(email="asha@example.com", phone="+919876543210")
    User.objects.update(email_verified=True, phone_verified=True)
    same = update_profile(user_id=user.pk, email="Asha@Example.com", phone="+919876543210")
    assert (same.email, same.email_verified, same.phone_verified) == (
        "Asha@Example.com",
        True,
        True,
    )
    assert heard == []
    new = update_profile(user_id=user.pk, email="new@example.com", phone="+919876543211")
    assert (new.email_verified, new.phone_verified) == (False, False)
    assert heard == [("email_changed", user.pk)]


def test_a_profile_keeps_an_address_or_a_phone_and_takes_nobody_elses(heard):
    make_user(email="taken@example.com")
    user = make_user(email="asha@example.com")
    for changes in ({"email": None}, {"email": "TAKEN@example.com"}):
        with pytest.raises(InvalidInput) as refusal:
            update_profile(user_id=user.pk, **changes)
        assert refusal.value.details.keys() == {"email"}
    user.refresh_from_db()
    assert user.email == "asha@example.com"
    assert heard == []


def test_a_password_changed_meanwhile_is_not_changed_again():
    user = make_user()
    stale = User.objects.get(pk=user.pk)
    change_password(user=user, current_password=PASSWORD, new_password="first-Passw0rd")
    with pytest.raises(InvalidInput):
        change_password(user=stale, current_password=PASSWORD, new_password="second-Passw0rd")
    user.refresh_from_db()
    assert user.check_password("first-Passw0rd")


def test_erasing_leaves_a_row_without_a_person(heard):
    user = make_user(
        username="asha",
        phone="+919876543210",
        first_name="Asha",
        last_name="Rao",
        date_of_birth="1990-01-02",
        is_staff=True,
        external_source="old-shop",
        external_id="17",
    )
    user.groups.add(Group.objects.create(name="support"))
    make_address(user)
    kept = make_address(make_user())
    update_profile(user_id=user.pk, first_name="Asha")
    erase_user(user_id=user.pk)
    user = User.objects.get(pk=user.pk)
    nothing = (None, None, None, None, None, "", "", None, "", None)
    assert nothing == (
        user.email,
        user.email_key,
        user.username,
        user.username_key,
        user.phone,
        user.first_name,
        user.last_name,
        user.date_of_birth,
        user.external_source,
        user.external_id,
    )
    assert (user.is_active, user.is_staff, user.has_usable_password()) == (False, False, False)
    assert not user.groups.exists()
    assert list(Address.objects.all()) == [kept]
    assert heard == [("user_erased", user.pk)]


def test_a_request_that_was_under_way_writes_nothing_about_an_erased_person():
    user = make_user()
    erase_user(user_id=user.pk)
    with pytest.raises(TokenNotValid):
        update_profile(user_id=user.pk, email="asha@example.com", first_name="Asha")
    with pytest.raises(TokenNotValid):
        create_address(user_id=user.pk, **fields())
    user.refresh_from_db()
    assert (user.email, user.first_name) == (None, "")
    assert not Address.objects.exists()


def test_what_was_erased_may_be_registered_again():
    user = make_user(email="asha@example.com", username="asha")
    erase_user(user_id=user.pk)
    erase_user(user_id=make_user().pk)
    again, _ = register_user(password=PASSWORD, email="asha@example.com", username="asha")
    assert again.pk != user.pk


# Addresses


def test_the_first_address_of_a_type_is_its_default():
    user = make_user()
    home = create_address(user_id=user.pk, **fields())
    create_address(user_id=user.pk, **fields())
    office = create_address(user_id=user.pk, address_type="billing", **fields())
    assert defaults(user) == {"shipping": home.pk, "billing": office.pk}


def test_a_chosen_default_takes_the_place_of_the_one_before():
    user = make_user()
    home = create_address(user_id=user.pk, **fields())
    second = create_address(user_id=user.pk, is_default=True, **fields())
    assert defaults(user) == {"shipping": second.pk}
    set_default_address(address=home)
    assert defaults(user) == {"shipping": home.pk}
    update_address(address=second, is_default=True)
    assert defaults(user) == {"shipping": second.pk}
    update_address(address=second, is_default=False)
    assert defaults(user) == {"shipping": second.pk}


def test_after_a_deleted_default_the_newest_of_its_type_is_the_default():
    user = make_user()
    first = create_address(user_id=user.pk, **fields())
    older, newest = [create_address(user_id=user.pk, **fields()) for _ in range(2)]
    now = timezone.now()
    for age, address in enumerate((newest, older)):
        Address.objects.filter(pk=address.pk).update(created_at=now - timedelta(hours=age))
    create_address(user_id=user.pk, address_type="billing", **fields())
    delete_address(address=older)
    assert defaults(user)["shipping"] == first.pk
    delete_address(address=first)
    assert defaults(user)["shipping"] == newest.pk
    delete_address(address=newest)
    assert defaults(user).keys() == {"billing"}


def test_a_default_that_changes_its_type_leaves_its_place_to_the_newest_other():
    user = make_user()
    home = create_address(user_id=user.pk, **fields())
    second = create_address(user_id=user.pk, **fields())
    update_address(address=home, address_type="billing")
    assert defaults(user) == {"shipping": second.pk, "billing": home.pk}


def test_an_address_deleted_meanwhile_is_not_found():
    user = make_user()
    address = make_address(user)
    Address.objects.all().delete()
    for change in (update_address, set_default_address, delete_address):
        with pytest.raises(NotFound):
            change(address=address)
    assert not Address.objects.exists()


# Attempts and cleaning


def test_an_attempt_over_the_limit_waits_for_the_end_of_the_window():
    key, minute = key_of("login", "asha"), timedelta(minutes=1)
    assert [count_attempt(key=key, limit=2, period=minute) for _ in range(2)] == [None, None]
    wait = count_attempt(key=key, limit=2, period=minute)
    assert timedelta(seconds=50) < wait <= minute
    assert count_attempt(key=key_of("login", "ravi"), limit=2, period=minute) is None
    AttemptCounter.objects.filter(key_hash=key).update(window_ends_at=timezone.now())
    assert count_attempt(key=key, limit=2, period=minute) is None
    assert AttemptCounter.objects.get(key_hash=key).count == 1


def test_an_attempt_given_back_may_be_made_again_and_counts_never_fall_below_zero():
    key, minute = key_of("login", "asha"), timedelta(minutes=1)
    count_attempt(key=key, limit=1, period=minute)
    give_back(key=key)
    give_back(key=key)
    assert AttemptCounter.objects.get().count == 0
    assert count_attempt(key=key, limit=1, period=minute) is None
    assert count_attempt(key=key, limit=1, period=minute) is not None


def test_cleaning_deletes_what_has_expired_and_nothing_else():
    user, now = make_user(), timezone.now()
    second = timedelta(seconds=1)
    for name, moment in (("old", now - second), ("new", now + 60 * second)):
        RefreshToken.objects.create(jti=uuid4().hex, user=user, expires_at=moment)
        AttemptCounter.objects.create(key_hash=name, window_ends_at=moment)
    clean_expired()
    clean_expired()
    assert RefreshToken.objects.get().expires_at > now
    assert AttemptCounter.objects.get().key_hash == "new"
