from datetime import timedelta

import pytest
from django.utils import timezone
from rest_framework_simplejwt.tokens import AccessToken
from rest_framework_simplejwt.tokens import RefreshToken as SignedRefreshToken

from accounts.errors import TokenNotValid
from accounts.models import RefreshToken
from accounts.services.profiles import change_password
from accounts.services.tokens import (
    end_all_sessions,
    end_session,
    issue_tokens,
    rotate_token,
    verify_token,
)

from .factories import PASSWORD, make_user

pytestmark = pytest.mark.django_db


def refused(refresh):
    with pytest.raises(TokenNotValid):
        rotate_token(refresh=refresh)
    return True


def age_use(seconds):
    used = timezone.now() - timedelta(seconds=seconds)
    RefreshToken.objects.exclude(used_at=None).update(used_at=used)


def test_only_the_id_of_a_refresh_token_is_stored():
    user = make_user()
    pair = issue_tokens(user)
    row = RefreshToken.objects.get()
    assert row.jti == SignedRefreshToken(pair.refresh)["jti"]
    assert row.user == user
    assert abs(row.expires_at - timezone.now() - timedelta(days=7)) < timedelta(seconds=5)


def test_a_refresh_token_is_exchanged_once_for_a_pair_of_the_same_family():
    first = issue_tokens(make_user())
    second = rotate_token(refresh=first.refresh)
    verify_token(token=second.access)
    assert RefreshToken.objects.values("family").distinct().count() == 1
    assert refused(first.refresh)
    assert RefreshToken.objects.count() == 2
    rotate_token(refresh=second.refresh)


def test_a_repeat_within_ten_seconds_leaves_the_family_alive():
    first = issue_tokens(make_user())
    second = rotate_token(refresh=first.refresh)
    age_use(8)
    assert refused(first.refresh)
    rotate_token(refresh=second.refresh)


def test_a_repeat_after_ten_seconds_ends_the_whole_family_and_no_other():
    user = make_user()
    first, other = issue_tokens(user), issue_tokens(user)
    second = rotate_token(refresh=first.refresh)
    age_use(12)
    assert refused(first.refresh)
    assert refused(second.refresh)
    rotate_token(refresh=other.refresh)


def test_a_refresh_token_dies_with_the_account_and_with_the_password():
    user = make_user()
    pair = issue_tokens(user)
    user.is_active = False
    user.save()
    assert refused(pair.refresh)
    user.is_active = True
    user.set_password("an-Other-passw0rd")
    user.save()
    assert refused(pair.refresh)
    assert RefreshToken.objects.get().used_at is None


def test_access_tokens_garbage_and_tokens_without_a_row_are_not_exchanged():
    user = make_user()
    pair = issue_tokens(user)
    unknown = str(SignedRefreshToken.for_user(user))
    nameless = SignedRefreshToken()
    nameless["user_id"] = "nobody"
    for token in (pair.access, "garbage", "", unknown, str(nameless), str(SignedRefreshToken())):
        assert refused(token)
    expired = SignedRefreshToken.for_user(user)
    expired.set_exp(lifetime=timedelta(seconds=-1))
    assert refused(str(expired))
    assert RefreshToken.objects.count() == 1


def test_logging_out_kills_what_came_of_the_login_too():
    user = make_user()
    first, other = issue_tokens(user), issue_tokens(user)
    second = rotate_token(refresh=first.refresh)
    end_session(user_id=user.pk, refresh=first.refresh)
    assert refused(second.refresh)
    rotate_token(refresh=other.refresh)


def test_nobody_logs_somebody_else_out():
    pair = issue_tokens(make_user())
    with pytest.raises(TokenNotValid):
        end_session(user_id=make_user().pk, refresh=pair.refresh)
    rotate_token(refresh=pair.refresh)


def test_logging_out_everywhere_kills_every_refresh_token_of_that_user():
    user, other = make_user(), make_user()
    mine, theirs = [issue_tokens(user), issue_tokens(user)], issue_tokens(other)
    end_all_sessions(user_id=user.pk)
    assert all(refused(pair.refresh) for pair in mine)
    rotate_token(refresh=theirs.refresh)


def test_verifying_tells_live_tokens_from_dead_ones():
    user = make_user()
    pair = issue_tokens(user)
    verify_token(token=pair.access)
    verify_token(token=pair.refresh)
    rotate_token(refresh=pair.refresh)
    expired = AccessToken.for_user(user)
    expired.set_exp(lifetime=timedelta(seconds=-1))
    for dead in (pair.refresh, str(expired), "garbage"):
        with pytest.raises(TokenNotValid):
            verify_token(token=dead)
    change_password(user=user, current_password=PASSWORD, new_password="an-Other-passw0rd")
    with pytest.raises(TokenNotValid):
        verify_token(token=pair.access)
