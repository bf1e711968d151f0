from datetime import timedelta

import pytest
from django.contrib.auth.models import Permission
from django.db import transaction
from django.utils import timezone

from accounts.models import User
from accounts.services.profiles import erase_user
from accounts.services.tokens import issue_tokens
from orders.models import Order
from orders.services.lifecycle import SYSTEM, cancel_order, lock_order, record_refund
from tests.accounts.factories import make_staff, make_user, sign_in
from tests.catalog.factories import make_variant

from .factories import make_delivered_order, make_paid_order, make_placed_order

pytestmark = pytest.mark.django_db
URL = "/api/v1/customers/"
MINE = "/api/v1/users/me/statistics/"


@pytest.fixture
def clerk(api):
    """Staff who may view and change users and view orders."""
    clerk = make_user(is_staff=True)
    names = ["view_user", "change_user", "view_order"]
    clerk.user_permissions.set(Permission.objects.filter(codename__in=names))
    api.force_authenticate(clerk)
    return clerk


def emails(api, **query):
    return [row["email"] for row in api.get(URL, query).json()["results"]]


def make_history():
    """A customer with an order of each kind, of 150 each; 20 of the delivered one went back."""
    user = make_user(email="asha@example.com", first_name="Asha", last_name="Rao")
    variant = make_variant(price="100.00", on_hand=50)
    orders = {"user": user, "variants": [variant]}
    make_placed_order(**orders)
    cancelled = make_paid_order(**orders)
    cancel_order(order_id=cancelled.pk, actor=SYSTEM)
    make_paid_order(**orders)
    delivered = make_delivered_order(**orders)
    with transaction.atomic():
        record_refund(lock_order(delivered.pk), 20)
    return user


def test_a_customer_is_shown_with_what_was_ordered(api, clerk):
    user = make_history()
    newest = Order.objects.latest("created_at")
    row = api.get(f"{URL}{user.pk}/").json()
    assert row.keys() >= {"id", "membership", "role", "email_verified", "groups", "seller"}
    assert (row["email"], row["is_active"]) == ("asha@example.com", True)
    assert (row["order_count"], row["total_spent"], row["currency"]) == (4, "280.00", "INR")
    assert row["last_order_at"] == f"{newest.created_at:%Y-%m-%dT%H:%M:%SZ}"


def test_somebody_new_has_ordered_nothing(api, clerk):
    row = api.get(f"{URL}{make_user().pk}/").json()
    assert (row["order_count"], row["total_spent"], row["last_order_at"]) == (0, "0.00", None)


def test_statistics_sum_up_own_orders(api, django_assert_num_queries):
    user = make_history()
    make_paid_order()
    api.force_authenticate(user)
    with django_assert_num_queries(1):
        body = api.get(MINE).json()
    newest = Order.objects.filter(user=user).latest("created_at").created_at
    assert body == {
        "order_count": 4,
        "total_spent": "280.00",
        "average_order_value": "140.00",
        "pending_orders": 1,
        "delivered_orders": 1,
        "last_order_at": f"{newest:%Y-%m-%dT%H:%M:%SZ}",
        "currency": "INR",
    }


def test_statistics_of_nothing_are_zero(api):
    api.force_authenticate(make_user())
    body = api.get(MINE).json()
    assert (body["order_count"], body["total_spent"]) == (0, "0.00")
    assert (body["average_order_value"], body["last_order_at"]) == ("0.00", None)


def test_amounts_of_another_currency_are_not_added(api, clerk, settings):
    user = make_history()
    Order.objects.filter(user=user).update(currency="USD")
    make_paid_order(user=user, variants=[make_variant(price="30.00")])
    row = api.get(f"{URL}{user.pk}/").json()
    assert (row["order_count"], row["total_spent"]) == (5, "80.00")


def test_staff_and_erased_people_are_no_customers(api, clerk):
    make_user(email="asha@example.com")
    number = make_user(email=None, external_source="file", external_id="7")
    gone = make_user()
    erase_user(user_id=gone.pk)
    boss = make_staff()
    assert {row["id"] for row in api.get(URL).json()["results"]} == {
        str(number.pk),
        str(User.objects.get(email="asha@example.com").pk),
    }
    for person in (gone, boss, clerk):
        for path in ("", "history/"):
            assert api.get(f"{URL}{person.pk}/{path}").status_code == 404
        assert api.patch(f"{URL}{person.pk}/", {"is_active": False}).status_code == 404
    boss.refresh_from_db()
    clerk.refresh_from_db()
    assert (boss.is_active, clerk.is_active) == (True, True)


@pytest.mark.parametrize(
    "words", ["asha", "ASHA rao", "rao@Exam", "+9198", "asha_r", "Rao Asha 98765"]
)
def test_customers_are_found_by_any_words_of_name_and_addresses(api, clerk, words):
    make_user(
        email="rao@example.com",
        username="Asha_R",
        phone="+919876543210",
        first_name="Asha",
        last_name="Rao",
    )
    make_user(email="ravi@example.org", first_name="Ravi", last_name="Shah")
    assert emails(api, search=words) == ["rao@example.com"]


def test_a_search_of_very_many_words_is_answered(api, clerk):
    make_user(first_name="Asha")
    assert len(emails(api, search="asha " * 2000)) == 1


def test_customers_narrow_by_membership_and_state(api, clerk):
    make_user(email="a@example.com", membership="gold")
    make_user(email="b@example.com", is_active=False)
    assert emails(api, membership="gold") == ["a@example.com"]
    assert emails(api, is_active="false") == ["b@example.com"]
    for query in ({"membership": "tin"}, {"is_active": "so"}, {"ordering": "password"}):
        answer = api.get(URL, query)
        assert (answer.status_code, list(answer.json()["details"])) == (400, list(query))


def test_customers_are_ordered_by_what_they_bought(api, clerk):
    joined = timezone.now() - timedelta(days=9)
    small, big, _ = (
        make_user(email=f"{name}@example.com", date_joined=joined + timedelta(days=place))
        for place, name in enumerate(["small", "big", "none"])
    )
    variant = make_variant(price="100.00", on_hand=50)
    make_paid_order(user=big, variants=[variant], quantity=9)
    make_paid_order(user=small, variants=[variant])
    make_placed_order(user=small, variants=[variant])
    expected = {
        "email": "big none small",
        "date_joined": "small big none",
        "order_count": "none big small",
        "total_spent": "none small big",
        "last_order_at": "none big small",
    }
    for ordering, order in expected.items():
        forward = [f"{name}@example.com" for name in order.split()]
        assert emails(api, ordering=ordering) == forward
        assert emails(api, ordering=f"-{ordering}") == forward[::-1]
    assert emails(api) == [f"{name}@example.com" for name in ("none", "big", "small")]


def test_a_list_costs_the_same_however_many_there_are(api, clerk, django_assert_num_queries):
    clerk.get_all_permissions()  # asked for once a request
    for _ in range(3):
        make_paid_order()
    for _ in range(3):
        make_user()
    with django_assert_num_queries(3):
        assert len(api.get(URL, {"ordering": "-total_spent"}).json()["results"]) == 6


@pytest.mark.parametrize(("ordering", "step"), [("", -1), ("date_joined", 1)])
def test_cursors_follow_the_age_of_customers(api, clerk, ordering, step):
    made = [make_user().email for _ in range(5)]
    page = api.get(URL, {"cursor": "", "page_size": 3, "ordering": ordering}).json()
    rest = api.get(page["next"]).json()
    assert [row["email"] for row in page["results"] + rest["results"]] == made[::step]


def test_the_history_lists_a_customers_orders_and_nobody_elses(api, clerk):
    user = make_history()
    make_paid_order()
    body = api.get(f"{URL}{user.pk}/history/").json()
    own = Order.objects.filter(user=user)
    assert [row["number"] for row in body["results"]] == [order.number for order in own]
    only = api.get(f"{URL}{user.pk}/history/", {"status": "delivered"}).json()
    assert [row["status"] for row in only["results"]] == ["delivered"]


def test_the_history_is_for_who_may_see_orders(api, clerk):
    clerk.user_permissions.remove(Permission.objects.get(codename="view_order"))
    api.force_authenticate(User.objects.get(pk=clerk.pk))
    assert api.get(f"{URL}{make_history().pk}/history/").status_code == 403


def test_staff_change_membership_and_nothing_else(api, clerk):
    user = make_user(first_name="Asha")
    body = {"membership": "gold", "first_name": "X", "is_staff": True, "role": "admin"}
    row = api.patch(f"{URL}{user.pk}/", body).json()
    assert (row["membership"], row["first_name"], row["role"]) == ("gold", "Asha", "customer")
    user.refresh_from_db()
    assert (user.membership, user.is_staff, user.is_active) == ("gold", False, True)
    assert api.patch(f"{URL}{user.pk}/", {"membership": "tin"}).status_code == 400
    assert api.patch(f"{URL}{user.pk}/", {}).status_code == 200


def test_who_is_made_inactive_is_logged_out_at_once_and_for_good(api, clerk):
    user = make_user()
    guest = type(api)()
    pair = sign_in(guest, user)
    assert guest.get("/api/v1/users/me/").status_code == 200
    assert api.patch(f"{URL}{user.pk}/", {"is_active": False}).json()["is_active"] is False
    assert guest.get("/api/v1/users/me/").status_code == 401
    refresh = {"refresh": pair.refresh}
    assert api.post("/api/v1/auth/token/refresh/", refresh).status_code == 401
    assert api.patch(f"{URL}{user.pk}/", {"is_active": True}).json()["is_active"] is True
    assert api.post("/api/v1/auth/token/refresh/", refresh).status_code == 401


def test_who_is_made_inactive_in_the_admin_is_logged_out_too(client):
    client.force_login(make_staff())
    user = make_user()
    issue_tokens(user)
    body = {"email": user.email, "language": "en", "membership": "bronze"}
    forms = {"addresses-TOTAL_FORMS": "0", "addresses-INITIAL_FORMS": "0"}
    answer = client.post(f"/admin/accounts/user/{user.pk}/change/", body | forms)
    assert answer.status_code == 302
    user.refresh_from_db()
    assert user.is_active is False
    assert not user.refresh_tokens.filter(revoked_at=None).exists()
