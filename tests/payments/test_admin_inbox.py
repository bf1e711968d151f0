"""The staff's inbox: what gateways told, and the payments that need a person."""

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission

from payments.models import EventState, GatewayEvent, Payment, PaymentState, Signature
from tests.accounts.factories import make_staff, make_user
from tests.orders.factories import make_placed_order

from .bank import deliver, settled, start

pytestmark = pytest.mark.django_db

EVENTS = "/admin/payments/gatewayevent/"
TO_CHECK = "/admin/payments/paymenttocheck/"
SENT = {"_form_submitted": "on"}


@pytest.fixture
def staff(client):
    client.force_login(make_staff())
    return client


@pytest.fixture
def payment(bank):
    payment = start(make_placed_order())
    bank.pay(payment)
    return payment


@pytest.fixture
def failed(payment, bank, api, monkeypatch):
    """The event of a payment, which could not be handled."""
    monkeypatch.setattr("payments.services.events.settle", broken)
    deliver(api, *bank.events("payment.captured"))
    monkeypatch.undo()
    GatewayEvent.objects.update(status=EventState.FAILED)
    return GatewayEvent.objects.get()


def broken(*args):
    raise RuntimeError("Out of order.")


@pytest.fixture
def refused():
    return GatewayEvent.objects.create(
        gateway="stripe",
        event_id="refused:1",
        body="nonsense <b>",
        status=EventState.REFUSED,
        signature=Signature.MISSING,
        deliveries=4,
    )


def text_of(answer):
    assert answer.status_code == 200
    return answer.content.decode()


def may(client, *names):
    person = make_user(is_staff=True)
    person.user_permissions.set(Permission.objects.filter(codename__in=names))
    client.force_login(person)


# Events


def test_the_list_shows_what_became_of_each_event(staff, failed, refused):
    shown = text_of(staff.get(EVENTS))
    for words in (
        "payment.captured",
        "Out of order.",
        failed.payment.order.number,
        "Header missing",
    ):
        assert words in shown
    assert f"/admin/payments/payment/{failed.payment_id}/change/" in shown
    only = text_of(staff.get(f"{EVENTS}?status__exact=refused&signature__exact=missing"))
    assert "stripe" in only
    assert "Out of order." not in only
    assert failed.gateway in text_of(staff.get(f"{EVENTS}?q={failed.payment.order.number}"))


def test_the_list_costs_the_same_however_long_it_is(staff, failed, django_assert_max_num_queries):
    for number in range(5):
        GatewayEvent.objects.create(
            gateway="razorpay", event_id=f"e{number}", payment=failed.payment
        )
    with django_assert_max_num_queries(12):
        assert staff.get(EVENTS).status_code == 200


def test_the_body_of_an_event_is_shown_as_lines(staff):
    body = '{"event": "order.paid", "note": "<b>"}'
    event = GatewayEvent.objects.create(gateway="razorpay", event_id="e", body=body)
    shown = text_of(staff.get(f"{EVENTS}{event.pk}/change/"))
    assert "{\n  &quot;event&quot;: &quot;order.paid&quot;,\n" in shown
    assert "&lt;b&gt;" in shown


def test_staff_handle_an_event_again_by_a_button_that_asks_first(staff, failed, payment):
    address = f"{EVENTS}{failed.pk}/handle/"
    assert address in text_of(staff.get(f"{EVENTS}{failed.pk}/change/"))
    assert "Handle this event again" in text_of(staff.get(address))
    failed.refresh_from_db()
    assert (failed.status, settled(payment).status) == (EventState.FAILED, PaymentState.PENDING)
    answer = staff.post(address, SENT)
    assert answer["HX-Redirect"] == f"{EVENTS}{failed.pk}/change/"
    failed.refresh_from_db()
    assert (failed.status, failed.error) == (EventState.HANDLED, "")
    assert settled(payment).status == PaymentState.SUCCEEDED
    assert LogEntry.objects.get().change_message == "Handled again."


def test_staff_queue_many_events_again_but_none_that_was_refused(staff, failed, refused):
    sent = {"action": "queue_once_more", "_selected_action": [failed.pk, refused.pk]}
    shown = text_of(staff.post(EVENTS, sent, follow=True))
    assert "Events queued: 1." in shown
    assert "never handled: 1." in shown
    failed.refresh_from_db()
    refused.refresh_from_db()
    assert (failed.status, failed.attempts) == (EventState.RECEIVED, 0)
    assert refused.status == EventState.REFUSED


def test_an_event_that_was_refused_is_shown_and_has_no_button(staff, refused):
    shown = text_of(staff.get(f"{EVENTS}{refused.pk}/change/"))
    assert "nonsense &lt;b&gt;" in shown
    assert "Header missing" in shown
    assert f"{EVENTS}{refused.pk}/handle/" not in shown
    assert staff.post(f"{EVENTS}{refused.pk}/handle/", SENT).status_code == 403
    refused.refresh_from_db()
    assert refused.status == EventState.REFUSED


def test_who_may_only_look_at_events_does_not_handle_them(client, failed):
    may(client, "view_gatewayevent")
    address = f"{EVENTS}{failed.pk}/handle/"
    assert address not in text_of(client.get(f"{EVENTS}{failed.pk}/change/"))
    assert client.post(address, SENT).status_code == 403
    client.post(EVENTS, {"action": "queue_once_more", "_selected_action": [failed.pk]})
    failed.refresh_from_db()
    assert failed.status == EventState.FAILED


def test_a_payment_shows_what_the_gateway_told_of_it(staff, failed):
    shown = text_of(staff.get(f"/admin/payments/payment/{failed.payment_id}/change/"))
    assert f"{EVENTS}{failed.pk}/change/" in shown
    may(staff, "view_payment")
    shown = text_of(staff.get(f"/admin/payments/payment/{failed.payment_id}/change/"))
    assert "payment.captured" not in shown


# Payments that need a person


@pytest.fixture
def marked(payment):
    Payment.objects.filter(pk=payment.pk).update(needs_person="Look at this.")
    return payment


def test_payments_that_need_a_person_stand_in_one_list(staff, marked):
    other = start(make_placed_order())
    shown = text_of(staff.get(TO_CHECK))
    for words in ("Look at this.", marked.order.number, "150.00 INR"):
        assert words in shown
    assert f"/admin/orders/order/{marked.order_id}/change/" in shown
    assert f"/admin/payments/payment/{marked.pk}/change/" in shown
    assert other.order.number not in shown
    answer = staff.get(f"{TO_CHECK}{marked.pk}/change/")
    assert answer["Location"] == f"/admin/payments/payment/{marked.pk}/change/"


@pytest.mark.parametrize("screen", ["payment", "paymenttocheck"])
def test_a_payment_that_was_looked_at_leaves_the_list(staff, marked, screen):
    address = f"/admin/payments/{screen}/{marked.pk}/seen/"
    assert "Look at this." in text_of(staff.get(address))
    assert settled(marked).needs_person == "Look at this."
    answer = staff.post(address, {**SENT, "why": "Look at this."})
    assert answer["HX-Redirect"].startswith(f"/admin/payments/{screen}/")
    assert settled(marked).needs_person == ""
    assert LogEntry.objects.get().change_message == "Looked at: Look at this."
    assert marked.order.number not in text_of(staff.get(TO_CHECK))


def test_a_reason_that_came_meanwhile_is_not_wiped_away(staff, marked):
    Payment.objects.filter(pk=marked.pk).update(needs_person="A dispute.")
    answer = staff.post(f"{TO_CHECK}{marked.pk}/seen/", {**SENT, "why": "Look at this."})
    assert "another reason" in text_of(staff.get(answer["HX-Redirect"]))
    assert settled(marked).needs_person == "A dispute."
    assert not LogEntry.objects.exists()


@pytest.mark.parametrize("screen", ["payment", "paymenttocheck"])
def test_staff_ask_the_gateway_by_a_button_that_asks_first(staff, marked, screen):
    address = f"/admin/payments/{screen}/{marked.pk}/ask/"
    assert "Ask the gateway" in text_of(staff.get(address))
    assert settled(marked).status == PaymentState.PENDING
    answer = staff.post(address, SENT)
    assert "The gateway answered" in text_of(staff.get(answer["HX-Redirect"]))
    assert settled(marked).status == PaymentState.SUCCEEDED


def test_who_may_only_look_at_payments_takes_no_mark_off(client, marked):
    may(client, "view_payment")
    assert "Look at this." in text_of(client.get(TO_CHECK))
    answer = client.post(f"{TO_CHECK}{marked.pk}/seen/", {**SENT, "why": "Look at this."})
    assert answer.status_code == 403
    assert settled(marked).needs_person == "Look at this."


def test_who_may_not_see_payments_does_not_see_the_list(client, marked):
    may(client, "view_order")
    assert client.get(TO_CHECK).status_code == 403


@pytest.mark.parametrize("object_id", ["0", "nonsense", "00000000-0000-0000-0000-000000000000"])
@pytest.mark.parametrize("name", ["payment", "paymenttocheck", "gatewayevent"])
def test_an_address_of_nothing_is_not_found(staff, name, object_id):
    for action in ("handle",) if name == "gatewayevent" else ("ask", "seen"):
        answer = staff.post(f"/admin/payments/{name}/{object_id}/{action}/", SENT)
        assert answer.status_code == 404


def test_the_first_page_counts_what_waits_in_the_inbox(staff, failed, refused, marked):
    waiting = {row["text"]: row for row in staff.get("/admin/").context["waiting"]}
    for text in ("gateway events failed", "gateway events refused", "payments need a person"):
        assert waiting[text]["count"] == 1
        assert staff.get(waiting[text]["address"]).context["cl"].result_count == 1
