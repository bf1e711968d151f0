"""The rules of the Online Retail file, without a database."""

import csv
from collections import Counter
from datetime import datetime
from decimal import Decimal
from io import StringIO

import pytest

from catalog.importing.online_retail import Kind, ProductTally, Row, read_rows
from config.importing import ImportRefused, Skip
from orders.importing.documents import FileTally, batches_by_rows, gather

from .files import HEADER, row


def lines_of(*rows):
    text = StringIO()
    csv.writer(text, lineterminator="\n").writerows([HEADER, *rows])
    return text.getvalue().splitlines(keepends=True)


def read(*rows, until=None):
    return list(read_rows(lines_of(*rows), until))


def only(*rows, until=None):
    (found,) = read(*rows, until=until)
    return found


def test_a_sale_line_is_read_with_exact_values():
    assert only(row(quantity=80995, price="0.001")) == Row(
        kind=Kind.SALE,
        invoice="700001",
        position=1,
        code="10001",
        name="TIN MUG",
        quantity=80995,
        time=datetime(2011, 3, 1, 9, 30),
        price=Decimal("0.001"),
        customer="50001",
        country="France",
    )


def test_fields_are_trimmed_codes_raised_and_spaces_of_names_collapsed():
    found = only(row(" 700001 ", " 10001a ", "  TIN   MUG \t BLUE ", customer=" 1 ", country=" X "))
    assert (found.invoice, found.code, found.name) == ("700001", "10001A", "TIN MUG BLUE")
    assert (found.customer, found.country) == ("1", "X")


@pytest.mark.parametrize(
    "code", ["POST", "M", "gift_0001_20", "1234", "123456", "12345ABC", "DCGS0003", "12345é", ""]
)
def test_other_codes_than_those_of_products_are_left_out(code):
    assert only(row(code=code)).reason == "R2: no product code"


@pytest.mark.parametrize("code", ["12345", "12345A", "12345ab"])
def test_codes_of_products_have_five_digits_and_up_to_two_letters(code):
    assert only(row(code=code)).code == code.upper()


def test_a_cancellation_has_a_negative_quantity_which_is_read_as_pieces_given_back():
    found = only(row("C700009", quantity=-12))
    assert (found.kind, found.quantity) == (Kind.CANCELLATION, 12)


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"price": "0.00"}, "R5: no price"),
        ({"price": "-11.05"}, "R5: no price"),
        ({"quantity": -3}, "R5: stock adjustment"),
        ({"quantity": 0}, "R5: stock adjustment"),
        ({"invoice": "C700001"}, "R5: cancellation of no pieces"),
        ({"invoice": "A700001"}, "R5: no invoice number"),
        ({"invoice": "70001"}, "R5: no invoice number"),
        ({"invoice": "C700001", "quantity": -1, "price": "0"}, "R5: no price"),
        ({"quantity": "many"}, "malformed: quantity, date or price"),
        ({"quantity": "1.5"}, "malformed: quantity, date or price"),
        ({"price": "NaN"}, "malformed: quantity, date or price"),
        ({"price": "1.2345"}, "malformed: quantity, date or price"),
        ({"time": "1/12/2010 8:26"}, "malformed: quantity, date or price"),
        ({"price": "99999999", "quantity": 999999}, "malformed: an amount over 99,999,999,999"),
    ],
)
def test_every_other_row_is_left_out_with_a_reason(fields, reason):
    assert only(row(**fields)) == Skip(2, fields.get("invoice", "700001"), reason)


def test_a_row_that_is_cut_off_is_left_out_and_the_next_one_is_read():
    cut, whole = read(["700001", "10001"], row())
    assert cut.reason == "malformed: another number of columns than the header"
    assert whole.code == "10001"


def test_positions_count_all_rows_of_an_invoice_the_left_out_ones_too():
    found = read(row(), row(code="POST"), row(), row("700002"), row())
    assert [item.position for item in found if isinstance(item, Row)] == [1, 3, 1, 4]


def test_until_leaves_out_what_happened_then_or_later_and_keeps_positions():
    early, late = row(time="2011-03-01 09:30:00"), row(time="2011-03-01 09:31:00")
    first, second, third = read(early, late, early, until=datetime(2011, 3, 1, 9, 31))
    assert second == Skip(3, "700001", "not before --until")
    assert (first.position, third.position) == (1, 3)


def test_a_file_with_other_columns_is_refused():
    with pytest.raises(ImportRefused, match="InvoiceNo"):
        list(read_rows(["a,b,c\n", "1,2,3\n"]))


def product_of(*rows):
    tally = ProductTally()
    for item in read(*rows):
        tally.add(item)
    (found,) = tally.products()
    return found


def test_a_product_has_its_most_frequent_name_and_price():
    found = product_of(
        row(name="OLD", price="2.00"), row(name="NEW", price="3.00"), row(name="NEW", price="3.00")
    )
    assert (found.name, found.price, found.sku) == ("NEW", Decimal("3.00"), "10001")


def test_of_equally_frequent_names_the_first_by_code_point_wins_and_of_prices_the_lowest():
    found = product_of(
        row(name="apple", price="10.00"),
        row(name="Zebra", price="9.50"),
        row(name="apple", price="9.50"),
        row(name="Zebra", price="10.00"),
    )
    assert (found.name, found.price) == ("Zebra", Decimal("9.50"))


def test_cancellations_have_no_say_in_name_and_price():
    cancelled = row("C700009", name="WRONG", quantity=-1, price="9.00")
    found = product_of(row(name="RIGHT"), cancelled, cancelled)
    assert (found.name, found.price) == ("RIGHT", Decimal("1.25"))


def documents_of(*rows):
    tally = FileTally()
    found = read(*rows)
    tally.read(found, skips=None)
    return tally, list(gather(found, tally.rows_of))


def test_an_invoice_whose_rows_lie_apart_is_one_document_with_its_earliest_time():
    later, earlier = "2011-03-01 09:31:00", "2011-03-01 09:30:00"
    _, documents = documents_of(row(time=later), row("700002"), row(time=earlier, price="0.50"))
    assert [document.invoice for document in documents] == ["700002", "700001"]
    assert documents[1].time == datetime(2011, 3, 1, 9, 30)
    assert documents[1].total == Decimal("3.50")


def test_customers_are_those_of_sales_alone_with_the_time_of_the_first():
    tally, _ = documents_of(
        row("C700003", quantity=-1, customer="50009"),
        row(time="2011-04-01 10:00:00"),
        row("700002", time="2011-02-01 10:00:00"),
        row("700004", customer=""),
    )
    assert tally.customers == {"50001": datetime(2011, 2, 1, 10, 0)}


def test_batches_never_cut_a_document():
    _, documents = documents_of(row(), row(), row(), row("700002"), row("700003"))
    batches = list(batches_by_rows(documents, 2))
    assert [[d.invoice for d in batch] for batch in batches] == [["700001"], ["700002", "700003"]]
    assert Counter(len(d.rows) for d in documents) == {3: 1, 1: 2}
