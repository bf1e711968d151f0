"""Credit notes on paper: what they take back of their invoice, and who reads them."""

from decimal import Decimal

import pytest
from django.db import transaction
from django.db.models import ProtectedError

from carts.models import TaxRate
from catalog.models import Product
from orders.models import CreditNote, ReturnRequest
from orders.services.access import token_of
from orders.services.crediting import credited_lines
from orders.services.documents.credit_note import render_credit_note
from orders.services.lifecycle import lock_order, record_refund
from orders.services.returning import Wish, approve_return, request_return
from orders.services.taxes import sum_parts
from tests.catalog.factories import make_variant

from .factories import make_delivered_order, make_paid_order, store_actor
from .paper import read_pdf
from .test_api import make_clerk

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def taxes():
    parts = [{"name": "CGST", "rate": "9"}, {"name": "SGST", "rate": "9"}]
    for tax_class in ("standard", "shipping"):
        TaxRate.objects.create(
            country="IN", state="KA", tax_class=tax_class, rate="18", parts=parts
        )


def refund(order, amount, return_id=None):
    with transaction.atomic():
        record_refund(lock_order(order.pk), Decimal(amount), return_id)
    return CreditNote.objects.to_draw().order_by("number").last()


def send_back(order, sku, quantity, **how):
    """An approved return of pieces of one line."""
    line = order.lines.get(sku=sku)
    wishes = [Wish(line.pk, quantity, "Too small")]
    made = request_return(order_id=order.pk, actor=store_actor(), wishes=wishes)
    return approve_return(return_id=made.pk, actor=store_actor(), **how)


def shown(note):
    return [
        (line.sku, line.quantity, str(line.taxable), [p["amount"] for p in line.tax_parts])
        for line in credited_lines(note)
    ]


def two_lines():
    mug = make_variant(sku="MUG-1", price="100.00", on_hand=9)
    return [mug, make_variant(sku="CUP-1", price="50.00", on_hand=9)]


def test_a_whole_refund_takes_back_every_line_as_it_was_invoiced():
    order = make_paid_order(variants=two_lines(), quantity=2)
    assert shown(refund(order, order.total_amount)) == [
        ("MUG-1", 2, "200.00", ["18.00", "18.00"]),
        ("CUP-1", 2, "100.00", ["9.00", "9.00"]),
        ("", 1, "50.00", ["4.50", "4.50"]),
    ]


def test_a_return_takes_back_its_pieces_alone():
    order = make_delivered_order(variants=two_lines(), quantity=2)
    made = send_back(order, "MUG-1", 1)
    assert shown(refund(order, made.refund_amount, made.pk)) == [
        ("MUG-1", 1, "100.00", ["9.00", "9.00"])
    ]


def test_a_return_with_its_shipping_takes_both_back():
    order = make_delivered_order(variants=two_lines(), quantity=2)
    made = send_back(order, "CUP-1", 2, refund_shipping=True)
    assert shown(refund(order, made.refund_amount, made.pk)) == [
        ("CUP-1", 2, "100.00", ["9.00", "9.00"]),
        ("", 1, "50.00", ["4.50", "4.50"]),
    ]


def test_a_part_of_the_money_is_shared_over_everything_to_the_last_paisa():
    order = make_paid_order(variants=two_lines(), quantity=2)
    note = refund(order, "100.01")
    lines = credited_lines(note)
    assert sum(line.total for line in lines) == Decimal("100.01")
    assert {line.quantity for line in lines} == {None}
    for line in lines:
        taxes = sum(Decimal(part["amount"]) for part in line.tax_parts)
        assert line.taxable + taxes == line.total


def test_what_a_return_took_back_is_not_taken_back_with_the_rest():
    order = make_delivered_order(variants=two_lines(), quantity=2)
    made = send_back(order, "MUG-1", 2)
    refund(order, made.refund_amount, made.pk)
    made = send_back(order, "CUP-1", 1)
    refund(order, made.refund_amount, made.pk)
    assert shown(refund(order, order.total_amount - Decimal("295.00"))) == [
        ("CUP-1", 1, "50.00", ["4.50", "4.50"]),
        ("", 1, "50.00", ["4.50", "4.50"]),
    ]


def test_all_notes_of_an_invoice_take_back_each_tax_to_the_last_paisa():
    mug = make_variant(sku="MUG-1", price="99.99", on_hand=9)
    cup = make_variant(sku="CUP-1", price="33.35", on_hand=9)
    order = make_delivered_order(variants=[mug, cup], quantity=3)
    refund(order, "100.01")
    for sku in ("MUG-1", "CUP-1", "CUP-1"):
        made = send_back(order, sku, 1)
        refund(order, made.refund_amount, made.pk)
    order.refresh_from_db()
    refund(order, order.total_amount - order.amount_refunded)
    lines = [line for note in order.invoice.credit_notes.all() for line in credited_lines(note)]
    taxes = {(tax["name"], tax["rate"]): tax["amount"] for tax in order.tax_lines}
    credited = sum_parts(line.tax_parts for line in lines)
    assert {(tax["name"], tax["rate"]): tax["amount"] for tax in credited} == taxes
    assert sum(line.total for line in lines) == order.total_amount


def test_a_return_after_a_part_of_its_money_went_back_takes_the_rest_elsewhere():
    order = make_delivered_order(variants=two_lines(), quantity=1)
    refund(order, "118.00")  # half of everything
    made = send_back(order, "MUG-1", 1)
    note = refund(order, made.refund_amount, made.pk)
    assert [(line.sku, line.quantity, str(line.total)) for line in credited_lines(note)] == [
        ("MUG-1", None, "59.00"),
        ("CUP-1", None, "29.50"),
        ("", None, "29.50"),
    ]


def test_prices_that_include_their_tax_take_it_back_as_a_part(settings):
    settings.PRICES_INCLUDE_TAX = True
    order = make_paid_order(variants=[make_variant(sku="MUG-1", price="118.00")])
    assert shown(refund(order, order.total_amount))[0] == ("MUG-1", 1, "100.00", ["9.00", "9.00"])


def test_the_page_names_its_invoice_and_sums_up():
    order = make_paid_order(variants=two_lines(), quantity=2)
    Product.objects.update(name="Mug", hsn_code="69120010")
    note = refund(order, order.total_amount)
    text = read_pdf(render_credit_note(note))
    for part in (
        "Credit note",
        note.number,
        f"Invoice {order.invoice.number} of ",
        f"Order {order.number} of ",
        "2 200.00 CGST 9% 18.00 236.00",
        "Shipping: Standard 1 50.00 CGST 9% 4.50 59.00",
        "Taxable 350.00",
        "CGST 9% 31.50",
        "SGST 9% 31.50",
        "Total ₹ 413.00",
        "page 1 of 1",
    ):
        assert part in text
    assert render_credit_note(note) == render_credit_note(CreditNote.objects.to_draw().get())


# The API


def test_the_order_leads_to_the_paper(api, django_assert_num_queries):
    order = make_paid_order()
    note = refund(order, "10.00")
    api.force_authenticate(order.user)
    (told,) = api.get(f"/api/v1/orders/{order.pk}/").json()["credit_notes"]
    path = f"/api/v1/orders/{order.pk}/credit-notes/{note.number}/"
    assert told["url"] == f"http://testserver{path}"
    with django_assert_num_queries(4):
        answer = api.get(path, headers={"Accept": "application/pdf"})
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/pdf")
    assert answer["Content-Disposition"] == f'attachment; filename="{note.number}.pdf"'
    assert answer.content.startswith(b"%PDF-")
    api.force_authenticate(make_clerk("view_order"))
    assert api.get(path.lower()).status_code == 200
    api.force_authenticate(None)
    assert api.get(path, {"token": token_of(order)}).status_code == 200
    assert api.get(path).status_code == 401


def test_a_note_of_another_order_is_not_there(api):
    order, other = make_paid_order(), make_paid_order()
    note = refund(order, "10.00")
    api.force_authenticate(other.user)
    for owner in (order, other):
        answer = api.get(f"/api/v1/orders/{owner.pk}/credit-notes/{note.number}/")
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


# Staff


def test_staff_open_the_paper_from_the_order(client):
    order = make_paid_order()
    note = refund(order, "10.00")
    path = f"/admin/orders/order/credit-notes/{note.pk}/"
    client.force_login(make_clerk("view_order"))
    assert path in client.get(f"/admin/orders/order/{order.pk}/change/").content.decode()
    answer = client.get(path)
    assert (answer["Content-Type"], answer.content[:5]) == ("application/pdf", b"%PDF-")
    client.force_login(make_clerk("view_returnrequest"))
    assert client.get(path).status_code == 403


def test_a_return_that_is_credited_cannot_be_deleted():
    order = make_delivered_order(variants=two_lines())
    made = send_back(order, "MUG-1", 1)
    refund(order, made.refund_amount, made.pk)
    with pytest.raises(ProtectedError):
        made.delete()
    assert ReturnRequest.objects.get() == made
