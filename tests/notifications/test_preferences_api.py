import pytest

from notifications.models import Preference
from tests.accounts.factories import make_user

pytestmark = pytest.mark.django_db

URL = "/api/v1/notifications/preferences/"
ON = {"email": True, "in_app": True, "sms": False}
OFF = {"email": False, "in_app": False, "sms": False}
UNSAID = {"order_updates": ON, "promotions": OFF, "cart_reminders": OFF, "stock_alerts": ON}


@pytest.fixture
def reader(api):
    user = make_user()
    api.force_authenticate(user)
    return user


def test_promotions_and_reminders_start_off(api, reader, django_assert_num_queries):
    with django_assert_num_queries(1):
        assert api.get(URL).json() == UNSAID
    assert not Preference.objects.exists()


def test_a_change_touches_only_what_it_names(api, reader):
    api.patch(URL, {"cart_reminders": {"email": True}})
    response = api.patch(
        URL, {"cart_reminders": {"in_app": True}, "order_updates": {"email": False}}
    )
    expected = UNSAID | {
        "cart_reminders": {"email": True, "in_app": True, "sms": False},
        "order_updates": {"email": False, "in_app": True, "sms": False},
    }
    assert (response.status_code, response.json()) == (200, expected)
    assert api.get(URL).json() == expected


def test_everybody_has_preferences_of_their_own(api, reader):
    api.patch(URL, {"promotions": {"email": True}})
    api.force_authenticate(make_user())
    assert api.get(URL).json() == UNSAID


@pytest.mark.parametrize(
    ("body", "details"),
    [
        ({"newsletter": {"email": True}}, {"newsletter": ["There is no such field."]}),
        ({"promotions": {"pigeon": True}}, {"promotions": {"pigeon": ["There is no such field."]}}),
        ({"promotions": {"email": "true"}}, {"promotions": {"email": ["Give true or false."]}}),
        ({"promotions": {"email": 1}}, {"promotions": {"email": ["Give true or false."]}}),
        (
            {"promotions": {"email": None}},
            {"promotions": {"email": ["This field may not be null."]}},
        ),
        ({"promotions": None}, {"promotions": ["This field may not be null."]}),
        (
            {"promotions": True},
            {"promotions": {"non_field_errors": ["Invalid data. Expected a dictionary"]}},
        ),
    ],
)
def test_what_cannot_be_wished_is_400_and_changes_nothing(api, reader, body, details):
    response = api.patch(URL, {"order_updates": {"email": False}} | body)
    assert response.status_code == 400
    assert beginnings(response.json()["details"]) == beginnings(details)
    assert not Preference.objects.exists()


def beginnings(details):
    """Cut messages to their first words."""
    if isinstance(details, dict):
        return {key: beginnings(value) for key, value in details.items()}
    return [text.split(".")[0].split(",")[0] for text in details]


@pytest.mark.parametrize("body", [[], "promotions", 5])
def test_a_body_that_is_no_object_is_400(api, reader, body):
    assert api.patch(URL, body).status_code == 400


@pytest.mark.parametrize("body", [{}, {"promotions": {}}])
def test_a_change_of_nothing_changes_nothing(api, reader, body):
    response = api.patch(URL, body)
    assert (response.status_code, response.json()) == (200, UNSAID)
