from datetime import datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from django.core.management import CommandError, call_command

from accounts.models import User
from catalog.models import Product, Stock, StockMovement, Variant
from config.importing import Skips
from notifications.models import Message
from orders.importing import run as running
from orders.importing.run import import_orders
from orders.models import CancellationDocument, CancellationLine, Order, OrderLine

from .files import HEADER, row, write_csv

pytestmark = pytest.mark.django_db
LONDON = ZoneInfo("Europe/London")

TABLES = (
    Product,
    Variant,
    Stock,
    StockMovement,
    User,
    Order,
    OrderLine,
    CancellationDocument,
    CancellationLine,
)

HISTORY = (
    row(),
    row(),
    row(code="10002", name="TEA TOWEL", quantity=10, price="0.85"),
    row(code="POST", price="18.00"),
    row("700002", customer="", country="EIRE", time="2011-03-02 10:00:00"),
    row("C700003", quantity=-1, time="2011-03-03 11:00:00"),
    row("C700003", code="10002", quantity=-2, price="0.85", time="2011-03-03 11:01:00"),
    row("700004", name="TIN MUG BLUE", customer="50002", time="2011-04-01 12:00:00"),
    row("700004", code="10003", customer="50002", time="2011-04-01 12:01:00", quantity=80995),
    row("C700005", quantity=-1, customer="50002", time="2011-03-04 09:00:00"),
    row(code="10002", name="TEA TOWEL", quantity=1, price="0.95"),
)


@pytest.fixture(autouse=True)
def _store(settings):
    settings.STORE_CURRENCY, settings.STORE_TIME_ZONE = "GBP", "Europe/London"


def run(path, **options):
    call_command("import_orders", path, **options)


def rows_of(*models):
    return [list(model.objects.order_by("pk").values()) for model in models]


def told():
    """What reports see, without the keys that differ from run to run."""
    lines = OrderLine.objects.order_by("order__external_id", "position")
    cancelled = CancellationLine.objects.order_by("document__external_id", "position")
    return {
        "products": set(Product.objects.values_list("external_id", "name", "price", "sold_count")),
        "customers": set(User.objects.values_list("external_id", flat=True)),
        "orders": list(
            Order.objects.order_by("number").values_list(
                "number", "user__external_id", "total_amount", "amount_paid", "created_at"
            )
        ),
        "lines": list(
            lines.values_list("order__external_id", "position", "sku", "name", "line_total")
        ),
        "cancellations": list(
            CancellationDocument.objects.order_by("external_id").values_list(
                "external_id", "user__external_id", "total_amount", "created_at"
            )
        ),
        "cancelled": list(
            cancelled.values_list("document__external_id", "position", "sku", "quantity")
        ),
    }


def test_an_order_is_paid_and_delivered_at_its_own_time_in_the_stores_time_zone(tmp_path):
    run(write_csv(tmp_path, row(time="2011-07-01 23:30:00"), row(time="2011-07-01 23:31:00")))
    order = Order.objects.get(external_source="online-retail", external_id="700001")
    moment = datetime(2011, 7, 1, 23, 30, tzinfo=LONDON)
    assert {order.created_at, order.paid_at, order.delivered_at} == {moment}
    assert (order.status, order.payment_status) == ("delivered", "paid")
    assert (order.number, order.ship_country, order.currency) == ("OR-700001", "France", "GBP")
    assert order.total_amount == order.subtotal == order.amount_paid == Decimal("5.00")
    assert (order.tax_amount, order.shipping_cost, order.discount_amount) == (0, 0, 0)


def test_identical_rows_are_two_lines_and_positions_are_those_of_the_file(tmp_path):
    run(write_csv(tmp_path, *HISTORY))
    lines = OrderLine.objects.filter(order__external_id="700001")
    figures = lines.values_list("position", "sku", "quantity", "unit_price", "line_total")
    assert list(figures) == [
        (1, "10001", 2, Decimal("1.25"), Decimal("2.50")),
        (2, "10001", 2, Decimal("1.25"), Decimal("2.50")),
        (3, "10002", 10, Decimal("0.85"), Decimal("8.50")),
        (5, "10002", 1, Decimal("0.95"), Decimal("0.95")),
    ]
    assert Order.objects.get(external_id="700001").total_amount == Decimal("14.45")
    line = lines.select_related("product", "variant").first()
    assert line.variant.product == line.product
    assert (line.product.external_id, line.shipped_quantity) == ("10001", 2)
    assert (line.attributes, line.tax_parts, line.variant_name) == ({}, [], "")


def test_an_order_without_a_customer_is_a_guests(tmp_path):
    run(write_csv(tmp_path, *HISTORY))
    assert Order.objects.get(external_id="700002").user is None
    assert Order.objects.get(external_id="700004").user.external_id == "50002"


def test_customers_have_no_address_to_write_to_and_no_password_to_log_in_with(tmp_path):
    run(write_csv(tmp_path, *HISTORY))
    customer = User.objects.get(external_source="online-retail", external_id="50001")
    assert (customer.email, customer.email_key, customer.role) == (None, None, "customer")
    assert not customer.has_usable_password()
    assert customer.date_joined == datetime(2011, 3, 1, 9, 30, tzinfo=LONDON)


def test_cancellations_are_documents_of_their_own_and_change_no_order(tmp_path):
    run(write_csv(tmp_path, *HISTORY))
    document = CancellationDocument.objects.get(external_id="C700003")
    assert (document.total_amount, document.country) == (Decimal("2.95"), "France")
    assert document.user.external_id == "50001"
    assert document.created_at == datetime(2011, 3, 3, 11, 0, tzinfo=LONDON)
    assert [(line.position, line.sku, line.quantity) for line in document.lines.all()] == [
        (1, "10001", 1),
        (2, "10002", 2),
    ]
    assert set(Order.objects.values_list("status", flat=True)) == {"delivered"}


def test_neither_stock_nor_messages_are_touched(tmp_path):
    run(write_csv(tmp_path, *HISTORY))
    assert set(Stock.objects.values_list("on_hand", "reserved")) == {(0, 0)}
    assert not StockMovement.objects.exists()
    assert not Message.objects.exists()


def test_products_come_along_and_know_how_often_they_were_sold(tmp_path):
    run(write_csv(tmp_path, *HISTORY))
    names = dict(Product.objects.values_list("external_id", "name"))
    assert names == {"10001": "TIN MUG", "10002": "TEA TOWEL", "10003": "TIN MUG"}
    assert dict(Product.objects.values_list("external_id", "sold_count")) == {
        "10001": 8,
        "10002": 11,
        "10003": 80995,
    }


@pytest.mark.parametrize("options", [{}, {"dry_run": True}, {"until": "2011-03-02"}])
def test_a_second_run_changes_nothing(tmp_path, options):
    path = write_csv(tmp_path, *HISTORY)
    run(path)
    before = rows_of(*TABLES)
    run(path, **options)
    assert rows_of(*TABLES) == before


def test_a_dry_run_writes_nothing_and_reports_the_same(tmp_path, capsys):
    path = write_csv(tmp_path, *HISTORY)
    run(path, dry_run=True)
    dry = capsys.readouterr().out.splitlines()
    assert not any(rows_of(*TABLES))
    run(path)
    wet = capsys.readouterr().out.splitlines()
    assert dry[1:-1] == wet[1:-1]
    assert {"          3  orders added", "          1  R2: no product code"} <= set(wet)


@pytest.mark.parametrize(
    "until", ["2011-03-01", "2011-03-02T10:00", "2011-03-03 11:01:00", "2011-04-01 12:01:00"]
)
def test_a_later_until_adds_what_is_missing_and_ends_where_one_run_does(tmp_path, until):
    path = write_csv(tmp_path, *HISTORY)
    run(path, until=until)
    before = dict(OrderLine.objects.values_list("pk", "line_total"))
    run(path)
    after = dict(OrderLine.objects.values_list("pk", "line_total"))
    assert before.items() <= after.items()
    in_two_runs = told()
    OrderLine.objects.all().delete()
    for model in (Order, Variant, Product, CancellationDocument, User):
        model.objects.all().delete()
    run(path)
    assert told() == in_two_runs


def test_until_keeps_only_what_happened_before(tmp_path):
    run(write_csv(tmp_path, *HISTORY), until="2011-03-02T10:00")
    assert list(Order.objects.values_list("external_id", flat=True)) == ["700001"]
    assert not CancellationDocument.objects.exists()
    assert not Product.objects.filter(external_id="10003").exists()


class Killed(Exception):
    pass


@pytest.mark.django_db(transaction=True)
def test_a_run_that_is_cut_off_after_any_batch_can_be_repeated_and_completes(tmp_path, monkeypatch):
    monkeypatch.setattr(running, "BATCH_ROWS", 1)
    path = write_csv(tmp_path, *HISTORY)
    for survived in range(1, 6):
        steps = iter(range(survived))

        def on_batch(steps=steps):
            if next(steps, None) is None:
                raise Killed

        with pytest.raises(Killed), Skips() as skips:
            import_orders(path, skips=skips, on_batch=on_batch)
        for order in Order.objects.prefetch_related("lines"):
            assert sum(line.line_total for line in order.lines.all()) == order.total_amount
    run(path)
    repeated = told()
    assert [order[2] for order in repeated["orders"]] == [
        Decimal("14.45"),
        Decimal("2.50"),
        Decimal("101246.25"),
    ]
    assert len(repeated["cancellations"]) == 2


def test_the_report_names_each_row_that_was_left_out(tmp_path):
    report = tmp_path / "report.csv"
    path = write_csv(tmp_path, row(), row(price="0"), row("A700001"), row(code="BANK CHARGES"))
    run(path, report=str(report))
    assert report.read_text().splitlines() == [
        "row,key,reason",
        "3,700001,R5: no price",
        "4,A700001,R5: no invoice number",
        "5,700001,R2: no product code",
    ]


def test_another_currency_than_the_shops_is_refused_and_nothing_written(tmp_path, settings):
    settings.STORE_CURRENCY = "INR"
    with pytest.raises(CommandError, match="The amounts are in GBP, but this shop sells in INR"):
        run(write_csv(tmp_path, row()), currency="GBP")
    assert not any(rows_of(*TABLES))


def test_a_file_of_another_form_and_a_strange_until_are_refused(tmp_path):
    other = tmp_path / "other.csv"
    other.write_text(",".join(HEADER[:-1]) + "\n")
    with pytest.raises(CommandError, match="its header is another"):
        run(str(other))
    with pytest.raises(CommandError, match="Give --until as"):
        run(write_csv(tmp_path, row()), until="yesterday")
    assert not any(rows_of(*TABLES))


def test_a_number_that_another_order_has_is_refused_with_what_to_do(tmp_path):
    Order.objects.create(number="OR-700002", currency="GBP", subtotal=1, total_amount=1)
    with pytest.raises(CommandError, match="refused a row"):
        run(write_csv(tmp_path, row(), row("700002")))
    assert list(Order.objects.values_list("number", flat=True)) == ["OR-700002"]
    assert not OrderLine.objects.exists()


def test_the_number_of_queries_grows_with_batches_and_not_with_lines(
    tmp_path, django_assert_max_num_queries
):
    path = write_csv(tmp_path, *(row(f"7{number:05}") for number in range(300)))
    with django_assert_max_num_queries(90):
        run(path)
    assert Order.objects.count() == 300
