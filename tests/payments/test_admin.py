import pytest
from django.contrib.auth.models import Permission

from payments.models import PaymentState, Refund
from payments.services.ask import ask_gateway
from payments.services.refunds import request_refund
from tests.accounts.factories import make_staff, make_user
from tests.orders.factories import make_placed_order

from .bank import settled, start

pytestmark = pytest.mark.django_db


@pytest.fixture
def staff(client):
    client.force_login(make_staff())
    return client


@pytest.fixture
def payment(bank):
    payment = start(make_placed_order())
    bank.pay(payment)
    return payment


def test_staff_refund_in_a_dialog(staff, bank, payment):
    ask_gateway(payment_id=payment.pk)
    address = f"/admin/payments/payment/{payment.pk}/refund/"
    assert "Refund this payment" in staff.get(address).content.decode()
    answer = staff.post(address, {"_form_submitted": "on", "amount": "20", "reason": "Broken"})
    assert answer["HX-Redirect"] == f"/admin/payments/payment/{payment.pk}/change/"
    refund = Refund.objects.get()
    assert (refund.amount, refund.reason, refund.requested_by.is_staff) == (20, "Broken", True)
    assert [sent["amount"] for sent in bank.refunds()] == [2000]
    answer = staff.post(address, {"_form_submitted": "on", "amount": "200", "reason": "More"})
    shown = staff.get(answer["HX-Redirect"]).content.decode()
    assert "At most 130.00 INR can be refunded." in shown
    assert Refund.objects.count() == 1


def test_nought_in_the_dialog_is_refused_and_does_not_mean_all(staff, bank, payment):
    ask_gateway(payment_id=payment.pk)
    address = f"/admin/payments/payment/{payment.pk}/refund/"
    answer = staff.post(address, {"_form_submitted": "on", "amount": "0", "reason": "Oops"})
    assert "Give a multiple of 0.01 INR." in staff.get(answer["HX-Redirect"]).content.decode()
    assert not Refund.objects.exists()


def test_money_and_status_are_not_edited(staff, payment):
    address = f"/admin/payments/payment/{payment.pk}/change/"
    assert staff.post(address, {"status": "succeeded"}).status_code == 403
    assert staff.get("/admin/payments/payment/add/").status_code == 403
    assert settled(payment).status == PaymentState.PENDING


def test_staff_without_the_permission_do_not_refund(client, payment):
    client.force_login(make_user(is_staff=True))
    address = f"/admin/payments/payment/{payment.pk}/refund/"
    answer = client.post(address, {"_form_submitted": "on", "reason": "x"})
    assert answer.status_code == 403
    assert not Refund.objects.exists()


def test_an_order_is_shown_with_its_payments(staff, bank, payment):
    ask_gateway(payment_id=payment.pk)
    address = f"/admin/orders/order/{payment.order_id}/change/"
    shown = staff.get(address).content.decode()
    assert f"/admin/payments/payment/{payment.pk}/change/" in shown
    assert "150.00 INR" in shown
    assert "150.000" not in shown
    clerk = make_user(is_staff=True)
    clerk.user_permissions.set(Permission.objects.filter(codename="view_order"))
    staff.force_login(clerk)
    shown = staff.get(address).content.decode()
    assert payment.order.number in shown
    assert str(payment.pk) not in shown


def test_amounts_have_the_decimals_of_their_currency(staff, bank, payment):
    ask_gateway(payment_id=payment.pk)
    refund = request_refund(payment_id=payment.pk, amount=20, reason="Broken")
    for address in (
        "payment/",
        f"payment/{payment.pk}/change/",
        "refund/",
        f"refund/{refund.pk}/change/",
    ):
        shown = staff.get(f"/admin/payments/{address}").content.decode()
        assert "20.00 INR" in shown or "150.00 INR" in shown
        assert ".000" not in shown
