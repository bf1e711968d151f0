from datetime import timedelta

import pytest
from django.contrib.auth.models import Permission
from django.utils import timezone

from catalog.models import Stock
from orders.models import Order, OrderStatus
from orders.services.access import token_of
from orders.services.lifecycle import cancel_order
from tests.accounts.factories import make_staff, make_user
from tests.catalog.factories import make_variant

from .factories import (
    ADDRESS,
    make_paid_order,
    make_placed_order,
    make_shipped_order,
    make_shipping_method,
    store_actor,
)

pytestmark = pytest.mark.django_db

URL = "/api/v1/orders/"


def url(order, tail=""):
    return f"{URL}{order.pk}/{tail}"


def make_clerk(*codenames, **fields):
    """Staff with these permissions on orders, and no others."""
    clerk = make_staff(is_superuser=False, **fields)
    clerk.user_permissions.set(Permission.objects.filter(codename__in=codenames))
    return clerk


def numbers(answer):
    assert answer.status_code == 200, answer.json()
    return [order["number"] for order in answer.json()["results"]]


# Who sees what


def test_users_list_their_own_orders_newest_first(api):
    user = make_user()
    first, second = make_placed_order(user=user), make_placed_order(user=user)
    make_placed_order()
    api.force_authenticate(user)
    answer = api.get(URL)
    assert numbers(answer) == [second.number, first.number]
    assert answer.json()["count"] == 2


def test_staff_who_may_view_orders_list_all_and_other_staff_their_own(api):
    viewer, other = make_clerk("view_order"), make_clerk("change_order")
    of_viewer, of_other = make_placed_order(user=viewer), make_placed_order(user=other)
    stranger = make_placed_order()
    api.force_authenticate(viewer)
    assert set(numbers(api.get(URL))) == {of_viewer.number, of_other.number, stranger.number}
    assert numbers(api.get(URL, {"mine": "true"})) == [of_viewer.number]
    api.force_authenticate(other)
    assert numbers(api.get(URL)) == [of_other.number]
    assert api.get(url(of_other)).status_code == 200
    assert api.get(url(stranger)).status_code == 404


def test_a_permission_without_being_staff_opens_nothing(api):
    user = make_user()
    user.user_permissions.set(Permission.objects.filter(codename__endswith="_order"))
    api.force_authenticate(user)
    order = make_paid_order()
    assert numbers(api.get(URL)) == []
    assert api.get(url(order)).status_code == 404
    assert api.patch(url(order), {"status": "processing"}).status_code == 403
    assert Order.objects.get(pk=order.pk).status == "confirmed"


def test_an_order_is_found_by_id_and_by_number_in_any_case(api):
    order = make_placed_order()
    api.force_authenticate(order.user)
    for name in (str(order.pk), order.number, order.number.lower(), order.pk.hex):
        answer = api.get(f"{URL}{name}/")
        assert (answer.status_code, answer.json()["id"]) == (200, str(order.pk))


@pytest.mark.parametrize("tail", ["", "history/"])
def test_the_order_of_somebody_else_looks_like_none(api, tail):
    order = make_placed_order()
    api.force_authenticate(make_user())
    answers = [
        api.get(url(order, tail)),
        api.get(f"{URL}{order.number}/{tail}"),
        api.get(f"{URL}00000000-0000-4000-8000-000000000000/{tail}"),
        api.get(f"{URL}ORD-20260101-ABCDEF/{tail}"),
    ]
    assert [answer.status_code for answer in answers] == [404] * 4
    bodies = [answer.json() for answer in answers]
    assert {(body["code"], body["error"]) for body in bodies} == {("not_found", "Not found.")}


def test_guests_without_a_token_are_asked_to_log_in(api):
    order = make_placed_order(email="guest@example.com")
    for answer in (
        api.get(URL),
        api.get(url(order)),
        api.get(url(order, "history/")),
        api.post(url(order, "cancel/")),
        api.post(url(order, "status/"), {"status": "shipped"}),
        api.patch(url(order), {"status": "shipped"}),
    ):
        assert (answer.status_code, answer.json()["code"]) == (401, "not_authenticated")
    assert Order.objects.get(pk=order.pk).status == "pending"


def test_the_token_stands_for_the_owner_of_its_order_alone(api):
    order, other = (make_placed_order(email="guest@example.com") for _ in range(2))
    token = token_of(order)
    assert api.get(f"{url(order)}?token={token}").status_code == 200
    assert api.get(f"{URL}{order.number}/?token={token}").status_code == 200
    assert api.get(f"{url(order, 'history/')}?token={token}").status_code == 200
    for wrong in (f"{url(other)}?token={token}", f"{url(order)}?token={token}x"):
        assert api.get(wrong).status_code == 404
    assert api.get(f"{URL}?token={token}").status_code == 401
    assert api.patch(f"{url(order)}?token={token}", {"status": "shipped"}).status_code == 401
    api.force_authenticate(make_user())
    assert api.get(f"{url(order)}?token={token}").status_code == 200
    assert api.patch(f"{url(order)}?token={token}", {"status": "shipped"}).status_code == 403


def test_a_token_is_the_same_each_time_and_hangs_on_the_secret_key(settings):
    order = make_placed_order()
    token = token_of(order)
    assert token == token_of(Order.objects.get(pk=order.pk))
    assert len(token) == 64
    settings.SECRET_KEY = "another-key"
    assert token_of(order) != token


def test_an_archived_product_is_shown_as_null(api):
    order = make_placed_order()
    product = order.lines.get().product
    product.is_active = False
    product.archived_at = timezone.now()
    product.save()
    api.force_authenticate(order.user)
    item = api.get(url(order)).json()["items"][0]
    assert (item["product"], item["slug"], item["name"]) == (None, None, product.name)
    assert item["variant"] == order.lines.get().variant_id


def test_amounts_have_the_decimals_of_the_orders_own_currency(api):
    order = make_placed_order()
    Order.objects.update(currency="JPY")
    api.force_authenticate(order.user)
    for body in (api.get(url(order)).json(), api.get(URL).json()["results"][0]):
        assert (body["total_amount"], body["items"][0]["unit_price"]) == ("150", "100")


# The list


@pytest.fixture
def staff(api):
    user = make_staff()
    api.force_authenticate(user)
    return user


def test_the_list_costs_a_fixed_number_of_queries(api, django_assert_num_queries):
    user = make_user()
    make_shipping_method()
    api.force_authenticate(user)
    for _ in range(3):
        make_shipped_order(user=user, variants=[make_variant(), make_variant()])
    with django_assert_num_queries(8):
        assert len(numbers(api.get(URL))) == 3


def test_one_order_costs_a_fixed_number_of_queries(api, django_assert_num_queries):
    order = make_shipped_order(variants=[make_variant() for _ in range(5)])
    api.force_authenticate(order.user)
    with django_assert_num_queries(7):
        assert len(api.get(url(order)).json()["items"]) == 5


def test_the_list_narrows_by_status_and_payment_status(api, staff):
    pending, paid, shipped = make_placed_order(), make_paid_order(), make_shipped_order()
    assert numbers(api.get(URL, {"status": "pending"})) == [pending.number]
    assert numbers(api.get(URL, {"status": "shipped"})) == [shipped.number]
    assert numbers(api.get(URL, {"payment_status": "paid"})) == [shipped.number, paid.number]


def test_the_list_narrows_by_total(api, staff):
    cheap, dear = (make_placed_order(variants=[make_variant(price=p)]) for p in ("10", "500"))
    assert numbers(api.get(URL, {"min_total": "550.00"})) == [dear.number]
    assert numbers(api.get(URL, {"max_total": "60"})) == [cheap.number]
    assert numbers(api.get(URL, {"min_total": "60.01", "max_total": "549.99"})) == []


def test_the_list_narrows_by_time(api, staff):
    old, new = make_placed_order(), make_placed_order()
    Order.objects.filter(pk=old.pk).update(created_at=timezone.now() - timedelta(days=3))
    yesterday = (timezone.now() - timedelta(days=1)).strftime("%Y-%m-%dT%H:%M:%SZ")
    assert numbers(api.get(URL, {"created_after": yesterday})) == [new.number]
    assert numbers(api.get(URL, {"created_before": yesterday})) == [old.number]
    assert numbers(api.get(URL, {"created_before": yesterday[:10]})) == [old.number]


def test_the_list_is_searched_by_number_email_and_sku(api, staff):
    wanted = make_placed_order(email="Wanted@Example.com", variants=[make_variant(sku="MUG-77")])
    make_placed_order()
    for text in (wanted.number, wanted.number[-6:].lower(), "wanted@example", "mug-77"):
        assert numbers(api.get(URL, {"search": text})) == [wanted.number]
    assert numbers(api.get(URL, {"search": "nothing like it"})) == []


@pytest.mark.parametrize("field", ["created_at", "total_amount", "number"])
def test_the_list_is_ordered_both_ways(api, staff, field):
    made = [make_placed_order(variants=[make_variant(price=p)]) for p in ("30", "10", "20")]
    wanted = [order.number for order in sorted(made, key=lambda order: getattr(order, field))]
    assert numbers(api.get(URL, {"ordering": field})) == wanted
    assert numbers(api.get(URL, {"ordering": f"-{field}"})) == wanted[::-1]


def test_a_cursor_walks_the_whole_list(api, staff):
    made = [make_placed_order().number for _ in range(5)]
    seen, address = [], f"{URL}?cursor=&page_size=2"
    while address:
        body = api.get(address).json()
        seen += [order["number"] for order in body["results"]]
        address = body["next"]
    assert seen == made[::-1]


def test_a_cursor_does_not_follow_the_total(api, staff):
    answer = api.get(URL, {"cursor": "", "ordering": "total_amount"})
    assert (answer.status_code, list(answer.json()["details"])) == (400, ["ordering"])


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("status", "gone"),
        ("payment_status", "gone"),
        ("mine", "maybe"),
        ("min_total", "abc"),
        ("min_total", "NaN"),
        ("max_total", "1e30"),
        ("max_total", "99999999999999999999"),
        ("created_after", "yesterday"),
        ("created_after", "2026-13-01T00:00:00Z"),
        ("created_before", "0001-01-01T00:00:00+14:00"),
        ("created_before", "9999-12-31T23:59:59-14:00"),
        ("ordering", "email"),
        ("ordering", "--number"),
        ("page_size", "0"),
    ],
)
def test_values_that_do_not_parse_are_named(api, staff, field, value):
    answer = api.get(URL, {field: value})
    assert (answer.status_code, answer.json()["code"]) == (400, "validation_error")
    assert list(answer.json()["details"]) == [field]


def test_values_that_are_left_empty_do_not_narrow(api, staff):
    order = make_placed_order()
    empty = {"status": "", "min_total": "", "created_after": "", "search": "", "mine": ""}
    assert numbers(api.get(URL, empty | {"unknown": "x"})) == [order.number]


# Cancelling


def test_an_owner_cancels_and_the_stock_comes_back(api):
    variant = make_variant(on_hand=5)
    order = make_placed_order(variants=[variant])
    api.force_authenticate(order.user)
    answer = api.post(url(order, "cancel/"), {"reason": "Found it cheaper"})
    body = answer.json()
    assert (answer.status_code, body["status"], body["can_cancel"]) == (200, "cancelled", False)
    assert len(body["items"]) == 1
    assert Stock.objects.get(pk=variant.pk).reserved == 0
    row = order.history.last()
    assert (row.actor_kind, row.actor, row.note) == ("customer", order.user, "Found it cheaper")
    again = api.post(url(order, "cancel/"))
    assert (again.status_code, again.json()["code"]) == (409, "invalid_transition")
    assert order.history.count() == 2


def test_a_guest_cancels_with_the_token(api):
    order = make_placed_order(email="guest@example.com")
    answer = api.post(f"{URL}{order.number}/cancel/?token={token_of(order)}", {"reason": None})
    assert (answer.status_code, answer.json()["status"]) == (200, "cancelled")
    assert order.history.last().actor_kind == "customer"
    other = make_placed_order(email="guest@example.com")
    assert api.post(f"{url(other, 'cancel/')}?token=wrong").status_code == 404
    assert Order.objects.get(pk=other.pk).status == "pending"


def test_only_staff_who_may_change_orders_cancel_those_of_others(api):
    order = make_placed_order()
    for clerk, status in (
        (make_user(), 404),
        (make_clerk("change_order"), 404),
        (make_clerk("view_order"), 403),
    ):
        api.force_authenticate(clerk)
        assert api.post(url(order, "cancel/")).status_code == status
        assert Order.objects.get(pk=order.pk).status == "pending"
    api.force_authenticate(make_clerk("view_order", "change_order"))
    assert api.post(url(order, "cancel/"), {"reason": "Out of paper"}).status_code == 200
    assert order.history.last().actor_kind == "store"


def test_a_reason_is_at_most_500_signs_long(api):
    order = make_placed_order()
    api.force_authenticate(order.user)
    answer = api.post(url(order, "cancel/"), {"reason": "x" * 501})
    assert (answer.status_code, list(answer.json()["details"])) == (400, ["reason"])
    assert Order.objects.get(pk=order.pk).status == "pending"
    assert api.post(url(order, "cancel/"), {"reason": "x" * 500}).status_code == 200


def test_a_sent_order_is_not_cancelled(api):
    order = make_shipped_order()
    api.force_authenticate(order.user)
    answer = api.post(url(order, "cancel/"))
    assert (answer.status_code, answer.json()["code"]) == (409, "invalid_transition")
    assert Order.objects.get(pk=order.pk).status == "shipped"


# Staff


@pytest.mark.parametrize("call", ["patch", "post"])
def test_staff_move_an_order_on(api, staff, call):
    order = make_paid_order()

    def move(status, **fields):
        if call == "patch":
            return api.patch(url(order), {"status": status, **fields})
        return api.post(url(order, "status/"), {"status": status, **fields})

    assert move("processing", note="Packing").json()["status"] == "processing"
    assert move("shipped").json()["status"] == "shipped"
    body = move("delivered").json()
    assert (body["status"], body["can_cancel"]) == ("delivered", False)
    assert body["delivered_at"] is not None
    answer = move("cancelled")
    assert (answer.status_code, answer.json()["code"]) == (409, "invalid_transition")
    assert [row.to_status for row in order.history.all()] == [
        "pending",
        "confirmed",
        "processing",
        "shipped",
        "delivered",
    ]
    assert {row.actor for row in order.history.all()[2:]} == {staff}


@pytest.mark.parametrize("status", OrderStatus.values)
def test_a_status_that_does_not_follow_is_a_conflict(api, staff, status):
    order = make_placed_order()
    answer = api.patch(url(order), {"status": status})
    if status == "cancelled":
        assert answer.status_code == 200
        return
    assert (answer.status_code, answer.json()["code"]) == (409, "invalid_transition")
    assert Order.objects.get(pk=order.pk).status == "pending"


def test_staff_change_the_address_and_the_note(api, staff):
    order = make_paid_order()
    address = ADDRESS | {"address_line1": "7 Brigade Road", "postal_code": "560025"}
    answer = api.patch(url(order), {"shipping_address": address, "staff_note": "Called"})
    assert answer.status_code == 200
    assert answer.json()["shipping_address"] == address
    assert "staff_note" not in answer.json()
    assert Order.objects.get(pk=order.pk).staff_note == "Called"
    assert order.history.count() == 4


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "status"),
        ({"note": "Alone"}, "status"),
        ({"status": "gone"}, "status"),
        ({"status": "processing", "note": "x" * 501}, "note"),
        ({"staff_note": "x" * 501}, "staff_note"),
        (
            {"shipping_address": ADDRESS | {"state": "MH", "postal_code": "400001"}},
            "shipping_address",
        ),
        ({"shipping_address": {"city": "Mysuru"}}, "shipping_address"),
    ],
)
def test_changes_that_do_not_parse_are_named(api, staff, body, field):
    order = make_paid_order()
    answer = api.patch(url(order), body)
    assert answer.status_code == 400
    assert list(answer.json()["details"]) == [field]
    assert order.history.count() == 2


def test_changing_needs_the_permission_to_change_orders(api):
    order = make_paid_order()
    for person in (order.user, make_user(), make_clerk("view_order")):
        api.force_authenticate(person)
        for answer in (
            api.patch(url(order), {"status": "processing"}),
            api.post(url(order, "status/"), {"status": "processing"}),
        ):
            assert (answer.status_code, answer.json()["code"]) == (403, "permission_denied")
    assert Order.objects.get(pk=order.pk).status == "confirmed"
    clerk = make_clerk("view_order", "change_order")
    api.force_authenticate(clerk)
    assert api.patch(url(order), {"status": "processing"}).status_code == 200


@pytest.mark.parametrize("method", ["put", "delete"])
def test_orders_are_neither_replaced_nor_deleted(api, staff, method):
    order = make_placed_order()
    answer = getattr(api, method)(url(order), {})
    assert (answer.status_code, answer.json()["code"]) == (405, "method_not_allowed")
    assert Order.objects.filter(pk=order.pk).exists()


# History


def test_history_names_staff_and_shows_their_notes_to_staff_alone(api):
    order = make_paid_order()
    clerk = make_clerk("view_order", "change_order", first_name="Ravi", last_name="Iyer")
    api.force_authenticate(clerk)
    api.patch(url(order), {"status": "processing", "note": "Fragile"})
    rows = api.get(url(order, "history/")).json()
    assert (rows["count"], rows["next"]) == (3, None)
    assert [(row["actor"], row["note"]) for row in rows["results"]] == [
        ("customer", ""),
        ("system", "Paid."),
        ("Ravi Iyer", "Fragile"),
    ]
    api.force_authenticate(order.user)
    rows = api.get(url(order, "history/")).json()["results"]
    assert [(row["actor"], row["note"]) for row in rows] == [
        ("customer", ""),
        ("system", "Paid."),
        ("store", ""),
    ]
    assert [(row["from_status"], row["to_status"]) for row in rows] == [
        ("", "pending"),
        ("pending", "confirmed"),
        ("confirmed", "processing"),
    ]
    assert set(rows[0]) == {"from_status", "to_status", "actor", "note", "created_at"}


def test_history_costs_a_fixed_number_of_queries(api, django_assert_num_queries):
    order = make_placed_order()
    cancel_order(order_id=order.pk, actor=store_actor())
    api.force_authenticate(order.user)
    with django_assert_num_queries(3):
        api.get(url(order, "history/"))
