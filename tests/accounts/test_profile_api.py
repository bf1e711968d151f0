from datetime import UTC, datetime

import pytest
from django.contrib.auth.models import Group

from accounts.models import Address, RefreshToken, Seller, User

from .factories import PASSWORD, make_address, make_staff, make_user, sign_in

pytestmark = pytest.mark.django_db

ME = "/api/v1/users/me/"


def test_the_profile_tells_role_groups_and_seller(api):
    user = make_user(is_seller=True)
    user.groups.add(Group.objects.create(name="support"))
    seller = Seller.objects.create(user=user, slug="asha-mugs", name="Asha Mugs")
    sign_in(api, user)
    profile = api.get(ME).data
    assert profile["role"] == "seller"
    assert profile["groups"] == ["support"]
    assert profile["seller"] == {"id": seller.pk, "slug": "asha-mugs", "status": "pending"}
    sign_in(api, make_staff())
    assert api.get(ME).data["role"] == "admin"


def test_times_are_told_in_utc(api):
    sign_in(api, make_user(date_joined=datetime(2026, 1, 31, 12, 0, 5, tzinfo=UTC)))
    assert api.get(ME).data["date_joined"] == "2026-01-31T12:00:05Z"


def test_the_profile_costs_three_queries(api, django_assert_num_queries):
    sign_in(api, make_user())
    with django_assert_num_queries(3):  # the user, the seller, the groups
        api.get(ME)


def test_what_people_say_of_themselves_can_be_changed_and_no_more(api):
    user = make_user(email="asha@example.com")
    sign_in(api, user)
    response = api.patch(
        ME,
        {
            "email": "new@example.com",
            "username": "asha",
            "phone": "98765 43210",
            "first_name": "Asha",
            "date_of_birth": "1990-01-31",
            "language": "hi",
            "role": "admin",
            "membership": "gold",
            "email_verified": True,
            "is_staff": True,
        },
    )
    assert response.status_code == 200
    assert response.data["email"] == "new@example.com"
    assert response.data["phone"] == "+919876543210"
    assert (response.data["username"], response.data["language"]) == ("asha", "hi")
    assert (response.data["role"], response.data["membership"]) == ("customer", "bronze")
    assert response.data["email_verified"] is False
    assert api.get(ME).data == response.data
    user.refresh_from_db()
    assert not user.is_staff


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"email": "TAKEN@example.com"}, "email"),
        ({"username": "Taken"}, "username"),
        ({"phone": "+919876543210"}, "phone"),
        ({"email": None}, "email"),
        ({"email": ""}, "email"),
        ({"username": "17"}, "username"),
        ({"language": "klingon"}, "language"),
        ({"date_of_birth": "1800-01-01"}, "date_of_birth"),
    ],
)
def test_a_change_that_cannot_be_is_refused_on_its_field(api, changes, field):
    make_user(email="taken@example.com", username="taken", phone="+919876543210")
    user = make_user(email="asha@example.com", username="asha")
    sign_in(api, user)
    response = api.patch(ME, changes | {"first_name": "Asha"})
    assert response.status_code == 400
    assert response.data["details"].keys() == {field}
    user.refresh_from_db()
    assert (user.email, user.username, user.first_name) == ("asha@example.com", "asha", "")


def test_strangers_are_not_mailed_by_changing_the_address_again_and_again(api):
    sign_in(api, make_user())
    statuses = [api.patch(ME, {"email": f"stranger{n}@example.org"}).status_code for n in range(6)]
    assert statuses == [200] * 5 + [429]


def test_who_is_erased_is_gone_from_every_call(api):
    user = make_user(email="asha@example.com", first_name="Asha")
    pair = sign_in(api, user)
    make_address(user)
    assert api.delete(ME, {"password": PASSWORD}).status_code == 204
    assert api.get(ME).status_code == 401
    refresh = api.post("/api/v1/auth/token/refresh/", {"refresh": pair.refresh})
    assert refresh.data["code"] == "token_not_valid"
    body = {"email": "asha@example.com", "password": PASSWORD}
    assert api.post("/api/v1/auth/login/", body).status_code == 401
    assert (User.objects.get().email, User.objects.get().first_name) == (None, "")
    assert not Address.objects.exists()
    assert not RefreshToken.objects.exists()


@pytest.mark.parametrize("body", [{"password": "wrong"}, {}, {"password": ""}])
def test_nobody_is_erased_without_the_password(api, body):
    user = make_user(email="asha@example.com")
    sign_in(api, user)
    response = api.delete(ME, body)
    assert response.status_code == 400
    assert response.data["details"].keys() == {"password"}
    user.refresh_from_db()
    assert (user.email, user.is_active) == ("asha@example.com", True)


def test_other_methods_are_refused(api):
    sign_in(api, make_user())
    for method in (api.put, api.post):
        assert method(ME, {}).data["code"] == "method_not_allowed"
