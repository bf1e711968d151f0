"""What comes in by webhook and is refused: seen by staff, never in the way of what is genuine."""

import hashlib
import json
from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from payments.errors import EventRefused
from payments.models import EventState, GatewayEvent, Payment, PaymentState, Signature
from payments.services.events import (
    handle_again,
    handle_event,
    handle_pending_events,
    queue_again,
)
from payments.services.inbox import clean_refused_events, note_refused, store_event
from payments.tasks import clean_refused_events as clean_task
from tests.orders.factories import make_placed_order

from .bank import WEBHOOKS, deliver, post_webhook, settled, start

pytestmark = pytest.mark.django_db

FORGED = {"event": "payment.captured"}


def forge(api, body=FORGED, **fields):
    answer = post_webhook(api, body, secret="another", **fields)
    assert (answer.status_code, answer.json()["code"]) == (400, "signature_invalid")
    return answer


def make_refused(**fields):
    given = {"gateway": "razorpay", "event_id": "refused:1", "signature": Signature.INVALID}
    return GatewayEvent.objects.create(**{**given, "status": EventState.REFUSED, **fields})


def test_a_webhook_with_a_wrong_signature_is_kept_for_staff_and_not_handled(api):
    forge(api, event_id="evt_1")
    event = GatewayEvent.objects.get()
    digest = hashlib.sha256(json.dumps(FORGED).encode()).hexdigest()
    assert event.event_id == f"refused:{digest}"
    assert (event.gateway, event.status, event.signature) == ("razorpay", "refused", "invalid")
    assert (event.body, event.kind, event.payment) == (json.dumps(FORGED), "", None)
    assert (event.deliveries, event.attempts, event.handled_at) == (1, 0, None)
    assert event.error == "A wrong webhook secret here, or a forger there."
    assert handle_pending_events() == 0


def test_a_webhook_without_a_signature_is_told_from_one_that_is_wrong(api):
    assert api.post(WEBHOOKS, FORGED).status_code == 400
    assert GatewayEvent.objects.get().signature == Signature.MISSING
    forge(api, {"event": "other"})
    assert GatewayEvent.objects.filter(signature=Signature.INVALID).count() == 1


@pytest.mark.parametrize("gateway", ["stripe", "chapa"])
def test_every_gateway_that_signs_has_its_refused_calls_kept(api, gateway):
    address = f"/api/v1/payments/webhooks/{gateway}/"
    header = {"stripe": "Stripe-Signature", "chapa": "x-chapa-signature"}[gateway]
    assert api.post(address, FORGED).status_code == 400
    assert GatewayEvent.objects.get().signature == Signature.MISSING
    assert api.post(address, FORGED, headers={header: "t=1,v1=00"}).status_code == 400
    event = GatewayEvent.objects.get()
    assert (event.gateway, event.signature, event.deliveries) == (gateway, Signature.INVALID, 2)


def test_cash_sends_no_events_and_keeps_none(api):
    assert api.post("/api/v1/payments/webhooks/cod/", FORGED).status_code == 400
    assert not GatewayEvent.objects.exists()


def test_the_same_body_is_counted_and_not_kept_twice(api):
    for _ in range(3):
        forge(api)
    event = GatewayEvent.objects.get()
    assert event.deliveries == 3
    assert event.last_received_at > event.received_at


def test_of_a_long_body_the_beginning_is_kept_as_text(api):
    forge(api, b"\x00\xff" + b"x" * 10_000)
    assert GatewayEvent.objects.get().body == "\ufffd" + "x" * 4095


def test_a_forger_who_knows_the_id_of_an_event_does_not_take_its_place(bank, api):
    payment = start(make_placed_order())
    bank.pay(payment)
    (captured,) = bank.events("payment.captured")
    forge(api, captured.body, event_id="evt_1")
    assert post_webhook(api, captured.body, event_id="evt_1").status_code == 200
    handle_pending_events()
    assert settled(payment).status == PaymentState.SUCCEEDED
    states = GatewayEvent.objects.values_list("event_id", "status").order_by("pk")
    assert [status for _, status in states] == ["refused", "handled"]
    assert states[1][0] == "evt_1"


def test_a_signed_event_under_the_id_of_a_refused_one_is_handled_all_the_same(bank, api):
    payment = start(make_placed_order())
    bank.pay(payment)
    (captured,) = bank.events("payment.captured")
    forge(api, captured.body)
    taken = GatewayEvent.objects.get().event_id
    assert post_webhook(api, captured.body, event_id=taken).status_code == 200
    handle_pending_events()
    assert settled(payment).status == PaymentState.SUCCEEDED


def test_an_id_that_no_database_takes_is_replaced_by_the_body(api):
    event = store_event(gateway_id="stripe", event_id="evt\x00\ud800", body=b"{}")
    assert event.event_id.startswith("sha256:")


def test_a_signed_event_that_comes_again_is_counted(bank, api):
    payment = start(make_placed_order())
    bank.pay(payment)
    (captured,) = bank.events("payment.captured")
    deliver(api, captured, captured, captured)
    event = GatewayEvent.objects.get()
    assert (event.deliveries, event.attempts, event.status) == (3, 1, EventState.HANDLED)


def test_a_refused_event_is_never_handled(bank, api):
    payment = start(make_placed_order())
    bank.pay(payment)
    forge(api, bank.events("payment.captured")[0].body)
    event = GatewayEvent.objects.get()
    handle_event(event_id=event.pk)
    with pytest.raises(EventRefused):
        handle_again(event_id=event.pk)
    assert queue_again(event_ids=[event.pk]) == 0
    event.refresh_from_db()
    assert (event.status, event.attempts) == (EventState.REFUSED, 0)
    assert settled(payment).status == PaymentState.PENDING


@pytest.mark.parametrize(
    ("status", "signature"),
    [("received", "invalid"), ("handled", "missing"), ("refused", "valid")],
)
def test_the_database_knows_no_event_that_is_handled_unsigned(status, signature):
    with pytest.raises(IntegrityError), transaction.atomic():
        make_refused(status=status, signature=signature)
    assert not GatewayEvent.objects.exists()


def test_a_flood_of_forged_calls_does_not_fill_the_table(monkeypatch, api):
    monkeypatch.setattr("payments.services.inbox.MOST_REFUSED", 3)
    for number in range(5):
        forge(api, {"event": f"forged-{number}"})
    assert GatewayEvent.objects.count() == 3
    forge(api, {"event": "forged-0"})
    assert GatewayEvent.objects.filter(deliveries=2).count() == 1
    # Another gateway has a limit of its own.
    note_refused(gateway_id="stripe", body=b"x", signature=Signature.MISSING)
    assert GatewayEvent.objects.count() == 4
    # An hour later there is room again.
    GatewayEvent.objects.update(received_at=timezone.now() - timedelta(hours=1, seconds=1))
    forge(api, {"event": "forged-4"})
    assert GatewayEvent.objects.count() == 5


def test_a_forged_call_costs_few_queries(api, django_assert_num_queries):
    forge(api)
    with django_assert_num_queries(1):  # counted
        forge(api)
    with django_assert_num_queries(5):  # looked for, limit, savepoint, row, savepoint
        forge(api, {"event": "another"})


def test_refused_events_are_deleted_after_a_week_without_another(bank, api):
    old = timezone.now() - timedelta(days=7, seconds=1)
    make_refused(event_id="refused:old", last_received_at=old)
    make_refused(event_id="refused:again", deliveries=2)
    GatewayEvent.objects.update(received_at=old)
    signed = GatewayEvent.objects.create(gateway="razorpay", event_id="e", last_received_at=old)
    assert clean_refused_events() == 1
    left = GatewayEvent.objects.values_list("event_id", flat=True).order_by("event_id")
    assert list(left) == [signed.event_id, "refused:again"]
    clean_task()
    assert GatewayEvent.objects.count() == 2


# What is known of an event


def test_an_event_is_kept_with_its_kind_and_its_payment(bank, api):
    payment = start(make_placed_order())
    bank.pay(payment)
    deliver(api, *bank.events("payment.captured", "payment.authorized"))
    assert set(GatewayEvent.objects.values_list("kind", "payment")) == {
        ("payment.captured", payment.pk),
        ("payment.authorized", payment.pk),
    }


def test_an_event_that_failed_says_what_it_was_about(bank, api):
    payment = start(make_placed_order())
    bank.hold(payment)
    bank.fault("/v1/*", "error500")
    deliver(api, *bank.events("payment.authorized"))
    event = GatewayEvent.objects.get()
    assert (event.kind, event.payment, event.status) == (
        "payment.authorized",
        payment,
        EventState.RECEIVED,
    )


def test_an_event_of_somebody_else_has_no_payment(bank, api):
    payment = start(make_placed_order())
    bank.pay(payment)
    Payment.objects.update(gateway_order_id="order_other")
    deliver(api, *bank.events("payment.captured"))
    event = GatewayEvent.objects.get()
    assert (event.status, event.payment) == (EventState.HANDLED, None)


def test_a_kind_that_no_database_takes_is_cleaned(api):
    body = b'{"event": "a\\u0000b\\ud800", "payload": {}}'
    assert post_webhook(api, body).status_code == 200
    handle_pending_events()
    event = GatewayEvent.objects.get()
    assert (event.kind, event.status) == ("ab?", EventState.HANDLED)
