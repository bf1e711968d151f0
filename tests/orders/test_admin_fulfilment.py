"""Staff send parcels, read invoices and decide about returns on their screens."""

import pytest
from django.contrib.auth.models import Permission

from orders.models import Order, ReturnRequest, Shipment
from tests.accounts.factories import make_staff
from tests.catalog.factories import make_variant

from .factories import make_delivered_order, make_paid_order, make_placed_order
from .test_returns import ask

pytestmark = pytest.mark.django_db

ORDERS = "/admin/orders/order/"
RETURNS = "/admin/orders/returnrequest/"
PARCEL = {"_form_submitted": "on", "carrier": "DHL", "tracking_number": "D 7", "pieces": ""}


@pytest.fixture
def staff(client):
    client.force_login(make_staff())
    return client


def page_after(client, answer):
    return client.get(answer["HX-Redirect"]).content.decode()


def test_staff_send_a_part_in_a_dialog_and_see_its_tracking(staff):
    mug, cup = make_variant(sku="MUG-1"), make_variant(sku="CUP=1")
    order = make_paid_order(variants=[mug, cup], quantity=2)
    address = f"{ORDERS}{order.pk}/ship/"
    assert "Send a parcel" in staff.get(address).content.decode()
    answer = staff.post(address, PARCEL | {"pieces": "mug-1=1, CUP=1=2"})
    page = page_after(staff, answer)
    assert "Sent. The order is processing." in page
    assert "1 × MUG-1, 2 × CUP=1" in page
    assert 'href="https://www.dhl.com/en/express/tracking.html?AWB=D%207"' in page
    assert "Sent. The order is shipped." in page_after(staff, staff.post(address, PARCEL))
    assert "nothing of it can be sent" in page_after(staff, staff.post(address, PARCEL))
    assert Shipment.objects.count() == 2


@pytest.mark.parametrize("pieces", ["MUG-1", "MUG-1=", "MUG-1=0", "MUG-1=-1", "CUP=1", "MUG-1=3"])
def test_pieces_that_cannot_be_sent_are_named(staff, pieces):
    order = make_paid_order(variants=[make_variant(sku="MUG-1")], quantity=2)
    answer = staff.post(f"{ORDERS}{order.pk}/ship/", PARCEL | {"pieces": pieces})
    assert "Some fields are not valid." in page_after(staff, answer)
    assert not Shipment.objects.exists()


def test_staff_read_the_invoice(staff):
    paid, unpaid = make_paid_order(), make_placed_order()
    answer = staff.get(f"{ORDERS}{paid.pk}/invoice/")
    assert (answer["Content-Type"], answer.content[:5]) == ("application/pdf", b"%PDF-")
    assert paid.invoice.number in staff.get(f"{ORDERS}{paid.pk}/change/").content.decode()
    answer = staff.get(f"{ORDERS}{unpaid.pk}/invoice/", follow=True)
    assert "There is no invoice yet" in answer.content.decode()


def test_staff_decide_about_returns_in_dialogs(staff):
    order = make_delivered_order(variants=[make_variant(sku="MUG-1", price="80.00")], quantity=2)
    first, second = ask(order), ask(order)
    listed = staff.get(f"{RETURNS}?status__exact=requested").content.decode()
    assert listed.count(order.number) >= 2
    page = staff.get(f"{RETURNS}{first.pk}/change/").content.decode()
    for part in ("MUG-1", "Too small", "80.00 INR"):
        assert part in page
    approve = f"{RETURNS}{first.pk}/approve/"
    assert "Approve this return" in staff.get(approve).content.decode()
    body = {"_form_submitted": "on", "refund_shipping": "on", "note": "Thanks"}
    assert "The return is approved." in page_after(staff, staff.post(approve, body))
    first.refresh_from_db()
    assert (first.refund_amount, first.is_restocked, first.note) == (130, False, "Thanks")
    assert "was approved already" in page_after(staff, staff.post(approve, body))
    answer = staff.post(f"{RETURNS}{second.pk}/reject/", body)
    assert "The return is rejected." in page_after(staff, answer)


def test_who_may_only_view_decides_and_sends_nothing(client):
    clerk = make_staff(is_superuser=False)
    clerk.user_permissions.set(Permission.objects.filter(codename="view_order"))
    client.force_login(clerk)
    request, paid = ask(make_delivered_order()), make_paid_order()
    assert client.get(f"{RETURNS}{request.pk}/change/").status_code == 200
    for act in ("approve", "reject"):
        answer = client.post(f"{RETURNS}{request.pk}/{act}/", {"_form_submitted": "on"})
        assert answer.status_code == 403
    assert client.post(f"{ORDERS}{paid.pk}/ship/", PARCEL).status_code == 403
    assert client.get(f"{RETURNS}add/").status_code == 403
    assert client.post(f"{RETURNS}{request.pk}/delete/", {"post": "yes"}).status_code == 403
    assert ReturnRequest.objects.get().status == "requested"
    assert Order.objects.get(pk=paid.pk).status == "confirmed"
