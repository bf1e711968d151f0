"""Returns: what may come back, what it gives back, and what that does to order and stock."""

from datetime import timedelta
from decimal import Decimal
from uuid import uuid4

import pytest
from django.core import mail
from django.utils import timezone

from accounts.services.profiles import erase_user
from catalog.models import MovementKind, Stock, StockMovement
from config.errors import InvalidInput
from notifications.models import Message
from notifications.services.outbox import deliver
from orders.errors import InvalidTransition
from orders.models import Order, OrderLine, ReturnLine, ReturnRequest
from orders.services.access import token_of
from orders.services.returning import Wish, approve_return, reject_return, request_return
from orders.signals import return_approved
from tests.accounts.factories import make_staff
from tests.carts.factories import make_tax_rate
from tests.catalog.factories import make_variant

from .factories import make_delivered_order, make_placed_order, make_shipped_order, store_actor
from .test_api import make_clerk
from .test_lifecycle import CUSTOMER, figures, moves_of, snapshot

pytestmark = pytest.mark.django_db

URL = "/api/v1/returns/"


def ask(order, pieces=None):
    """Ask for the return of pieces by line, or of one piece of the only line."""
    pieces = pieces or {order.lines.get(): 1}
    wishes = [Wish(line.pk, quantity, "Too small") for line, quantity in pieces.items()]
    return request_return(order_id=order.pk, actor=CUSTOMER, wishes=wishes)


def approve(request, **fields):
    return approve_return(return_id=request.pk, actor=store_actor(), **fields)


def bought(quantity=3, **prices):
    """A delivered order of one line whose amounts are set."""
    order = make_delivered_order(quantity=quantity)
    OrderLine.objects.filter(order=order).update(**prices)
    return order


@pytest.fixture
def owed():
    """What approvals told that goes back."""
    amounts = []

    def note(amount, **ids):
        amounts.append(amount)

    return_approved.connect(note)
    yield amounts
    return_approved.disconnect(note)


# Asking


def test_pieces_that_were_asked_for_cannot_be_asked_for_again_until_rejected():
    order = make_delivered_order(quantity=3)
    line = order.lines.get()
    first = ask(order, {line: 2})
    before = snapshot(order)
    with pytest.raises(InvalidInput):
        ask(order, {line: 2})
    assert (snapshot(order), ReturnRequest.objects.count()) == (before, 1)
    reject(first)
    approve(ask(order, {line: 2}))
    with pytest.raises(InvalidInput):
        ask(order, {line: 2})
    approve(ask(order, {line: 1}))
    assert Order.objects.get(pk=order.pk).status == "returned"


def test_what_is_of_no_line_of_the_order_is_refused():
    order, other = make_delivered_order(), make_delivered_order()
    for line_id in (uuid4(), other.lines.get().pk):
        with pytest.raises(InvalidInput):
            request_return(
                order_id=order.pk, actor=CUSTOMER, wishes=[Wish(line_id, 1, "Too small")]
            )
    assert not ReturnRequest.objects.exists()


@pytest.mark.parametrize("make", [make_placed_order, make_shipped_order])
def test_nothing_is_sent_back_before_the_delivery(make):
    order = make()
    with pytest.raises(InvalidTransition):
        ask(order)
    assert not ReturnRequest.objects.exists()


def test_the_time_to_return_ends(settings):
    settings.RETURN_WINDOW_DAYS = 7
    order = make_delivered_order()
    delivered = timezone.now() - timedelta(days=7, minutes=-1)
    Order.objects.update(delivered_at=delivered)
    assert Order.objects.get().return_until == delivered + timedelta(days=7)
    ask(order)
    ReturnRequest.objects.all().delete()
    Order.objects.update(delivered_at=delivered - timedelta(minutes=2))
    with pytest.raises(InvalidTransition, match="could be sent back until"):
        ask(order)
    assert not ReturnRequest.objects.exists()


# What goes back


@pytest.mark.parametrize(
    ("prices", "parts"),
    [
        ({"line_total": "100", "tax_amount": "0"}, ["33.33", "33.33", "33.34"]),
        ({"line_total": "200", "tax_amount": "0"}, ["66.67", "66.67", "66.66"]),
        (
            {"line_total": "100", "tax_amount": "16.20", "discount_amount": "10"},
            ["35.40", "35.40", "35.40"],
        ),
        ({"line_total": "0.01", "tax_amount": "0"}, ["0.00", "0.00", "0.01"]),
        ({"line_total": "0.02", "tax_amount": "0"}, ["0.01", "0.01", "0.00"]),
    ],
)
def test_the_last_piece_takes_what_rounding_left(owed, prices, parts):
    order = bought(**prices)
    for _ in range(3):
        approve(ask(order), restock=False)
    assert owed == [Decimal(part) for part in parts]


def test_tax_that_prices_contain_is_not_given_back_twice(owed):
    order = bought(quantity=1, line_total="118", tax_amount="18")
    Order.objects.update(prices_include_tax=True)
    approve(ask(order))
    assert owed == [Decimal(118)]


def test_shipping_goes_back_with_its_tax_if_staff_say_so_and_once(owed):
    for tax_class in ("standard", "shipping"):
        make_tax_rate(country="IN", tax_class=tax_class, rate="10")
    order = make_delivered_order(variants=[make_variant(price="100.00")], quantity=2)
    first, second = ask(order), ask(order)
    approve(first, refund_shipping=True)
    assert owed == [Decimal("165.00")]  # a piece of 110 and shipping of 55
    with pytest.raises(InvalidInput):
        approve(second, refund_shipping=True)
    assert ReturnRequest.objects.get(pk=second.pk).status == "requested"
    assert OrderLine.objects.get().returned_quantity == 1
    approve(second)
    assert owed == [Decimal("165.00"), Decimal("110.00")]


def test_no_more_goes_back_than_is_left_of_the_payment(owed):
    order = make_delivered_order()
    Order.objects.update(amount_paid="100.00", amount_refunded="60.00")
    OrderLine.objects.update(line_total="100.00", unit_price="100.00")
    assert approve(ask(order)).refund_amount == 40
    assert owed == [40]


# What happens to order and stock


def test_an_approval_restocks_and_the_last_one_makes_the_order_returned():
    mug, cup = make_variant(on_hand=5), make_variant(on_hand=5)
    order = make_delivered_order(variants=[mug, cup], quantity=2)
    first, second = order.lines.all()
    staff = store_actor()
    part = ask(order, {first: 1, second: 2})
    approve_return(return_id=part.pk, actor=staff, note="Thank you")
    part.refresh_from_db()
    assert (part.status, part.decided_by, part.note) == ("approved", staff.user, "Thank you")
    assert part.decided_at is not None
    assert (figures(mug), figures(cup)) == ((4, 0), (5, 0))
    rows = StockMovement.objects.filter(kind=MovementKind.RETURN).order_by("variant")
    assert [(row.on_hand_change, row.order_id, row.recorded_by) for row in rows] == [
        (1, order.pk, staff.user),
        (2, order.pk, staff.user),
    ]
    assert Order.objects.get().status == "delivered"
    approve(ask(order, {first: 1}), restock=False)
    assert Order.objects.get().status == "returned"
    assert figures(mug) == (4, 0)
    assert [line.returned_quantity for line in order.lines.all()] == [2, 2]
    assert moves_of(order)[-1] == ("delivered", "returned")


def reject(request):
    return reject_return(return_id=request.pk, actor=store_actor(), note="Worn")


@pytest.mark.parametrize("decide", [approve, reject])
@pytest.mark.parametrize("again", [approve, reject])
def test_a_return_is_decided_once(decide, again):
    order = make_delivered_order(quantity=2)
    request = ask(order)
    decide(request)
    before = (snapshot(order), ReturnRequest.objects.values().get())
    with pytest.raises(InvalidTransition):
        again(request)
    assert (snapshot(order), ReturnRequest.objects.values().get()) == before


def test_reasons_of_an_erased_person_are_forgotten():
    order = make_delivered_order(quantity=2)
    ask(order)
    erase_user(user_id=order.user_id)
    assert ReturnLine.objects.get().reason == ""


# Mail


def sent(kind):
    deliver(message_id=Message.objects.get(kind=kind).pk)
    return mail.outbox[-1]


def test_approval_and_rejection_are_mailed_once():
    order = make_delivered_order(variants=[make_variant(price="100.00")], quantity=2)
    approve(ask(order), note="Thanks for packing it well.")
    reject_return(return_id=ask(order).pk, actor=store_actor(), note="It was <worn>.")
    approved, rejected = sent("return_approved"), sent("return_rejected")
    assert "INR 100.00 goes back to you" in approved.body
    assert "Thanks for packing it well." in approved.body
    assert "We could not accept your return. It was <worn>." in rejected.body
    assert "It was &lt;worn&gt;." in rejected.alternatives[0][0]


def test_the_return_of_everything_is_mailed_once():
    order = make_delivered_order()
    approve(ask(order))
    kinds = list(Message.objects.values_list("kind", flat=True))
    assert kinds.count("return_approved") == 1
    assert "order_returned" not in kinds


# The API


def body_of(order, **item):
    line = order.lines.first()
    item = {"item": str(line.pk), "quantity": 1, "reason": "Too small"} | item
    return {"order": str(order.pk), "items": [item]}


def test_an_owner_asks_and_staff_approve(api):
    order = make_delivered_order(variants=[make_variant(price="100.00")], quantity=2)
    api.force_authenticate(order.user)
    answer = api.post(URL, body_of(order))
    made = ReturnRequest.objects.get()
    assert answer.status_code == 201, answer.json()
    assert answer["Location"] == f"http://testserver{URL}{made.pk}/"
    body = answer.json()
    assert body.pop("created_at").endswith("Z")
    expected = {
        "id": str(made.pk),
        "order": str(order.pk),
        "status": "requested",
        "items": [
            {
                "item": str(order.lines.get().pk),
                "quantity": 1,
                "reason": "Too small",
                "refund_amount": "100.00",
            }
        ],
        "refund_amount": "100.00",
        "note": "",
        "decided_at": None,
    }
    assert body == expected
    assert api.get(f"{URL}{made.pk}/").json()["items"] == expected["items"]
    api.force_authenticate(make_staff())
    answer = api.post(f"{URL}{made.pk}/approve/", {"refund_shipping": True, "note": "Fine"})
    body = answer.json()
    assert (answer.status_code, body["status"], body["note"]) == (200, "approved", "Fine")
    assert (body["refund_amount"], body["items"][0]["refund_amount"]) == ("150.00", "100.00")
    assert body["decided_at"].endswith("Z")
    again = api.post(f"{URL}{made.pk}/reject/", {"note": "No"})
    assert (again.status_code, again.json()["code"]) == (409, "invalid_transition")
    assert api.get(f"/api/v1/orders/{order.pk}/").json()["items"][0]["returned_quantity"] == 1


def test_a_guest_returns_with_the_token(api):
    order = make_delivered_order(email="guest@example.com")
    other = make_delivered_order(email="other@example.com")
    query = f"?token={token_of(order)}"
    answer = api.post(URL + query, body_of(order))
    assert answer.status_code == 201, answer.json()
    pk = answer.json()["id"]
    assert api.get(f"{URL}{pk}/{query}").status_code == 200
    assert api.get(f"{URL}{query}&order={order.number}").json()["count"] == 1
    assert api.get(f"{URL}{query}").json()["count"] == 0
    assert api.get(f"{URL}{query}&order={other.pk}").json()["count"] == 0
    assert api.get(f"{URL}{pk}/?token={token_of(other)}").status_code == 404
    assert api.post(URL + query, body_of(other)).status_code == 404
    assert api.post(URL, body_of(order)).status_code == 401
    assert ReturnRequest.objects.count() == 1


def test_the_same_key_asks_once(api):
    order = make_delivered_order(quantity=5)
    api.force_authenticate(order.user)
    answers = [api.post(URL, body_of(order), headers={"Idempotency-Key": "once"}) for _ in range(2)]
    assert answers[0].json() == answers[1].json()
    assert answers[1]["Idempotent-Replayed"] == "true"
    assert ReturnRequest.objects.count() == 1


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"items": []}, "items"),
        ({"items": None}, "items"),
        ({"order": ""}, "order"),
    ],
)
def test_a_body_that_cannot_be_is_named(api, change, field):
    order = make_delivered_order()
    api.force_authenticate(order.user)
    answer = api.post(URL, body_of(order) | change)
    assert (answer.status_code, list(answer.json()["details"])) == (400, [field])


@pytest.mark.parametrize("item", [{"quantity": 0}, {"quantity": 2}, {"reason": ""}, {"item": "7"}])
def test_an_item_that_cannot_be_sent_back_is_named(api, item):
    order = make_delivered_order()
    api.force_authenticate(order.user)
    answer = api.post(URL, body_of(order, **item))
    assert (answer.status_code, list(answer.json()["details"])) == (400, ["items"])
    assert not ReturnRequest.objects.exists()


def test_an_item_is_named_once(api):
    order = make_delivered_order(quantity=2)
    api.force_authenticate(order.user)
    body = body_of(order)
    assert api.post(URL, body | {"items": body["items"] * 2}).status_code == 400
    assert not ReturnRequest.objects.exists()


def test_the_list_narrows_and_costs_a_fixed_number_of_queries(api, django_assert_num_queries):
    order = make_delivered_order(variants=[make_variant(), make_variant()], quantity=3)
    first, second = order.lines.all()
    approve(ask(order, {first: 1, second: 1}))
    waiting = [ask(order, {first: 1, second: 1}) for _ in range(2)]
    ask(make_delivered_order())
    api.force_authenticate(order.user)
    with django_assert_num_queries(3):
        rows = api.get(URL, {"status": "requested"}).json()["results"]
    assert [row["id"] for row in rows] == [str(each.pk) for each in reversed(waiting)]
    assert api.get(URL, {"order": order.number.lower()}).json()["count"] == 3
    assert api.get(URL, {"order": "nothing"}).json()["count"] == 0
    assert api.get(URL, {"status": "lost"}).status_code == 400
    api.force_authenticate(make_clerk("view_order"))
    assert api.get(URL).json()["count"] == 4


def test_deciding_needs_the_permission_to_change_orders(api):
    request = ask(make_delivered_order())
    for caller in (request.order.user, make_clerk("view_order")):
        api.force_authenticate(caller)
        for act in ("approve", "reject"):
            answer = api.post(f"{URL}{request.pk}/{act}/", {"note": "x"})
            assert answer.status_code == 403
    assert ReturnRequest.objects.get().status == "requested"
    assert Stock.objects.get().on_hand == figures(request.order.lines.get().variant)[0]
    api.force_authenticate(make_clerk("view_order", "change_order"))
    answer = api.post(f"{URL}{request.pk}/reject/", {"note": "Worn"})
    assert (answer.status_code, answer.json()["status"]) == (200, "rejected")
    assert api.post(f"{URL}{request.pk}/reject/", {}).status_code == 400
