import pytest
from django.contrib.auth.models import Group, Permission
from django.core.management import call_command

from accounts.services.roles import ROLES, create_roles, keys_of
from config.first_start import prepare

from .factories import make_user

pytestmark = pytest.mark.django_db


def rights_of(name):
    rows = Group.objects.get(name=name).permissions
    return {
        f"{app}.{code}" for app, code in rows.values_list("content_type__app_label", "codename")
    }


def test_the_command_makes_the_four_groups_with_their_rights(capsys):
    call_command("create_roles")
    assert set(Group.objects.values_list("name", flat=True)) == {
        "catalog manager",
        "order manager",
        "support",
        "analyst",
    }
    for name, rights in ROLES.items():
        assert rights_of(name) == set(keys_of(rights))
    assert f"support          {len(keys_of(ROLES['support'])):>3} rights added" in (
        capsys.readouterr().out
    )


def test_a_second_run_adds_what_is_missing_and_takes_nothing_away():
    create_roles()
    group = Group.objects.get(name="support")
    extra = Permission.objects.get(codename="view_coupon")
    group.permissions.remove(Permission.objects.get(codename="view_order"))
    group.permissions.add(Permission.objects.get(codename="change_order"))
    assert {name: count for name, count in create_roles().items() if count} == {"support": 1}
    assert rights_of("support") == {*keys_of(ROLES["support"]), "orders.change_order"}
    assert extra in group.permissions.all()
    assert create_roles().total() == 0


def test_nobody_gets_rights_over_rights():
    named = {key for rights in ROLES.values() for key in keys_of(rights)}
    assert not [key for key in named if key.startswith(("auth.", "admin."))]
    assert {key for key in named if key.endswith("_user")} == {"accounts.view_user"}


def test_support_and_analysts_move_neither_goods_nor_money():
    for name in ("support", "analyst"):
        changing = {key for key in keys_of(ROLES[name]) if ".view_" not in key}
        assert changing == ({"catalog.change_review"} if name == "support" else set())


def test_order_managers_send_mails_again():
    assert "notifications.change_message" in keys_of(ROLES["order manager"])


def test_a_group_counts_in_the_api_only_for_staff(api):
    create_roles()
    person = make_user()
    person.groups.add(Group.objects.get(name="order manager"))
    api.force_authenticate(person)
    assert api.get("/api/v1/customers/").status_code == 403
    assert api.get("/api/v1/users/me/").json()["groups"] == ["order manager"]


def test_a_first_start_makes_the_groups_once(settings, tmp_path):
    settings.VAR_DIR = tmp_path
    prepare(with_goods=False)
    assert Group.objects.count() == 4
    Group.objects.exclude(name="support").delete()
    prepare(with_goods=False)
    assert [group.name for group in Group.objects.all()] == ["support"]
