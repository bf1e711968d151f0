import pytest
from django.contrib.auth.models import Group, Permission
from django.urls import reverse

from accounts.errors import TokenNotValid
from accounts.models import User
from accounts.services.passwords import ask_reset, reset_password, verify_reset
from accounts.services.roles import create_roles
from accounts.services.tokens import issue_tokens, verify_token
from config.errors import InvalidInput
from notifications.models import Message

from .codes import sent_code
from .factories import PASSWORD, make_address, make_staff, make_user

pytestmark = pytest.mark.django_db

LIST = "/admin/accounts/user/"


@pytest.fixture
def staff(client):
    staff = make_staff()
    client.force_login(staff)
    return staff


def change_form(user):
    return {
        "email": user.email or "",
        "username": user.username or "",
        "phone": user.phone or "",
        "first_name": user.first_name,
        "last_name": user.last_name,
        "language": "en",
        "membership": user.membership,
        "is_active": "on",
        "addresses-TOTAL_FORMS": "0",
        "addresses-INITIAL_FORMS": "0",
    }


def test_staff_find_people_and_see_no_password_hash(client, staff):
    user = make_user(first_name="Asha", phone="+919876543210")
    make_address(user)
    assert "+919876543210" in client.get(LIST, {"q": "asha"}).content.decode()
    page = client.get(f"{LIST}{user.pk}/change/").content.decode()
    assert "Bengaluru" in page
    assert reverse("admin:auth_user_password_change", args=[user.pk]) in page
    assert user.password not in page
    assert "algorithm" not in page


def test_staff_create_people_by_the_same_rules(client, staff):
    body = {"email": "new@example.com", "username": "new", "phone": "98765 43210"}
    passwords = {"usable_password": "true", "password1": PASSWORD, "password2": PASSWORD}
    assert client.get(f"{LIST}add/").status_code == 200
    assert client.post(f"{LIST}add/", body | passwords).status_code == 302
    user = User.objects.get(email_key="new@example.com")
    assert (user.phone, user.check_password(PASSWORD)) == ("+919876543210", True)
    again = client.post(f"{LIST}add/", body | passwords | {"email": "NEW@example.com"})
    assert again.status_code == 200
    assert "Somebody else has this e-mail address" in again.content.decode()
    nameless = client.post(f"{LIST}add/", passwords | {"username": "only"})
    assert "Give an e-mail address or a phone number" in nameless.content.decode()
    assert User.objects.count() == 2


def test_a_new_email_given_by_staff_is_not_verified(client, staff):
    user = make_user(email_verified=True)
    body = change_form(user) | {"email": "corrected@example.com"}
    assert client.post(f"{LIST}{user.pk}/change/", body).status_code == 302
    user.refresh_from_db()
    assert (user.email_key, user.email_verified) == ("corrected@example.com", False)


def test_staff_set_another_password(client, staff):
    user = make_user()
    issue_tokens(user)
    path = reverse("admin:auth_user_password_change", args=[user.pk])
    new = "an-Other-passw0rd"
    body = {"usable_password": "true", "password1": new, "password2": new}
    assert client.get(path).status_code == 200
    assert client.post(path, body).status_code == 302
    user.refresh_from_db()
    assert user.check_password(new)
    assert not user.refresh_tokens.filter(revoked_at=None).exists()
    assert Message.objects.get().kind == "password_changed"


def test_an_address_that_staff_correct_is_no_way_to_a_password_any_more(client, staff):
    user = make_user(email="asha@example.com")
    ask_reset(recipient="asha@example.com")
    token = verify_reset(recipient="asha@example.com", otp=sent_code("asha@example.com"))
    body = change_form(user) | {"email": "asha.rao@example.com"}
    assert client.post(f"{LIST}{user.pk}/change/", body).status_code == 302
    with pytest.raises(InvalidInput):
        reset_password(reset_token=token, new_password="an-Other-passw0rd")


def test_a_password_that_staff_set_for_themselves_is_told_and_ends_what_was_opened(client, staff):
    pair = issue_tokens(staff)
    path, new = "/admin/password_change/", "an-Other-passw0rd"
    body = {"old_password": PASSWORD, "new_password1": new, "new_password2": new}
    assert client.get(path).status_code == 200
    assert client.post(path, body | {"old_password": "wrong"}).status_code == 200
    assert not Message.objects.exists()
    answer = client.post(path, body)
    assert (answer.status_code, answer["Location"]) == (302, f"{path}done/")
    assert client.get("/admin/").status_code == 200
    staff.refresh_from_db()
    assert staff.check_password(new)
    assert not staff.refresh_tokens.filter(revoked_at=None).exists()
    assert Message.objects.get().kind == "password_changed"
    with pytest.raises(TokenNotValid):
        verify_token(token=pair.access)


def test_guesses_at_ones_own_password_are_counted(client, staff):
    body = {"old_password": "wrong", "new_password1": "x", "new_password2": "x"}
    pages = [client.post("/admin/password_change/", body).content.decode() for _ in range(6)]
    assert ["Too many attempts" in page for page in pages] == [False] * 5 + [True]


def test_staff_give_neither_themselves_nor_others_rights(client):
    clerk = make_user(is_staff=True)
    names = ["view_user", "change_user", "delete_user"]
    clerk.user_permissions.set(Permission.objects.filter(codename__in=names))
    client.force_login(clerk)
    admin, customer = make_staff(), make_user()
    for person in (clerk, admin):
        response = client.post(f"{LIST}{person.pk}/change/", change_form(person))
        assert response.status_code == 403
        path = reverse("admin:auth_user_password_change", args=[person.pk])
        assert client.post(path, {"password1": "x", "password2": "x"}).status_code == 403
    body = change_form(customer) | {"is_staff": "on", "is_superuser": "on", "first_name": "Asha"}
    assert client.post(f"{LIST}{customer.pk}/change/", body).status_code == 302
    customer.refresh_from_db()
    assert (customer.first_name, customer.role) == ("Asha", "customer")
    assert client.post(f"{LIST}{customer.pk}/delete/", {"post": "yes"}).status_code == 403
    admin.refresh_from_db()
    assert admin.check_password(PASSWORD)


def test_support_finds_people_and_changes_nobody(client):
    create_roles()
    agent = make_user(is_staff=True)
    agent.groups.add(Group.objects.get(name="support"))
    client.force_login(agent)
    customer, admin = make_user(first_name="Asha"), make_staff()
    assert "Asha" in client.get(f"{LIST}{customer.pk}/change/").content.decode()
    everything = {"is_staff": "on", "is_superuser": "on", "groups": [Group.objects.first().pk]}
    for person in (agent, customer, admin):
        body = change_form(person) | everything
        assert client.post(f"{LIST}{person.pk}/change/", body).status_code == 403
        path = reverse("admin:auth_user_password_change", args=[person.pk])
        assert client.get(path).status_code == 403
    agent.refresh_from_db()
    assert (agent.is_superuser, agent.groups.get().name) == (False, "support")


def test_who_may_change_groups_by_permission_still_changes_none(client):
    create_roles()
    clerk = make_user(is_staff=True)
    clerk.user_permissions.set(Permission.objects.filter(content_type__app_label="auth"))
    client.force_login(clerk)
    group = Group.objects.get(name="support")
    path = f"/admin/auth/group/{group.pk}/change/"
    rights = [permission.pk for permission in Permission.objects.all()]
    before = set(group.permissions.all())
    assert client.get(path).status_code == 200
    assert client.post(path, {"name": "support", "permissions": rights}).status_code == 403
    assert client.post("/admin/auth/group/add/", {"name": "x"}).status_code == 403
    assert client.post(f"/admin/auth/group/{group.pk}/delete/", {"post": "yes"}).status_code == 403
    assert set(group.permissions.all()) == before


def test_administrators_give_people_groups(client, staff):
    create_roles()
    user, group = make_user(), Group.objects.get(name="analyst")
    body = change_form(user) | {"is_staff": "on", "groups": [group.pk]}
    assert client.post(f"{LIST}{user.pk}/change/", body).status_code == 302
    user.refresh_from_db()
    assert (user.role, list(user.groups.all())) == ("staff", [group])


def log_in(client, user, password):
    body = {"username": user.email.upper(), "password": password}
    return client.post("/admin/login/", body, REMOTE_ADDR="10.9.8.7")


def test_guessing_at_the_login_is_stopped_and_the_api_counts_along(client, api):
    staff = make_staff()
    guesses = [log_in(client, staff, "wrong").content.decode() for _ in range(6)]
    assert ["Too many attempts" in page for page in guesses] == [False] * 5 + [True]
    assert log_in(client, staff, PASSWORD).status_code == 200
    body = {"email": staff.email, "password": PASSWORD}
    assert api.post("/api/v1/auth/login/", body, REMOTE_ADDR="10.9.8.7").status_code == 429
    assert api.post("/api/v1/auth/login/", body, REMOTE_ADDR="10.9.8.8").status_code == 200


def test_staff_without_an_email_log_in_by_phone_or_username(client):
    make_staff(email=None, phone="+919876543210", username="asha")
    names = ["+91 98765 43210", "09876543210", "Asha"]
    for name in names:
        body = {"username": name, "password": PASSWORD}
        assert client.post("/admin/login/", body).status_code == 302, name
        client.logout()


def test_who_knows_the_password_may_log_in_often(client):
    staff = make_staff()
    assert [log_in(client, staff, PASSWORD).status_code for _ in range(7)] == [302] * 7
