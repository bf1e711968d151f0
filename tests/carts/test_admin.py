import pytest
from django.urls import reverse

from carts.models import Cart, Coupon, CouponQuerySet, ShippingZone, TaxRate
from tests.accounts.factories import make_staff, make_user

from .factories import make_cart, make_coupon, make_item, make_method, make_tax_rate

pytestmark = pytest.mark.django_db


@pytest.fixture
def screens(client):
    client.force_login(make_staff())
    return client


@pytest.mark.parametrize("model", ["cart", "coupon", "couponuse", "taxrate", "shippingzone"])
def test_every_list_is_shown(screens, model):
    make_item()
    make_method()
    make_tax_rate()
    assert screens.get(reverse(f"admin:carts_{model}_changelist")).status_code == 200


def test_carts_are_shown_with_their_lines_and_never_changed(screens):
    item = make_item(quantity=3)
    address = reverse("admin:carts_cart_change", args=[item.cart_id])
    page = screens.get(address)
    assert page.status_code == 200
    assert item.variant.sku in page.content.decode()
    assert screens.post(address, {"version": 7}).status_code == 403
    delete = reverse("admin:carts_cart_delete", args=[item.cart_id])
    assert screens.post(delete, {"post": "yes"}).status_code == 403
    assert screens.get(reverse("admin:carts_cart_add")).status_code == 403
    assert Cart.objects.get().version == 0


def test_a_cart_is_found_by_its_id_and_by_its_owner(screens):
    cart = make_cart(user=make_user(email="Asha@example.com"))
    make_cart()
    for text in (str(cart.pk), "asha@"):
        page = screens.get(reverse("admin:carts_cart_changelist"), {"q": text})
        assert list(page.context["cl"].result_list) == [cart]


def test_a_coupons_code_is_kept_in_capitals(screens):
    address = reverse("admin:carts_coupon_add")
    form = {"code": " summer ", "discount_type": "percentage", "value": "10", "is_active": "on"}
    assert screens.post(address, form).status_code == 302
    assert Coupon.objects.get().code == "SUMMER"
    for wrong in ({"code": "Summer"}, {"code": "X", "value": "101"}, {"code": "X", "value": "-1"}):
        assert screens.post(address, form | wrong).status_code == 200
    for _ in range(2):  # promotions, which have no code
        assert screens.post(address, form | {"code": ""}).status_code == 302
    assert Coupon.objects.filter(code=None).count() == 2


def test_a_tax_rate_is_judged_as_in_the_api(screens):
    address = reverse("admin:carts_taxrate_add")
    form = {"country": "in", "state": "karnataka", "tax_class": "standard", "rate": "18"}
    for parts in ("CGST: 9", "7", "CGST: x", ": 18", "A: 9\nA: 9"):
        page = screens.post(address, form | {"parts": parts})
        assert page.status_code == 200
        assert page.context["adminform"].form.errors["parts"]
    page = screens.post(address, form | {"rate": "x", "parts": "A: 9"})
    assert list(page.context["adminform"].form.errors) == ["rate"]
    assert not TaxRate.objects.exists()
    assert screens.post(address, form | {"parts": "CGST: 9\r\nSGST: 9\r\n"}).status_code == 302
    rate = TaxRate.objects.get()
    assert (rate.country, rate.state) == ("IN", "KA")
    assert rate.parts == [{"name": "CGST", "rate": "9"}, {"name": "SGST", "rate": "9"}]
    shown = screens.get(reverse("admin:carts_taxrate_changelist")).content.decode()
    assert "18 % (CGST 9, SGST 9)" in shown
    shown = screens.get(reverse("admin:carts_taxrate_change", args=[rate.pk])).content.decode()
    assert 'value="18"' in shown
    assert "CGST: 9\nSGST: 9" in shown


def test_a_zone_is_kept_with_its_methods(screens):
    method = make_method()
    form = {
        "name": "South",
        "countries": "in, LK",
        "postal_codes": "560001-560100\r\n11*",
        "methods-TOTAL_FORMS": 1,
        "methods-INITIAL_FORMS": 1,
        "methods-0-id": method.pk,
        "methods-0-zone": method.zone_id,
        "methods-0-name": "Express",
        "methods-0-price": "99",
        "methods-0-band_by": "subtotal",
        "methods-0-bands": "500: 49\r\n1000: 29",
        "methods-0-min_days": 1,
        "methods-0-max_days": 2,
        "methods-0-tax_class": "shipping",
    }
    address = reverse("admin:carts_shippingzone_change", args=[method.zone_id])
    assert screens.get(address).status_code == 200
    for wrong in (
        {"min_days": ""},
        {"min_days": 3},
        {"bands": "x: 1"},
        {"bands": "5"},
        {"price": "-1"},
    ):
        fields = {f"methods-0-{name}": value for name, value in wrong.items()}
        assert screens.post(address, form | fields).status_code == 200
    assert screens.post(address, form).status_code == 302
    method.refresh_from_db()
    zone = ShippingZone.objects.get()
    assert (zone.name, method.name) == ("South", "Express")
    assert (zone.countries, zone.postal_codes) == (["IN", "LK"], ["560001-560100", "11*"])
    assert [(band["up_to"], band["price"]) for band in method.bands] == [
        ("500", "49"),
        ("1000", "29"),
    ]
    shown = screens.get(address).content.decode()
    assert "IN, LK" in shown
    assert "500: 49\n1000: 29" in shown
    assert 'value="99.00"' in shown


def test_a_coupon_that_is_changed_keeps_what_orders_counted_meanwhile(screens, monkeypatch):
    coupon = make_coupon(usage_limit=9)
    address = reverse("admin:carts_coupon_change", args=[coupon.pk])
    form = {"code": "SAVE10", "discount_type": "percentage", "value": "20", "usage_limit": "9"}
    locked = []
    real = CouponQuerySet.select_for_update

    def count_a_use_and_lock(self, *args, **kwargs):
        Coupon.objects.update(used_count=3)
        locked.append(self.model)
        return real(self, *args, **kwargs)

    monkeypatch.setattr(CouponQuerySet, "select_for_update", count_a_use_and_lock)
    assert screens.post(address, form | {"is_active": "on"}).status_code == 302
    coupon.refresh_from_db()
    assert (coupon.value, coupon.used_count, locked) == (20, 3, [Coupon])
    assert screens.post(address, form | {"usage_limit": "2"}).status_code == 200
    coupon.refresh_from_db()
    assert coupon.usage_limit == 9
