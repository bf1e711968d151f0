"""The daily report and the digest of low stock: to whom, when, and what they say."""

import csv
from datetime import UTC, date, datetime, timedelta
from io import StringIO

import pytest
from django.contrib.auth.models import Group, Permission
from django.core import mail
from django.core.management import CommandError, call_command
from django.utils import timezone

from catalog.models import StockAlert
from catalog.services.alerts import acknowledge_alert
from config.errors import InvalidInput
from notifications.models import Message, Notification
from notifications.services import staff_mails
from notifications.services.outbox import deliver, due_messages
from notifications.services.rendering import render
from notifications.services.staff_mails import queue_digest, queue_report
from notifications.tasks import queue_staff_mails
from orders.models import Order
from tests.accounts.factories import make_staff, make_user
from tests.accounts.threads import at_once
from tests.catalog.factories import make_product, make_variant
from tests.orders.factories import make_paid_order

pytestmark = pytest.mark.django_db
DAY = date(2026, 11, 20)


def may(permission, **fields):
    person = make_user(**{"is_staff": True} | fields)
    person.user_permissions.add(Permission.objects.get(codename=permission))
    return person


def recipients():
    return sorted(Message.objects.values_list("recipient", flat=True))


def make_alert(*, age=timedelta(hours=1), on_hand=2, **fields):
    variant = make_variant(on_hand=on_hand, **fields)
    return StockAlert.objects.create(
        variant=variant,
        open_for=variant,
        stock_when_opened=on_hand,
        created_at=timezone.now() - age,
    )


def sales(**fields):
    order = make_paid_order(**fields)
    Order.objects.filter(pk=order.pk).update(paid_at=datetime(2026, 11, 20, 8, tzinfo=UTC))
    return order


def tables_of(message):
    return {
        each.name: list(csv.reader(StringIO(each.content.removeprefix("\ufeff"))))
        for each in render(message).attachments
    }


def test_the_report_goes_once_to_everybody_who_may_see_orders():
    group = Group.objects.create(name="Sales")
    group.permissions.add(Permission.objects.get(codename="view_order"))
    in_group = make_user(is_staff=True, email="group@example.com")
    in_group.groups.add(group)
    may("view_order", email="own@example.com")
    make_staff(email="admin@example.com")
    make_staff(email=None, username="without-mail")
    may("view_order", email="gone@example.com", is_active=False)
    may("view_order", email="customer@example.com", is_staff=False)
    may("view_product", email="other@example.com")
    assert len(queue_report(day=DAY)) == 3
    assert recipients() == ["admin@example.com", "group@example.com", "own@example.com"]
    assert queue_report(day=DAY) == []
    assert len(queue_report(day=DAY - timedelta(days=1))) == 3
    assert Message.objects.count() == 6


@pytest.mark.django_db(transaction=True)
def test_reports_that_are_asked_for_at_once_are_one_for_each_person():
    for number in range(3):
        make_staff(email=f"admin{number}@example.com")
    answers = at_once(8, lambda index: queue_report(day=DAY))
    assert [answer for answer in answers if isinstance(answer, Exception)] == []
    assert recipients() == [f"admin{number}@example.com" for number in range(3)]


def test_staff_whose_rights_are_withheld_get_nothing(settings):
    settings.STAFF_TWO_FACTOR_REQUIRED = True
    may("view_order", email="without@example.com")
    may("view_order", email="with@example.com", two_factor_enabled=True)
    queue_report(day=DAY)
    assert recipients() == ["with@example.com"]


def test_the_report_costs_the_same_however_many_get_it(django_assert_num_queries):
    for number in (1, 4):
        for _ in range(number):
            may("view_order")
        with django_assert_num_queries(12):
            queue_report(day=DAY - timedelta(days=number))


def test_staff_read_in_the_shop_that_the_report_is_there_once():
    clerk = may("view_order", email=None, username="clerk")
    sales(variants=[make_variant(price="250.00")], quantity=2)
    queue_report(day=DAY)
    queue_report(day=DAY)
    (notice,) = Notification.objects.filter(user=clerk)
    assert notice.title == "The report of 20 November 2026 is there"
    assert notice.body == "Revenue: INR 500.00. Orders: 1."


def test_a_day_that_is_not_over_is_refused():
    make_staff()
    with pytest.raises(InvalidInput):
        queue_report(day=timezone.localdate())
    assert not Message.objects.exists()


def test_the_report_says_what_a_day_brought_beside_the_day_before():
    make_staff(first_name="Ravi")
    rug = make_product(name="=Rug, <b>blue</b>")
    sales(variants=[make_variant(product=rug, price="250.00")], quantity=2)
    (message,) = queue_report(day=DAY)
    report = render(message)
    assert report.subject == "Sales of Friday, 20 November 2026"
    assert "Hello Ravi," in report.text
    assert "Orders: 1 (0)\n" in report.text
    assert "Revenue: 500.00 (0.00)\n" in report.text
    assert "=Rug, <b>blue</b>\n  2 sold: 500.00" in report.text
    assert "=Rug, &lt;b&gt;blue&lt;/b&gt;" in report.html
    tables = tables_of(message)
    header, day, before = tables["sales-2026-11-20.csv"]
    assert dict(zip(header, day, strict=True))["net"] == "500.00"
    assert before[:3] == ["2026-11-19", "0", "0"]
    assert tables["products-2026-11-20.csv"][1] == [
        "'=Rug, <b>blue</b>",
        rug.slug,
        "2",
        "500.00",
    ]


def test_the_change_against_the_day_before_is_shown_in_percent():
    make_staff()
    first = sales()
    sales()
    Order.objects.filter(pk=first.pk).update(paid_at=datetime(2026, 11, 19, 8, tzinfo=UTC))
    sales()
    (message,) = queue_report(day=DAY)
    assert "Orders: 2 (1) +100 %\n" in render(message).text


def test_the_report_is_sent_with_its_tables():
    make_staff()
    (message,) = queue_report(day=DAY)
    assert deliver(message_id=message.pk)
    names = [name for name, _, _ in mail.outbox[0].attachments]
    assert names == ["sales-2026-11-20.csv", "products-2026-11-20.csv"]


def test_who_lost_the_right_meanwhile_gets_no_figures():
    person = may("view_order")
    (message,) = queue_report(day=DAY)
    person.user_permissions.clear()
    assert not deliver(message_id=message.pk)
    assert mail.outbox == []
    assert not Message.objects.exists()


def test_the_command_reports_yesterday_or_a_given_day_and_nothing_twice(capsys):
    with pytest.raises(CommandError, match="No staff"):
        call_command("send_daily_report")
    make_staff(email="admin@example.com")
    yesterday = timezone.localdate() - timedelta(days=1)
    call_command("send_daily_report")
    call_command("send_daily_report")
    call_command("send_daily_report", date=date(2026, 1, 31))
    assert capsys.readouterr().out.splitlines() == [
        f"The report of {yesterday} is queued for admin@example.com.",
        f"Everybody who may see the report of {yesterday} has it already.",
        "The report of 2026-01-31 is queued for admin@example.com.",
    ]
    with pytest.raises(CommandError, match="not over yet"):
        call_command("send_daily_report", date=timezone.localdate())
    assert Message.objects.count() == 2


@pytest.mark.parametrize(
    ("time", "kinds"),
    [
        ("00:00", []),  # 05:30 in India
        ("00:30", ["daily_report"]),
        ("01:30", ["daily_report", "low_stock_digest"]),
        ("18:00", ["daily_report", "low_stock_digest"]),
    ],
)
def test_the_hourly_task_waits_for_the_morning_of_the_store(monkeypatch, time, kinds):
    make_staff()
    make_alert(age=timedelta(days=400))
    now = datetime.fromisoformat(f"2026-11-21T{time}:00+00:00")
    monkeypatch.setattr(timezone, "now", lambda: now)
    queue_staff_mails()
    queue_staff_mails()
    assert sorted(Message.objects.values_list("kind", flat=True)) == kinds
    for message in Message.objects.filter(kind="daily_report"):
        assert message.data == {"report_day": "2026-11-20"}


def test_the_digest_lists_what_is_open_to_who_may_see_it():
    may("view_stockalert", email="stock@example.com")
    may("view_order", email="sales@example.com")
    product = make_product(name="Mug <b>")
    make_alert(product=product, attributes={"color": "red"}, low_stock_threshold=5, sku="MUG-R")
    closed, seen = make_alert(), make_alert()
    StockAlert.objects.filter(pk=closed.pk).update(open_for=None)
    acknowledge_alert(alert_id=seen.pk, actor=make_user())
    (message,) = queue_digest()
    assert recipients() == ["stock@example.com"]
    digest = render(message)
    assert digest.subject == "1 item is low in stock"
    assert "Mug <b> (color red)\n  MUG-R: 2 left, low at 5\n" in digest.text
    assert "Mug &lt;b&gt;" in digest.html
    ((_, rows),) = tables_of(message).items()
    assert rows[1][:5] == ["MUG-R", "Mug <b>", "color red", "2", "5"]


def next_day(monkeypatch, days=1):
    later = timezone.now() + timedelta(days=days)
    monkeypatch.setattr(timezone, "now", lambda: later)


def test_a_digest_comes_once_a_day_and_only_when_something_is_new(monkeypatch):
    make_staff()
    make_alert(sku="OLD")
    assert len(queue_digest()) == 1
    make_alert(age=timedelta(minutes=10))
    assert queue_digest() == []  # one a day
    StockAlert.objects.exclude(variant__sku="OLD").delete()
    next_day(monkeypatch)
    assert queue_digest() == []  # nothing new
    make_alert(sku="NEW")
    (message,) = queue_digest()
    text = render(message).text
    assert "One of them is new since the last of these mails." in text
    assert "NEW: 2 left, low at 5, new\n" in text
    assert "OLD: 2 left, low at 5\n" in text


def test_an_alert_that_was_too_young_for_one_digest_is_new_for_the_next(monkeypatch):
    make_staff()
    make_alert()
    make_alert(age=timedelta(seconds=10), sku="YOUNG")
    queue_digest()
    next_day(monkeypatch)
    (message,) = queue_digest()
    assert "YOUNG: 2 left, low at 5, new\n" in render(message).text


def test_who_joins_later_gets_a_digest_of_their_own(monkeypatch):
    make_staff(email="first@example.com")
    make_alert()
    queue_digest()
    make_staff(email="second@example.com")
    next_day(monkeypatch)
    assert [message.recipient for message in queue_digest()] == ["second@example.com"]


def test_without_alerts_nobody_hears_of_any():
    make_staff()
    assert queue_digest() == []
    assert not Message.objects.exists()


def test_a_digest_whose_alerts_are_closed_meanwhile_is_not_sent():
    make_staff()
    make_alert()
    (message,) = queue_digest()
    StockAlert.objects.update(open_for=None)
    assert not deliver(message_id=message.pk)
    assert mail.outbox == []


def test_a_long_digest_shows_the_first_and_attaches_all(django_assert_num_queries):
    make_staff()
    for _ in range(53):
        make_alert()
    (message,) = queue_digest()
    with django_assert_num_queries(2):
        digest = render(message)
    assert "And 3 more in the attached file." in digest.text
    assert digest.text.count(" left, low at ") == 50
    ((_, rows),) = tables_of(message).items()
    assert len(rows) == 54


def test_the_sweep_finds_what_the_hourly_task_queued():
    make_staff()
    (message,) = staff_mails.queue_report(day=DAY)
    assert due_messages() == [message.pk]
