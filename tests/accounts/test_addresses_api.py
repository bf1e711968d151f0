from uuid import uuid4

import pytest

from accounts.models import Address

from .factories import make_address, make_user, sign_in

pytestmark = pytest.mark.django_db

LIST = "/api/v1/addresses/"
BODY = {
    "full_name": "Asha Rao",
    "phone_number": "98765 43210",
    "address_line1": "12 MG Road",
    "city": "Bengaluru",
    "state": "Karnataka",
    "postal_code": "560 001",
    "country": "in",
}
FIELDS = {
    "id",
    "address_type",
    "full_name",
    "phone_number",
    "address_line1",
    "address_line2",
    "city",
    "state",
    "postal_code",
    "country",
    "tax_number",
    "is_default",
}


@pytest.fixture
def user(api):
    user = make_user()
    sign_in(api, user)
    return user


def test_a_saved_address_is_spelt_one_way(api, user):
    response = api.post(LIST, BODY | {"tax_number": "29aagcb7383j1z4"})
    assert response.status_code == 201
    address = Address.objects.get()
    assert response["Location"] == f"{LIST}{address.pk}/"
    assert response.data == {
        "id": str(address.pk),
        "address_type": "shipping",
        "full_name": "Asha Rao",
        "phone_number": "+919876543210",
        "address_line1": "12 MG Road",
        "address_line2": "",
        "city": "Bengaluru",
        "state": "KA",
        "postal_code": "560001",
        "country": "IN",
        "tax_number": "29AAGCB7383J1Z4",
        "is_default": True,
    }
    assert address.user == user
    assert api.get(response["Location"]).data == response.data


@pytest.mark.parametrize(
    "field", ["full_name", "phone_number", "address_line1", "city", "country", "state"]
)
def test_what_an_address_needs_is_asked_for(api, user, field):
    for body in ({k: v for k, v in BODY.items() if k != field}, BODY | {field: ""}):
        response = api.post(LIST, body)
        assert response.status_code == 400
        assert response.data["details"].keys() == {field}
    assert not Address.objects.exists()


@pytest.mark.parametrize(
    "changes",
    [
        {"state": "Bavaria"},
        {"postal_code": "5600"},
        {"postal_code": ""},
        {"country": "XX"},
        {"country": "India"},
        {"phone_number": "12345"},
        {"tax_number": "29AAGCB7383J1Z5"},
        {"address_type": "holiday"},
        {"full_name": "x" * 151},
        {"city": {"name": "Bengaluru"}},
        {"is_default": "perhaps"},
    ],
)
def test_a_field_that_cannot_be_right_is_refused(api, user, changes):
    response = api.post(LIST, BODY | changes)
    assert response.status_code == 400
    assert response.data["details"].keys() == changes.keys()
    assert not Address.objects.exists()


def test_an_address_elsewhere_follows_the_rules_of_its_country(api, user):
    body = {
        "full_name": "Abebe",
        "phone_number": "0911 234 567",
        "address_line1": "Bole Road",
        "city": "Addis Ababa",
        "country": "ET",
        "tax_number": "any",
    }
    response = api.post(LIST, body)
    assert response.status_code == 201
    assert response.data["phone_number"] == "+251911234567"
    assert (response.data["state"], response.data["tax_number"]) == ("", "ANY")


def test_a_change_is_judged_together_with_what_stays(api, user):
    address = make_address(user)
    path = f"{LIST}{address.pk}/"
    response = api.patch(path, {"country": "US"})
    assert response.status_code == 400
    assert "state" in response.data["details"]
    address.refresh_from_db()
    assert address.country == "IN"
    changes = {"country": "US", "state": "new york", "postal_code": "10001"}
    response = api.patch(path, changes)
    assert (response.status_code, response.data["state"]) == (200, "NY")
    response = api.patch(path, {"city": "Albany"})
    assert (response.status_code, response.data["city"]) == (200, "Albany")
    assert response.data["address_type"] == "shipping"


def test_one_address_of_a_type_is_the_default(api, user):
    first = api.post(LIST, BODY).data
    second = api.post(LIST, BODY).data
    billing = api.post(LIST, BODY | {"address_type": "billing"}).data
    assert (first["is_default"], second["is_default"], billing["is_default"]) == (True, False, True)
    response = api.post(f"{LIST}{second['id']}/set-default/")
    assert (response.status_code, response.data) == (200, second | {"is_default": True})
    assert api.get(f"{LIST}{first['id']}/").data["is_default"] is False
    assert api.delete(f"{LIST}{second['id']}/").status_code == 204
    assert api.get(f"{LIST}{first['id']}/").data["is_default"] is True
    assert api.get(f"{LIST}{second['id']}/").status_code == 404


def test_the_list_is_one_page_of_ones_own_at_a_fixed_cost(api, user, django_assert_num_queries):
    mine = [make_address(user) for _ in range(5)]
    make_address(make_user())
    with django_assert_num_queries(3):  # the user, the count, the page
        response = api.get(LIST, {"page_size": 3})
    page = response.data
    assert (page["count"], page["total_pages"], len(page["results"])) == (5, 2, 3)
    assert page["results"][0].keys() == FIELDS
    rest = api.get(LIST, {"page_size": 3, "page": 2}).data["results"]
    found = {row["id"] for row in [*page["results"], *rest]}
    assert found == {str(address.pk) for address in mine}
    assert len(api.get(LIST, {"cursor": ""}).data["results"]) == 5


def test_an_address_of_somebody_else_is_not_found(api, user):
    theirs = make_address(make_user())
    for pk in (theirs.pk, uuid4(), "17"):
        path = f"{LIST}{pk}/"
        for response in (
            api.get(path),
            api.patch(path, {"city": "Pune"}),
            api.delete(path),
            api.post(f"{path}set-default/"),
        ):
            assert (response.status_code, response.json()["code"]) == (404, "not_found")
    theirs.refresh_from_db()
    assert (theirs.city, theirs.is_default) == ("Bengaluru", False)


def test_an_address_is_not_put(api, user):
    path = f"{LIST}{make_address(user).pk}/"
    assert api.put(path, BODY).data["code"] == "method_not_allowed"
