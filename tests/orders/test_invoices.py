"""Invoices and credit notes: their numbers, what is on them, and who reads them."""

import re
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from django.db import transaction

from carts.models import TaxRate
from catalog.models import Product
from config.transactions import TryAgain
from orders.models import CreditNote, Invoice, NumberSeries, Order, PaymentStatus
from orders.services.access import token_of
from orders.services.documents.credit_note import render_credit_note
from orders.services.documents.invoice import render_invoice
from orders.services.lifecycle import (
    cancel_order,
    lock_order,
    record_late_payment,
    record_payment,
    record_refund,
)
from orders.services.numbering import (
    financial_year,
    open_coming_series,
    open_series,
    take_number,
)
from orders.services.shipping import make_shipment
from tests.accounts.factories import make_user
from tests.catalog.factories import make_variant

from .factories import ADDRESS, make_paid_order, make_placed_order, store_actor
from .paper import read_pdf
from .test_api import make_clerk

pytestmark = pytest.mark.django_db

GSTIN = "29AAGCB7383J1Z4"
APRIL = datetime(2026, 4, 10, tzinfo=UTC)


def url(order):
    return f"/api/v1/orders/{order.pk}/invoice/"


def refund(order, amount):
    with transaction.atomic():
        record_refund(lock_order(order.pk), Decimal(amount))


def seen(api, order):
    api.force_authenticate(order.user)
    return api.get(f"/api/v1/orders/{order.pk}/").json()


# Numbers


@pytest.mark.parametrize(
    ("moment", "first_month", "year"),
    [
        ("2027-03-31T18:29:59+00:00", 4, "2026-27"),
        ("2027-03-31T18:30:00+00:00", 4, "2027-28"),  # midnight in Kolkata
        ("2026-12-31T18:29:59+00:00", 1, "2026"),
        ("2026-12-31T18:30:00+00:00", 1, "2027"),
        ("2026-08-01T00:00:00+00:00", 7, "2026-27"),
        ("2099-05-01T00:00:00+00:00", 4, "2099-00"),
    ],
)
def test_the_financial_year_begins_at_midnight_in_the_store(settings, moment, first_month, year):
    settings.FINANCIAL_YEAR_START_MONTH = first_month
    assert financial_year(datetime.fromisoformat(moment)) == year


def test_each_kind_and_year_counts_by_itself():
    later = APRIL.replace(year=2027)
    open_series(APRIL)
    open_series(later)
    taken = [take_number(kind, at) for kind in ("INV", "CRN") for at in (APRIL, APRIL, later)]
    assert taken == [
        f"{kind}-{tail}"
        for kind in ("INV", "CRN")
        for tail in ("2026-27-000001", "2026-27-000002", "2027-28-000001")
    ]


def test_a_number_that_was_not_kept_is_taken_again():
    open_series(APRIL)
    take_number("INV", APRIL)
    with transaction.atomic():
        assert take_number("INV", APRIL) == "INV-2026-27-000002"
        transaction.set_rollback(True)
    assert take_number("INV", APRIL) == "INV-2026-27-000002"


def test_the_series_are_open_before_their_year_begins(monkeypatch):
    NumberSeries.objects.all().delete()
    moment = datetime(2027, 3, 1, 18, 30, tzinfo=UTC)  # 2 March in Kolkata
    monkeypatch.setattr("django.utils.timezone.now", lambda: moment)
    for _ in range(2):
        open_coming_series()
    names = [f"{kind}-{year}" for kind in ("CRN", "INV") for year in ("2026-27", "2027-28")]
    assert list(NumberSeries.objects.order_by("name").values_list("name", flat=True)) == names


def test_an_open_series_counts_on_when_it_is_opened_again():
    open_series(APRIL)
    take_number("INV", APRIL)
    open_series(APRIL)
    assert take_number("INV", APRIL) == "INV-2026-27-000002"


def test_without_its_series_no_number_is_made():
    NumberSeries.objects.all().delete()
    with pytest.raises(TryAgain), transaction.atomic():
        take_number("INV", APRIL)
    assert not NumberSeries.objects.exists()


# When they are made


def test_an_order_has_an_invoice_from_its_payment_on(api):
    order = make_placed_order(user=make_user(email="asha@example.com"))
    assert seen(api, order)["invoice_number"] is None
    with transaction.atomic():
        record_payment(lock_order(order.pk), order.total_amount, gateway="razorpay")
    invoice = Invoice.objects.get()
    assert re.fullmatch(r"INV-\d{4}-\d{2}-000001", invoice.number)
    assert seen(api, order)["invoice_number"] == invoice.number
    assert (invoice.billing_address, invoice.shipping_address) == (ADDRESS, ADDRESS)


def test_an_unpaid_order_has_its_invoice_from_the_first_parcel_on():
    order = make_paid_order(quantity=2)
    Invoice.objects.all().delete()
    line = order.lines.get()
    for number in ("1", "2"):
        make_shipment(
            order_id=order.pk,
            actor=store_actor(),
            carrier="DHL",
            tracking_number=number,
            pieces={line.pk: 1},
        )
        assert Invoice.objects.filter(order=order).count() == 1


def test_refunds_of_an_invoiced_order_make_credit_notes(api):
    order = make_paid_order(variants=[make_variant(price="100.00")])
    refund(order, "30.00")
    refund(order, "120.00")
    body, notes = seen(api, order), CreditNote.objects.order_by("number")
    assert [note["amount"] for note in body["credit_notes"]] == ["30.00", "120.00"]
    assert [note["number"] for note in body["credit_notes"]] == [note.number for note in notes]
    year = notes[0].number[4:11]
    assert [note.number for note in notes] == [f"CRN-{year}-00000{n}" for n in (1, 2)]
    assert body["credit_notes"][0].keys() == {"number", "amount", "created_at", "url"}


def test_money_that_came_too_late_is_neither_invoiced_nor_credited():
    order = make_placed_order()
    cancel_order(order_id=order.pk, actor=store_actor())
    with transaction.atomic():
        record_late_payment(lock_order(order.pk), order.total_amount, gateway="razorpay")
    refund(order, order.total_amount)
    order.refresh_from_db()
    assert order.payment_status == PaymentStatus.REFUNDED
    assert not Invoice.objects.exists()
    assert not CreditNote.objects.exists()
    assert not NumberSeries.objects.filter(last__gt=0).exists()


# The page


@pytest.fixture
def india(settings):
    settings.STORE_NAME = "Blue Mug Shop"
    settings.STORE_ADDRESS = "14 Residency Road | Bengaluru 560025"
    settings.STORE_TAX_NUMBER = GSTIN
    parts = [{"name": "CGST", "rate": "9"}, {"name": "SGST", "rate": "9"}]
    for tax_class in ("standard", "shipping"):
        TaxRate.objects.create(
            country="IN", state="KA", tax_class=tax_class, rate="18", parts=parts
        )


def words(invoice):
    return read_pdf(render_invoice(invoice))


def test_the_page_shows_what_the_law_asks_for(india):
    mug = make_variant(sku="MUG-1", price="1249.95", attributes={"colour": "blue"})
    Product.objects.update(name="Mug “Café”", hsn_code="69120010")
    buyer = ADDRESS | {"tax_number": "29AAACI1195H1ZK"}
    order = make_paid_order(variants=[mug], quantity=2, billing_address=buyer)
    text = words(order.invoice)
    for part in (
        "Blue Mug Shop Tax invoice",
        f"14 Residency Road {order.invoice.number}",
        f"GSTIN {GSTIN}",
        f"Order {order.number}",
        "Asha Rao Asha Rao",
        "Karnataka, India",
        "GSTIN 29AAACI1195H1ZK\n",
        "Place of supply: Karnataka, India",
        "Mug “Café” 69120010 2 1,249.95 0.00 2,499.90 CGST 9% 224.99 2,949.88",
        "colour blue SGST 9% 224.99",
        "MUG-1",
        "Shipping: Standard 1 50.00 0.00 50.00 CGST 9% 4.50 59.00",
        "Subtotal 2,499.90",
        "CGST 9% 229.49",
        "SGST 9% 229.49",
        "Total ₹ 3,008.88",
        "page 1 of 1",
    ):
        assert part in text
    assert order.total_amount == Decimal("3008.88")


def test_included_tax_is_shown_as_a_part_of_the_price(india, settings):
    settings.PRICES_INCLUDE_TAX = True
    order = make_paid_order(variants=[make_variant(price="118.00")])
    text = words(order.invoice)
    assert "1 118.00 0.00 100.00 CGST 9% 9.00 118.00" in text
    assert "CGST 9% (included) 12.81" in text
    assert "Total ₹ 168.00" in text


def test_birr_and_amharic_are_written_with_their_own_signs():
    variant = make_variant()
    Product.objects.update(name="የቡና ስኒ")
    order = make_paid_order(variants=[variant])
    Order.objects.update(currency="ETB")
    text = words(Invoice.objects.get(order=order))
    assert "የቡና ስኒ" in text
    assert f"Total ብር {order.total_amount:.2f}" in text


def test_the_birr_of_a_total_is_written_where_no_name_is_amharic():
    order = make_paid_order()
    Order.objects.update(currency="ETB")
    assert f"Total ብር {order.total_amount:.2f}" in words(Invoice.objects.get(order=order))
    refund(order, order.total_amount)
    note = CreditNote.objects.to_draw().get()
    assert f"Total ብር {order.total_amount:.2f}" in read_pdf(render_credit_note(note))


def test_indian_scripts_are_written_with_joined_letters_and_what_follows_stays_readable():
    first, second = make_variant(sku="PYALA-1"), make_variant(sku="KAPI-2")
    Product.objects.filter(pk=first.product_id).update(name="क्षत्रिय प्याला")
    Product.objects.filter(pk=second.product_id).update(name="தமிழ் காபி")
    order = make_paid_order(variants=[first, second])
    text = words(order.invoice)
    for part in ("PYALA-1", "KAPI-2", "प्याला", "காபி", "1 of 1"):
        assert part in text
    letters = re.sub(r"\s", "", text)
    assert "क्षत्रियप्याला" in letters  # readers part words where letters were joined


def test_a_name_in_another_script_right_below_the_headings_leaves_the_next_line_readable():
    variant = make_variant(sku="SINI-1")
    Product.objects.update(name="የቡና ስኒ")
    assert "SINI-1" in words(make_paid_order(variants=[variant]).invoice)


def test_a_long_invoice_goes_on_with_its_headings():
    order = make_paid_order(variants=[make_variant() for _ in range(45)])
    text = words(order.invoice)
    assert "page 3 of 3" in text
    assert text.count("Item HSN Qty Price") == 3


def test_the_same_invoice_is_the_same_file():
    invoice = make_paid_order().invoice
    assert render_invoice(invoice) == render_invoice(Invoice.objects.get())


def test_a_later_change_of_the_shop_leaves_the_invoice_as_it_was(settings):
    settings.STORE_NAME = "Old name"
    invoice = make_paid_order().invoice
    settings.STORE_NAME = "New name"
    assert "Old name" in words(invoice)


# The API


def test_the_owner_the_token_and_staff_get_a_pdf(api):
    order = make_paid_order()
    api.force_authenticate(order.user)
    answer = api.get(url(order), headers={"Accept": "application/pdf"})
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/pdf")
    name = order.invoice.number
    assert answer["Content-Disposition"] == f'attachment; filename="{name}.pdf"'
    assert answer["Cache-Control"] == "private, no-store"
    assert answer.content.startswith(b"%PDF-")
    api.force_authenticate(make_clerk("view_order"))
    assert api.get(url(order)).status_code == 200
    api.force_authenticate(None)
    assert api.get(url(order), {"token": token_of(order)}).status_code == 200
    assert api.get(url(order)).status_code == 401


def test_strangers_and_unpaid_orders_find_no_invoice(api):
    paid, unpaid = make_paid_order(), make_placed_order()
    api.force_authenticate(unpaid.user)
    for order in (paid, unpaid):
        answer = api.get(url(order), headers={"Accept": "application/pdf"})
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
        assert answer["Content-Type"] == "application/json"
    api.force_authenticate(None)
    assert api.get(url(paid), {"token": token_of(unpaid)}).status_code == 404
