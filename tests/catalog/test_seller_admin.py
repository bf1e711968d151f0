"""Staff decide about sellers on their screens."""

import pytest
from django.contrib.auth.models import Permission

from accounts.models import Seller
from tests.accounts.factories import make_staff, make_user

from .factories import make_product, make_seller, make_upload

pytestmark = pytest.mark.django_db
SELLERS = "/admin/accounts/seller/"
SURE = {"_form_submitted": "on"}


@pytest.fixture
def staff(client):
    client.force_login(make_staff())
    return client


def test_staff_find_those_who_wait_and_approve_in_a_dialog(staff):
    seller = make_seller(name="Asha Mugs", status="pending")
    seller.user.is_seller = False
    seller.user.save()
    listed = staff.get(SELLERS, {"status__exact": "pending", "q": "mugs"}).content.decode()
    assert "Asha Mugs" in listed
    address = f"{SELLERS}{seller.pk}/approve/"
    assert "Approve this seller" in staff.get(address).content.decode()
    seller.refresh_from_db()
    assert seller.status == "pending"
    answer = staff.post(address, SURE)
    assert "Asha Mugs is approved." in staff.get(answer["HX-Redirect"]).content.decode()
    seller.user.refresh_from_db()
    assert seller.user.role == "seller"
    again = staff.post(address, SURE)
    assert "cannot go there" in staff.get(again["HX-Redirect"]).content.decode()


def test_staff_suspend_in_a_dialog(staff):
    seller = make_seller()
    answer = staff.post(f"{SELLERS}{seller.pk}/suspend/", SURE)
    assert "is suspended." in staff.get(answer["HX-Redirect"]).content.decode()
    seller.refresh_from_db()
    assert seller.status == "suspended"


def test_staff_correct_a_seller_and_its_status_is_read_only(staff):
    seller = make_seller(slug="mugs", status="pending")
    path = f"{SELLERS}{seller.pk}/change/"
    body = {"slug": "mugs", "name": "Mugs", "description": "", "status": "approved"}
    assert staff.post(path, body | {"logo": make_upload()}).status_code == 302
    seller.refresh_from_db()
    assert (seller.name, seller.status) == ("Mugs", "pending")
    assert seller.logo.name.startswith("sellers/")
    refused = staff.post(path, body | {"slug": "12"})
    assert "Take a slug with a letter" in refused.content.decode()
    assert staff.post(path, body | {"logo-clear": "on"}).status_code == 302
    seller.refresh_from_db()
    assert seller.logo.name == ""


def test_staff_write_an_application_for_a_user(staff):
    user = make_user()
    body = {"user": user.pk, "name": "Mugs", "slug": "", "description": ""}
    assert staff.post(f"{SELLERS}add/", body).status_code == 302
    assert (Seller.objects.get().slug, Seller.objects.get().status) == ("mugs", "pending")
    again = staff.post(f"{SELLERS}add/", body)
    assert (again.status_code, Seller.objects.count()) == (200, 1)


def test_the_page_leads_to_the_sellers_products(staff):
    seller = make_seller()
    make_product(seller=seller, name="Blue mug")
    make_product(name="Red cup")
    assert (
        f"seller__id__exact={seller.pk}"
        in staff.get(f"{SELLERS}{seller.pk}/change/").content.decode()
    )
    listed = staff.get("/admin/catalog/product/", {"seller__id__exact": seller.pk})
    assert "Blue mug" in listed.content.decode()
    assert "Red cup" not in listed.content.decode()


def test_who_may_only_look_decides_nothing(client):
    clerk = make_user(is_staff=True)
    clerk.user_permissions.set(Permission.objects.filter(codename="view_seller"))
    client.force_login(clerk)
    seller = make_seller(status="pending")
    page = client.get(f"{SELLERS}{seller.pk}/change/")
    assert (page.status_code, "Approve" in page.content.decode()) == (200, False)
    assert client.post(f"{SELLERS}{seller.pk}/approve/", SURE).status_code == 403
    seller.refresh_from_db()
    assert seller.status == "pending"
