import pytest
from django.contrib.auth.models import Permission
from django.core.cache import cache

from orders.models import OrderStatus
from orders.services.access import token_of
from orders.services.lifecycle import SYSTEM, cancel_order
from payments.models import (
    EventState,
    GatewayCustomer,
    GatewayEvent,
    Payment,
    PaymentState,
    Refund,
)
from payments.services.ask import ask_gateway
from payments.services.events import handle_pending_events
from tests.accounts.factories import make_staff, make_user
from tests.orders.factories import make_placed_order

from .bank import deliver, post_webhook, settled, start

pytestmark = pytest.mark.django_db

INITIATE = "/api/v1/payments/initiate/"
VERIFY = "/api/v1/payments/verify/"


@pytest.fixture
def order():
    return make_placed_order()


@pytest.fixture
def owner(api, order):
    api.force_authenticate(order.user)
    return api


@pytest.fixture
def guest_order():
    return make_placed_order(email="guest@example.com")


@pytest.fixture
def paid(bank, order):
    payment = start(order)
    bank.pay(payment)
    return ask_gateway(payment_id=payment.pk)


# Start


@pytest.mark.parametrize("address", [INITIATE, "/api/v1/payments/create-payment-intent/"])
def test_starting_answers_what_checkout_needs(bank, owner, order, settings, address):
    answer = owner.post(address, {"order_id": str(order.pk)})
    payment = Payment.objects.get()
    assert answer.status_code == 201
    assert answer["Location"].endswith(f"/api/v1/payments/{payment.pk}/")
    assert answer.json() == {
        "payment_id": str(payment.pk),
        "gateway": "razorpay",
        "amount": "150.00",
        "currency": "INR",
        "status": "pending",
        "razorpay": {
            "key_id": settings.RAZORPAY_KEY_ID,
            "order_id": payment.gateway_order_id,
            "amount": 15000,
            "currency": "INR",
            "name": "Storefront",
            "prefill": {
                "name": "Asha Rao",
                "email": order.email,
                "contact": "+919876543210",
            },
            "callback_url": f"{settings.SITE_URL}/api/v1/payments/verify/{payment.pk}/",
            "customer_id": GatewayCustomer.objects.get(user=order.user).customer_id,
            "remember_customer": True,
        },
    }
    again = owner.post(address, {"order_id": order.number})
    assert (again.status_code, again.json()) == (200, answer.json())


def test_a_guest_starts_and_verifies_with_the_token(bank, api, guest_order):
    token = f"?token={token_of(guest_order)}"
    answer = api.post(INITIATE + token, {"order_id": str(guest_order.pk)})
    assert answer.status_code == 201
    signed = bank.pay(Payment.objects.get())
    verified = api.post(VERIFY + token, signed)
    assert verified.status_code == 200
    assert verified.json()["order"]["payment_status"] == "paid"
    status = api.get(f"/api/v1/payments/status/{guest_order.pk}/{token}")
    assert status.json()["amount_paid"] == "150.00"


def test_without_a_token_or_with_a_wrong_one_nothing_starts(bank, api, guest_order, order):
    body = {"order_id": str(guest_order.pk)}
    assert api.post(INITIATE, body).status_code == 401
    assert api.post(f"{INITIATE}?token=wrong", body).status_code == 404
    assert api.post(f"{INITIATE}?token={token_of(order)}", body).status_code == 404
    api.force_authenticate(make_user())
    assert api.post(INITIATE, body).status_code == 404
    api.force_authenticate(make_staff())
    assert api.post(INITIATE, body).status_code == 403
    assert not Payment.objects.exists()


@pytest.mark.parametrize("body", [{}, {"order_id": None}, {"order_id": {"a": 1}}])
def test_a_start_without_an_order_is_refused(owner, body):
    answer = owner.post(INITIATE, body)
    assert (answer.status_code, answer.json()["code"]) == (400, "validation_error")
    assert list(answer.json()["details"]) == ["order_id"]


def test_an_unknown_gateway_is_400_on_its_field(bank, owner, order):
    answer = owner.post(INITIATE, {"order_id": str(order.pk), "gateway": "piggybank"})
    assert (answer.status_code, list(answer.json()["details"])) == (400, ["gateway"])


def test_refusals_of_a_start_have_their_codes(bank, owner, order, paid):
    answer = owner.post(INITIATE, {"order_id": str(order.pk)})
    assert (answer.status_code, answer.json()["code"]) == (409, "already_paid")
    cancel_order(order_id=order.pk, actor=SYSTEM)
    answer = owner.post(INITIATE, {"order_id": str(order.pk)})
    assert (answer.status_code, answer.json()["code"]) == (409, "invalid_transition")


def test_a_silent_gateway_is_502_and_the_order_can_be_paid_later(bank, owner, order):
    bank.fault("/v1/orders", "html502")
    answer = owner.post(INITIATE, {"order_id": str(order.pk)})
    assert (answer.status_code, answer.json()["code"]) == (502, "gateway_error")
    assert owner.post(INITIATE, {"order_id": str(order.pk)}).status_code == 201


def test_the_same_key_starts_one_payment_and_is_freed_by_a_failure(bank, owner, order):
    key = {"Idempotency-Key": "one"}
    bank.fault("/v1/orders", "error500")
    body = {"order_id": str(order.pk)}
    assert owner.post(INITIATE, body, headers=key).status_code == 502
    first = owner.post(INITIATE, body, headers=key)
    again = owner.post(INITIATE, body, headers=key)
    assert (first.status_code, again.status_code) == (201, 201)
    assert again["Idempotent-Replayed"] == "true"
    assert again.json() == first.json()
    assert len(bank.orders()) == 1


def test_starting_is_throttled(bank, owner, order, monkeypatch):
    from config.throttles import CheckoutThrottle

    monkeypatch.setattr(CheckoutThrottle, "THROTTLE_RATES", {"checkout": "2/min"})
    cache.clear()
    answers = [owner.post(INITIATE, {"order_id": str(order.pk)}) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [201, 200, 429]
    assert "Retry-After" in answers[-1]


# Verify


def test_verify_by_signature_answers_payment_and_order(bank, owner, order):
    payment = start(order)
    answer = owner.post(VERIFY, bank.pay(payment))
    assert answer.status_code == 200
    assert answer.json() == {
        "payment_id": str(payment.pk),
        "status": "succeeded",
        "order": {
            "id": str(order.pk),
            "number": order.number,
            "status": "confirmed",
            "payment_status": "paid",
        },
    }


def test_verify_by_payment_id_asks_the_gateway(bank, owner, order):
    payment = start(order)
    body = {"payment_id": str(payment.pk)}
    assert owner.post(VERIFY, body).json()["status"] == "pending"
    bank.pay(payment)
    assert owner.post(VERIFY, body).json()["status"] == "succeeded"
    bank.fault("/v1/*", "error500")
    assert owner.post(VERIFY, body).json()["code"] == "gateway_error"


def test_a_wrong_signature_is_400_and_changes_nothing(bank, owner, order):
    payment = start(order)
    signed = bank.pay(payment)
    for signature in ("0" * 64, signed["razorpay_signature"].upper(), "ü"):
        answer = owner.post(VERIFY, {**signed, "razorpay_signature": signature})
        assert (answer.status_code, answer.json()["code"]) == (400, "signature_invalid")
    assert settled(payment).status == PaymentState.PENDING
    assert settled(payment).order.status == OrderStatus.PENDING


def test_verify_needs_all_three_fields_or_a_payment(owner):
    answer = owner.post(VERIFY, {"razorpay_order_id": "order_x"})
    assert answer.status_code == 400
    assert set(answer.json()["details"]) == {"razorpay_payment_id", "razorpay_signature"}
    assert owner.post(VERIFY, {"payment_id": "nonsense"}).status_code == 400


def test_the_payment_of_somebody_else_is_not_there(bank, api, order):
    payment = start(order)
    signed = bank.pay(payment)
    api.force_authenticate(make_user())
    for body in (signed, {"payment_id": str(payment.pk)}):
        assert api.post(VERIFY, body).status_code == 404
    assert settled(payment).status == PaymentState.PENDING


@pytest.mark.parametrize("method", ["get", "post"])
def test_a_browser_that_returns_is_sent_to_its_order(bank, api, order, settings, method):
    settings.FRONTEND_URL = "https://shop.example"
    payment = start(order)
    bank.pay(payment)
    address = f"{VERIFY}{payment.pk}/"
    if method == "get":
        answer = api.get(f"{address}?status=failed")
    else:
        form = "razorpay_payment_id=pay_x&razorpay_signature=no"
        kind = "application/x-www-form-urlencoded"
        answer = api.post(address, form, content_type=kind)
    assert answer.status_code == 303
    place = f"https://shop.example/orders/{order.number}?payment={payment.pk}"
    assert answer["Location"] == place
    assert settled(payment).status == PaymentState.SUCCEEDED


def test_a_browser_is_sent_on_while_the_gateway_is_silent_and_never_believed(bank, api, order):
    payment = start(order)
    bank.fault("/v1/*", "error500")
    assert api.get(f"{VERIFY}{payment.pk}/?status=paid").status_code == 303
    assert api.get(f"{VERIFY}{payment.pk}/?status=paid").status_code == 303
    assert settled(payment).status == PaymentState.PENDING
    assert api.get(f"{VERIFY}{order.pk}/").status_code == 404


# Webhooks


def test_an_unknown_gateway_has_no_webhooks(api):
    assert api.post("/api/v1/payments/webhooks/piggybank/", {}).status_code == 404


def test_events_without_an_id_are_known_by_their_body(bank, api, order):
    payment = start(order)
    bank.pay(payment)
    body = bank.events("payment.captured")[0].body
    for _ in range(3):
        assert post_webhook(api, body, event_id=None).status_code == 200
    event = GatewayEvent.objects.get()
    assert event.event_id.startswith("sha256:")
    handle_pending_events()
    event.refresh_from_db()
    assert (event.status, event.kind) == (EventState.HANDLED, "payment.captured")
    assert settled(payment).status == PaymentState.SUCCEEDED


def test_an_event_that_cannot_be_read_is_kept_tried_and_given_up(api):
    assert post_webhook(api, b"no json \x00 \xff").status_code == 200
    for _ in range(10):
        GatewayEvent.objects.update(next_attempt_at="2026-01-01T00:00Z")
        handle_pending_events()
    event = GatewayEvent.objects.get()
    assert (event.status, event.attempts) == (EventState.FAILED, 10)
    assert event.error
    assert handle_pending_events() == 0


def test_an_event_waits_longer_each_time_the_gateway_is_silent(bank, api, order):
    payment = start(order)
    bank.hold(payment)
    bank.fault("/v1/*", "error500", times=1)
    deliver(api, *bank.events("payment.authorized"))
    event = GatewayEvent.objects.get()
    assert (event.status, event.attempts, event.leased_until) == (EventState.RECEIVED, 1, None)
    assert handle_pending_events() == 0
    GatewayEvent.objects.update(next_attempt_at="2026-01-01T00:00Z")
    handle_pending_events()
    assert settled(payment).status == PaymentState.SUCCEEDED


# Look


def test_owners_and_staff_see_payments_and_nobody_else(bank, api, paid):
    address = f"/api/v1/payments/{paid.pk}/"
    assert api.get(address).status_code == 401
    api.force_authenticate(make_user())
    assert api.get(address).status_code == 404
    assert api.get("/api/v1/payments/").json()["count"] == 0
    plain_staff = make_user(is_staff=True)
    api.force_authenticate(plain_staff)
    assert api.get(address).status_code == 404
    plain_staff.user_permissions.add(Permission.objects.get(codename="view_payment"))
    api.force_authenticate(type(plain_staff).objects.get(pk=plain_staff.pk))
    assert api.get(address).status_code == 200


def test_a_payment_shows_its_facts(owner, paid):
    shown = owner.get(f"/api/v1/payments/{paid.pk}/").json()
    assert shown.pop("created_at").endswith("Z")
    assert shown == {
        "id": str(paid.pk),
        "order": str(paid.order_id),
        "gateway": "razorpay",
        "amount": "150.00",
        "currency": "INR",
        "status": "succeeded",
        "gateway_order_id": paid.gateway_order_id,
        "gateway_payment_id": paid.gateway_payment_id,
        "method": "card",
        "error": "",
        "refunds": [],
    }


def test_lists_are_filtered_and_cost_the_same_for_any_length(
    bank, api, order, django_assert_num_queries
):
    start(order)
    for _ in range(3):
        start(make_placed_order())
    api.force_authenticate(make_staff())
    with django_assert_num_queries(3):
        assert api.get("/api/v1/payments/").json()["count"] == 4
    found = api.get(f"/api/v1/payments/?order={order.pk}").json()
    assert [row["order"] for row in found["results"]] == [str(order.pk)]
    assert api.get("/api/v1/payments/?status=succeeded").json()["count"] == 0
    assert api.get("/api/v1/payments/?status=nonsense").status_code == 400
    assert api.get("/api/v1/payments/nonsense/").status_code == 404


def test_the_status_of_an_order_names_its_newest_payment(bank, owner, order):
    address = f"/api/v1/payments/status/{order.pk}/"
    assert owner.get(address).json() == {
        "order": str(order.pk),
        "payment_status": "pending",
        "amount_paid": "0.00",
        "amount_refunded": "0.00",
        "payment": None,
    }
    payment = start(order)
    assert owner.get(address).json()["payment"]["id"] == str(payment.pk)
    owner.force_authenticate(make_user())
    assert owner.get(address).status_code == 404


# Refund


def test_staff_refund_a_part_and_the_rest(bank, api, paid):
    api.force_authenticate(make_staff())
    address = f"/api/v1/payments/{paid.pk}/refund/"
    answer = api.post(address, {"amount": "50.00", "reason": "Broken"})
    assert answer.status_code == 201
    assert answer.json()["amount"] == "50.00"
    assert answer.json()["status"] == "pending"
    assert answer.json()["payment"]["refunds"][0]["id"] == answer.json()["id"]
    too_much = api.post(address, {"amount": "100.01"})
    assert (too_much.status_code, list(too_much.json()["details"])) == (400, ["amount"])
    assert api.post(address, {}).json()["amount"] == "100.00"
    nothing_left = api.post(address, {})
    assert (nothing_left.status_code, nothing_left.json()["code"]) == (409, "conflict")
    assert sorted(sent["amount"] for sent in bank.refunds()) == [5000, 10000]


@pytest.mark.parametrize("amount", ["0", "-1", "0.001", "1.005", "abc", "NaN"])
def test_an_amount_that_is_none_is_refused(bank, api, paid, amount):
    api.force_authenticate(make_staff())
    answer = api.post(f"/api/v1/payments/{paid.pk}/refund/", {"amount": amount})
    assert (answer.status_code, list(answer.json()["details"])) == (400, ["amount"])
    assert not Refund.objects.exists()


def test_only_staff_who_may_refund_refund(bank, api, paid):
    address = f"/api/v1/payments/{paid.pk}/refund/"
    assert api.post(address, {}).status_code == 401
    for user in (paid.order.user, make_user(is_staff=True)):
        api.force_authenticate(user)
        assert api.post(address, {}).status_code == 403
    assert not Refund.objects.exists()


def test_the_same_key_refunds_once(bank, api, paid):
    api.force_authenticate(make_staff())
    address = f"/api/v1/payments/{paid.pk}/refund/"
    key = {"Idempotency-Key": "one"}
    first = api.post(address, {"amount": "10.00"}, headers=key)
    again = api.post(address, {"amount": "10.00"}, headers=key)
    assert (first.json(), again["Idempotent-Replayed"]) == (again.json(), "true")
    reused = api.post(address, {"amount": "20.00"}, headers=key)
    assert reused.json()["code"] == "idempotency_key_reused"
    assert len(bank.refunds()) == 1


def test_a_refused_refund_is_502_and_the_next_try_is_free(bank, api, paid):
    real = paid.gateway_payment_id
    Payment.objects.filter(pk=paid.pk).update(gateway_payment_id="pay_unknown0000000")
    api.force_authenticate(make_staff())
    address = f"/api/v1/payments/{paid.pk}/refund/"
    key = {"Idempotency-Key": "one"}
    refused = api.post(address, {}, headers=key)
    assert (refused.status_code, refused.json()["code"]) == (502, "gateway_error")
    Payment.objects.filter(pk=paid.pk).update(gateway_payment_id=real)
    assert api.post(address, {}, headers=key).status_code == 201
    assert len(bank.refunds()) == 1


def test_a_refund_of_a_silent_gateway_is_on_its_way(bank, api, paid):
    bank.fault("/v1/*", "error500")
    api.force_authenticate(make_staff())
    answer = api.post(f"/api/v1/payments/{paid.pk}/refund/", {})
    assert (answer.status_code, answer.json()["status"]) == (201, "pending")
    assert bank.refunds() == []
