import pytest
from django.contrib.auth.models import Group, Permission
from django.db import transaction

from accounts.services.profiles import erase_user
from catalog.services.stock import record_movement
from catalog.services.stock_requests import answer_requests, request_notice
from config.events import emit
from notifications.models import Channel, Message, Notification, NotificationKind, Preference, Topic
from notifications.models.preference import TOPIC_OF
from notifications.services.notices import TEXTS, staff_who_may, tell_staff
from notifications.services.outbox import deliver
from notifications.services.preferences import set_preferences
from notifications.services.rendering import SUBJECTS, render_sms
from notifications.services.telling import SMS_KINDS
from orders.services.lifecycle import SYSTEM, advance_order, cancel_order
from orders.services.returning import Wish, approve_return, reject_return, request_return
from payments.models import Payment, PaymentState, Refund
from payments.services.locked import ask_for_person, lock_payment
from payments.signals import payment_failed, payment_refunded, payment_succeeded
from tests.accounts.factories import make_staff, make_user
from tests.catalog.factories import make_variant
from tests.orders.factories import make_delivered_order, make_paid_order, make_placed_order

pytestmark = pytest.mark.django_db


def kinds_of(user):
    rows = Notification.objects.filter(user=user).order_by("created_at", "id")
    return [row.kind for row in rows]


def mails_to(user):
    rows = Message.objects.filter(recipient=user.email, channel=Channel.EMAIL)
    return sorted(rows.values_list("kind", flat=True))


def wish(user, topic=Topic.ORDER_UPDATES, **ways):
    set_preferences(user_id=user.pk, changes={topic: ways})


def make_payment(order, **fields):
    return Payment.objects.create(
        **{
            "order": order,
            "gateway": "razorpay",
            "amount": order.total_amount,
            "currency": order.currency,
            "status": PaymentState.SUCCEEDED,
            "amount_captured": order.total_amount,
            "receipt": str(order.pk)[:40],
        }
        | fields
    )


def may(name, **fields):
    person = make_user(**{"is_staff": True} | fields)
    person.user_permissions.set(Permission.objects.filter(codename=name))
    return person


def test_an_order_is_told_in_the_shop_from_its_placing_to_its_delivery():
    order = make_delivered_order()
    assert kinds_of(order.user) == [
        "order_placed",
        "order_confirmed",
        "order_processing",
        "order_shipped",
        "order_delivered",
    ]
    first = Notification.objects.get(kind="order_placed")
    assert (first.title, first.body, first.data, first.read_at) == (
        f"We have your order {order.number}",
        "Thank you. It comes to INR 150.00.",
        {"order": str(order.pk)},
        None,
    )


def test_a_guests_order_is_told_by_mail_alone():
    make_placed_order(email="guest@example.com")
    assert Message.objects.get().recipient == "guest@example.com"
    assert not Notification.objects.exists()


def test_what_is_undone_is_told_nobody():
    user = make_user()
    with transaction.atomic():
        make_placed_order(user=user)
        transaction.set_rollback(True)
    assert not Notification.objects.exists()
    assert not Message.objects.exists()


def test_the_same_cause_is_told_once():
    order = make_paid_order()
    payment = make_payment(order)
    for _ in range(3):
        with transaction.atomic():
            emit(payment_succeeded, payment_id=payment.pk)
    assert kinds_of(order.user).count("payment_received") == 1
    told = Notification.objects.get(kind="payment_received")
    assert told.data == {"order": str(order.pk), "payment": str(payment.pk)}


def test_money_that_failed_or_went_back_is_told():
    order = make_paid_order()
    payment = make_payment(order)
    refund = Refund.objects.create(payment=payment, amount="12.00", reason="Broken")
    with transaction.atomic():
        emit(payment_failed, payment_id=payment.pk)
        emit(payment_refunded, refund_id=refund.pk)
    failed, refunded = Notification.objects.filter(kind__startswith="payment_").order_by("kind")
    assert failed.title == f"Your payment for {order.number} did not go through"
    assert refunded.body.startswith("INR 12.00 goes back")


@pytest.mark.parametrize(
    ("make", "text"),
    [(make_placed_order, "Nothing was charged."), (make_paid_order, "What you paid goes back")],
)
def test_a_cancelled_order_says_what_becomes_of_the_money(make, text):
    order = make()
    cancel_order(order_id=order.pk, actor=SYSTEM)
    assert Notification.objects.get(kind="order_cancelled").body.startswith(text)


def test_a_return_is_told_and_an_order_that_is_all_back():
    order = make_delivered_order()
    line = order.lines.get()
    refused = request_return(order_id=order.pk, actor=SYSTEM, wishes=[Wish(line.pk, 1, "Small")])
    reject_return(return_id=refused.pk, actor=SYSTEM, note="It was worn.")
    taken = request_return(order_id=order.pk, actor=SYSTEM, wishes=[Wish(line.pk, 1, "Small")])
    approve_return(return_id=taken.pk, actor=SYSTEM)
    assert sorted(kinds_of(order.user)[-3:]) == [
        "order_returned",
        "return_approved",
        "return_rejected",
    ]
    assert Notification.objects.get(kind="return_rejected").body == "It was worn."
    assert "order_returned" not in mails_to(order.user)


def test_who_refused_news_of_orders_gets_confirmations_and_nothing_else():
    user = make_user()
    wish(user, email=False, in_app=False)
    order = make_delivered_order(user=user)
    with transaction.atomic():
        emit(payment_succeeded, payment_id=make_payment(order).pk)
    assert mails_to(user) == ["order_confirmed", "order_placed", "payment_received"]
    assert kinds_of(user) == []


@pytest.mark.parametrize(
    ("verified", "expected"),
    [
        (True, ["order_confirmed", "order_delivered", "order_placed", "order_shipped"]),
        (False, []),
    ],
)
def test_sms_go_to_a_verified_phone_that_asked_for_them(verified, expected):
    user = make_user(phone="+919876543210", phone_verified=verified)
    wish(user, sms=True)
    make_delivered_order(user=user)
    texts = Message.objects.filter(channel=Channel.SMS)
    assert sorted(row.kind for row in texts) == expected
    assert {row.recipient for row in texts} <= {"+919876543210"}


def test_without_being_asked_for_there_is_no_sms():
    make_placed_order(user=make_user(phone="+919876543210", phone_verified=True))
    assert not Message.objects.filter(channel=Channel.SMS).exists()


@pytest.mark.parametrize(
    ("wishes", "expected"),
    [
        ({}, ["order_confirmed", "order_delivered", "order_placed", "order_shipped"]),
        ({"email": False}, ["order_confirmed", "order_placed"]),
    ],
)
def test_who_has_no_email_gets_on_the_phone_what_others_get_by_mail(wishes, expected):
    user = make_user(email=None, phone="+919876543210", phone_verified=True)
    if wishes:
        wish(user, **wishes)
    make_delivered_order(user=user)
    texts = Message.objects.filter(channel=Channel.SMS, recipient=user.phone)
    assert sorted(row.kind for row in texts) == expected
    for row in texts:
        assert deliver(message_id=row.pk)
    assert not Message.objects.exclude(channel=Channel.SMS).filter(user=user).exists()


def test_the_texts_for_phones_are_short_and_say_what_happened():
    user = make_user(phone="+919876543210", phone_verified=True)
    wish(user, sms=True)
    order = make_delivered_order(user=user)
    texts = {row.kind: render_sms(row) for row in Message.objects.filter(channel=Channel.SMS)}
    assert texts["order_shipped"] == (
        f"Storefront: your order {order.number} is on its way. "
        f"http://localhost:8000/orders/{order.number}"
    )
    assert max(map(len, texts.values())) <= 160


@pytest.mark.parametrize(
    ("ways", "mails", "notices"),
    [({}, 1, 1), ({"email": False}, 0, 1), ({"in_app": False}, 1, 0)],
)
def test_who_waits_for_a_product_is_told_as_they_wish(ways, mails, notices):
    user = make_user()
    wish(user, Topic.STOCK_ALERTS, **ways)
    variant = make_variant(on_hand=0)
    request_notice(product_id=variant.product_id, variant_id=None, email=user.email, user=user)
    record_movement(variant_id=variant.pk, kind="IN", quantity=1, recorded_by=None)
    answer_requests()
    assert Message.objects.count() == mails
    told = Notification.objects.filter(user=user)
    assert [(row.title, row.data) for row in told] == [
        (f"{variant.product.name} is back in stock", {"product": variant.product_id})
    ] * notices


def test_somebody_elses_address_is_told_by_mail_and_the_asker_not_at_all():
    variant, asker = make_variant(on_hand=0), make_user()
    request_notice(
        product_id=variant.product_id, variant_id=None, email="friend@example.com", user=asker
    )
    record_movement(variant_id=variant.pk, kind="IN", quantity=1, recorded_by=None)
    answer_requests()
    assert Message.objects.get().recipient == "friend@example.com"
    assert not Notification.objects.exists()


def test_what_was_refused_since_is_not_sent():
    order = make_delivered_order()
    late = Message.objects.get(kind="order_delivered")
    sure = Message.objects.get(kind="order_confirmed")
    wish(order.user, email=False)
    assert not deliver(message_id=late.pk)
    assert not Message.objects.filter(pk=late.pk).exists()
    assert deliver(message_id=sure.pk)


def test_an_erased_person_keeps_no_notifications_and_no_wishes():
    order = make_paid_order()
    other = make_placed_order()
    wish(order.user, sms=True)
    erase_user(user_id=order.user_id)
    assert not Notification.objects.filter(user=order.user).exists()
    assert not Preference.objects.exists()
    advance_order(order_id=order.pk, to_status="processing", actor=SYSTEM)
    assert [row.user for row in Notification.objects.all()] == [other.user]


def test_low_stock_is_told_to_staff_who_may_see_it_in_a_fixed_number_of_queries(
    django_assert_num_queries,
):
    group = Group.objects.create(name="Stock")
    group.permissions.set(Permission.objects.filter(codename="view_stockalert"))
    member = make_user(is_staff=True)
    member.groups.set([group])
    readers = {member, may("view_stockalert"), make_staff()}
    may("view_order")
    may("view_stockalert", is_active=False)
    may("view_stockalert", is_staff=False)
    low = make_variant(on_hand=6, low_stock_threshold=5, watched=True)
    record_movement(variant_id=low.pk, kind="OUT", quantity=2, recorded_by=None)
    told = Notification.objects.filter(kind="stock_low")
    assert {row.user for row in told} == readers
    assert {row.title for row in told} == {f"Low stock: {low.product.name}"}
    assert {row.body for row in told} == {f"{low.sku}: 4 left"}
    assert told[0].data == {"product": low.product_id}
    for _ in range(20):
        may("view_stockalert")
    with django_assert_num_queries(2):
        tell_staff(
            permission="catalog.view_stockalert",
            kind="stock_low",
            cause="later",
            ids={},
            words={"things": "Mug", "left": "M: 1 left"},
        )
    assert told.all().count() == 3 + 23


def test_staff_without_the_second_factor_that_is_asked_for_are_not_told(settings):
    settings.STAFF_TWO_FACTOR_REQUIRED = True
    may("view_payment")
    safe = may("view_payment", two_factor_enabled=True)
    assert list(staff_who_may("payments.view_payment")) == [safe]


def test_a_payment_asks_for_a_person_each_time_that_something_else_is_wrong():
    order = make_placed_order()
    payment = make_payment(order)
    person = may("view_payment")
    for why in ("Paid twice.", "Paid twice.", "A dispute."):
        with transaction.atomic():
            ask_for_person(lock_payment(payment.pk)[1], why)
    told = Notification.objects.filter(user=person).order_by("created_at")
    assert [row.body for row in told] == ["Paid twice.", "A dispute."]
    assert told[0].title == f"A payment of {order.number} needs a person"
    assert told[0].data == {"order": str(order.pk), "payment": str(payment.pk)}


def test_every_kind_has_its_text():
    assert set(TEXTS) == set(NotificationKind.values)
    assert set(TOPIC_OF) - {"order_returned"} <= set(SUBJECTS)
    assert set(TOPIC_OF) >= SMS_KINDS


def test_a_long_name_fits():
    person = make_staff()
    tell_staff(
        permission="catalog.view_stockalert",
        kind="stock_low",
        cause="1",
        ids={},
        words={"things": "x" * 300, "left": "y" * 900},
    )
    row = Notification.objects.get(user=person)
    assert (len(row.title), len(row.body), row.body[-1]) == (200, 500, "…")
