"""Shipping methods for customers, and what staff set."""

import pytest
from django.contrib.auth.models import Permission
from rest_framework.test import APIClient

from carts.models import ShippingMethod, ShippingZone, TaxRate
from tests.accounts.factories import make_staff, make_user
from tests.catalog.factories import make_product, make_variant

from .factories import make_cart, make_item, make_method, make_tax_rate

pytestmark = pytest.mark.django_db

METHODS = "/api/v1/shipping-methods/"
ZONES = "/api/v1/shipping-zones/"
RATES = "/api/v1/tax-rates/"


def client_of(user):
    client = APIClient()
    client.force_authenticate(user)
    return client


@pytest.fixture
def staff():
    return client_of(make_staff())


class TestAskingForMethods:
    def test_the_methods_of_a_place_are_a_plain_array(self, api):
        method = make_method(min_days=1, max_days=3, cash_on_delivery=True)
        make_method(countries=["US"])
        answer = api.get(METHODS, {"country": "in", "postal_code": "560001"})
        assert answer.status_code == 200
        assert answer.json() == [
            {
                "id": method.pk,
                "name": "Standard",
                "price": "49.00",
                "currency": "INR",
                "min_days": 1,
                "max_days": 3,
                "cash_on_delivery": True,
            }
        ]

    def test_a_place_that_no_zone_serves_is_an_empty_list(self, api):
        make_method()
        assert api.get(METHODS, {"country": "US"}).json() == []

    @pytest.mark.parametrize("query", [{}, {"country": ""}, {"country": "XX"}, {"country": "IND"}])
    def test_a_country_is_asked_for(self, api, query):
        answer = api.get(METHODS, query)
        assert (answer.status_code, list(answer.json()["details"])) == (400, ["country"])

    def test_prices_follow_the_goods_of_the_named_cart_or_the_callers(self, api):
        make_method(free_from="100")
        dear = make_item(variant=make_variant(price="100.00")).cart
        cheap = make_item(variant=make_variant(price="10.00")).cart

        def price(client, headers=None, **query):
            (row,) = client.get(METHODS, {"country": "IN"} | query, headers=headers).json()
            return row["price"]

        assert price(api) == "49.00"
        assert price(api, cart_id=str(dear.pk)) == "0.00"
        assert price(api, {"X-Cart-ID": str(dear.pk)}) == "0.00"
        assert price(api, {"X-Cart-ID": str(dear.pk)}, cart_id=str(cheap.pk)) == "49.00"
        assert price(api, {"X-Cart-ID": str(dear.pk)}, cart_id="nonsense") == "0.00"
        user = make_user()
        make_item(make_cart(user=user), make_variant(price="200.00"))
        assert price(client_of(user)) == "0.00"
        assert price(api, cart_id=str(user.cart.pk)) == "49.00"

    def test_what_is_no_longer_sold_is_not_sent(self, api):
        make_method(free_from="100")
        gone = make_variant(price="100.00", product=make_product(is_active=False))
        cart = make_item(variant=gone).cart
        (row,) = api.get(METHODS, {"country": "IN", "cart_id": str(cart.pk)}).json()
        assert row["price"] == "49.00"

    def test_the_queries_do_not_grow(self, api, django_assert_num_queries):
        cart = make_cart()
        for _ in range(5):
            make_item(cart)
            make_method()
        with django_assert_num_queries(4):
            rows = api.get(METHODS, {"country": "IN", "cart_id": str(cart.pk)}).json()
        assert len(rows) == 5


class TestAccess:
    @pytest.mark.parametrize("address", [ZONES, RATES, METHODS])
    def test_only_staff_with_the_permission_write(self, api, address):
        make_method()
        make_tax_rate()
        customer, plain_staff = client_of(make_user()), client_of(make_staff(is_superuser=False))
        for client, status in ((api, 401), (customer, 403), (plain_staff, 403)):
            assert client.post(address, {}).status_code == status
            for method in ("get", "put", "patch", "delete"):
                answer = getattr(client, method)(f"{address}1/")
                assert answer.status_code == status
            if address != METHODS:
                assert client.get(address).status_code == status
        assert (ShippingZone.objects.count(), TaxRate.objects.count()) == (1, 1)
        assert ShippingMethod.objects.count() == 1

    def test_each_permission_opens_its_own_call(self):
        user = make_staff(is_superuser=False)
        user.user_permissions.add(Permission.objects.get(codename="add_taxrate"))
        client = client_of(user)
        answer = client.post(RATES, {"country": "IN", "rate": "5"})
        assert answer.status_code == 201
        assert client.get(RATES).status_code == 403
        assert client.patch(answer["Location"], {"rate": "6"}).status_code == 403
        assert TaxRate.objects.get().rate == 5


class TestTaxRates:
    def test_a_rate_is_created_with_its_parts_and_the_states_code(self, staff):
        parts = [{"name": "CGST", "rate": "9"}, {"name": "SGST", "rate": "9.00"}]
        body = {"country": "in", "state": "Karnataka", "rate": "18.00", "parts": parts}
        answer = staff.post(RATES, body)
        row = TaxRate.objects.get()
        assert answer.status_code == 201
        assert answer["Location"] == f"http://testserver{RATES}{row.pk}/"
        expected = {
            "id": row.pk,
            "country": "IN",
            "state": "KA",
            "tax_class": "standard",
            "rate": "18",
            "parts": [{"name": "CGST", "rate": "9"}, {"name": "SGST", "rate": "9"}],
            "is_active": True,
        }
        assert answer.json() == expected
        assert staff.get(f"{RATES}{row.pk}/").json() == expected
        assert staff.get(RATES).json()["results"] == [expected]

    @pytest.mark.parametrize(
        ("body", "field"),
        [
            ({"rate": "5"}, "country"),
            ({"country": "XX", "rate": "5"}, "country"),
            ({"country": "IN"}, "rate"),
            ({"country": "IN", "rate": "-1"}, "rate"),
            ({"country": "IN", "rate": "101"}, "rate"),
            ({"country": "IN", "rate": "NaN"}, "rate"),
            ({"country": "IN", "rate": "5", "state": "Atlantis"}, "state"),
            ({"country": "IN", "rate": "5", "tax_class": "two words"}, "tax_class"),
            ({"country": "IN", "rate": "5", "parts": [{"name": "A", "rate": "4"}]}, "parts"),
            ({"country": "IN", "rate": "5", "parts": [{"name": "A"}]}, "parts"),
            ({"country": "IN", "rate": "5", "parts": "A"}, "parts"),
        ],
    )
    def test_what_is_not_valid_is_refused_on_its_field(self, staff, body, field):
        answer = staff.post(RATES, body)
        assert (answer.status_code, list(answer.json()["details"])) == (400, [field])
        assert not TaxRate.objects.exists()

    def test_a_change_of_one_field_is_judged_with_the_rest(self, staff):
        rate = make_tax_rate(state="KA", parts=[{"name": "IGST", "rate": "18"}])
        make_tax_rate(state="MH")
        address = f"{RATES}{rate.pk}/"
        for body in ({"rate": "12"}, {"country": "US"}, {"state": "Maharashtra"}):
            assert staff.patch(address, body).status_code == 400
        rate.refresh_from_db()
        assert (rate.rate, rate.country, rate.state) == (18, "IN", "KA")
        body = {"rate": "12", "parts": [{"name": "IGST", "rate": "12"}]}
        assert staff.patch(address, body).json()["rate"] == "12"
        assert staff.patch(address, {"is_active": False}).json()["state"] == "KA"
        rate.refresh_from_db()
        assert rate.parts == [{"name": "IGST", "rate": "12"}]

    def test_a_full_change_without_parts_has_none(self, staff):
        rate = make_tax_rate(state="KA", parts=[{"name": "IGST", "rate": "18"}])
        answer = staff.put(f"{RATES}{rate.pk}/", {"country": "IN", "state": "KA", "rate": "5"})
        assert (answer.status_code, answer.json()["parts"]) == (200, [])

    def test_a_place_and_class_have_one_rate(self, staff):
        make_tax_rate(state="KA")
        body = {"country": "IN", "state": "IN-KA", "rate": "5"}
        assert staff.post(RATES, body).status_code == 400
        assert staff.post(RATES, body | {"tax_class": "Reduced"}).status_code == 201
        assert staff.post(RATES, body | {"tax_class": "reduced"}).status_code == 400
        assert TaxRate.objects.count() == 2

    def test_a_rate_is_deleted(self, staff):
        assert staff.delete(f"{RATES}{make_tax_rate().pk}/").status_code == 204
        assert not TaxRate.objects.exists()


class TestZones:
    def test_a_zone_is_created_with_its_codes_in_capitals(self, staff):
        codes = ["560001 - 560100", "sw*", "110001"]
        answer = staff.post(ZONES, {"name": "South", "countries": ["in"], "postal_codes": codes})
        assert answer.status_code == 201
        assert answer.json() == {
            "id": ShippingZone.objects.get().pk,
            "name": "South",
            "countries": ["IN"],
            "postal_codes": ["560001-560100", "SW*", "110001"],
        }

    @pytest.mark.parametrize(
        ("body", "field"),
        [
            ({"countries": ["IN"]}, "name"),
            ({"name": "A"}, "countries"),
            ({"name": "A", "countries": ["XX"]}, "countries"),
            ({"name": "A", "countries": "IN"}, "countries"),
            ({"name": "Taken", "countries": ["IN"]}, "name"),
            *[
                ({"name": "A", "countries": ["IN"], "postal_codes": [code]}, "postal_codes")
                for code in ("", "56**", "*56", "560100-560001", "56-560100", "1-2-3", "56_", 5.5)
            ],
        ],
    )
    def test_what_is_not_valid_is_refused_on_its_field(self, staff, body, field):
        ShippingZone.objects.create(name="Taken", countries=["IN"])
        answer = staff.post(ZONES, body)
        assert (answer.status_code, list(answer.json()["details"])) == (400, [field])
        assert ShippingZone.objects.count() == 1

    def test_a_zone_keeps_at_least_one_place(self, staff):
        zone = ShippingZone.objects.create(name="South", countries=["IN"])
        assert staff.patch(f"{ZONES}{zone.pk}/", {"countries": []}).status_code == 400
        body = {"countries": [], "postal_codes": ["11*"]}
        assert staff.patch(f"{ZONES}{zone.pk}/", body).status_code == 200
        assert staff.patch(f"{ZONES}{zone.pk}/", {"postal_codes": []}).status_code == 400

    def test_a_zone_goes_with_its_methods(self, staff):
        assert staff.delete(f"{ZONES}{make_method().zone_id}/").status_code == 204
        assert not ShippingMethod.objects.exists()


class TestMethods:
    def body(self, **fields):
        zone = ShippingZone.objects.create(name="India", countries=["IN"])
        return {"zone": zone.pk, "name": "Standard", "price": "49"} | fields

    def test_a_method_is_created_read_and_listed_as_it_is_set(self, staff):
        bands = [{"up_to": "500", "price": "60"}, {"up_to": "1000.5", "price": "30.50"}]
        body = self.body(bands=bands, free_from="2000", cash_on_delivery_max="5000")
        answer = staff.post(METHODS, body)
        method = ShippingMethod.objects.get()
        expected = {
            "id": method.pk,
            "zone": body["zone"],
            "name": "Standard",
            "price": "49.00",
            "currency": "INR",
            "free_from": "2000.00",
            "band_by": "subtotal",
            "bands": [{"up_to": "500", "price": "60.00"}, {"up_to": "1000.5", "price": "30.50"}],
            "min_days": 2,
            "max_days": 7,
            "tax_class": "shipping",
            "cash_on_delivery": False,
            "cash_on_delivery_max": "5000.00",
            "is_active": True,
        }
        assert (answer.status_code, answer.json()) == (201, expected)
        assert answer["Location"] == f"http://testserver{METHODS}{method.pk}/"
        assert staff.get(answer["Location"]).json() == expected
        assert staff.get(METHODS).json() == [expected]
        assert list(staff.get(METHODS, {"country": "IN"}).json()[0]) == [
            "id",
            "name",
            "price",
            "currency",
            "min_days",
            "max_days",
            "cash_on_delivery",
        ]

    @pytest.mark.parametrize(
        ("fields", "field"),
        [
            ({"zone": 999}, "zone"),
            ({"name": ""}, "name"),
            ({"price": "-1"}, "price"),
            ({"price": "1.005"}, "price"),
            ({"free_from": "-1"}, "free_from"),
            ({"cash_on_delivery_max": "-1"}, "cash_on_delivery_max"),
            ({"band_by": "colour"}, "band_by"),
            ({"bands": [{"up_to": "5"}]}, "bands"),
            ({"bands": [{"up_to": "5", "price": "-1"}]}, "bands"),
            ({"bands": [{"up_to": "9", "price": "1"}, {"up_to": "5", "price": "1"}]}, "bands"),
            ({"bands": [{"up_to": "5", "price": "1"}, {"up_to": "5.0", "price": "2"}]}, "bands"),
            ({"min_days": 8}, "max_days"),
            ({"max_days": 1}, "max_days"),
            ({"max_days": 40_000}, "max_days"),
            ({"min_days": -1}, "min_days"),
        ],
    )
    def test_what_is_not_valid_is_refused_on_its_field(self, staff, fields, field):
        answer = staff.post(METHODS, self.body(**fields))
        assert (answer.status_code, list(answer.json()["details"])) == (400, [field])
        assert not ShippingMethod.objects.exists()

    def test_a_change_of_one_field_is_judged_with_the_rest(self, staff):
        method = make_method(min_days=2, max_days=4)
        address = f"{METHODS}{method.pk}/"
        assert staff.patch(address, {"min_days": 5}).status_code == 400
        assert staff.patch(address, {"max_days": 1}).status_code == 400
        answer = staff.patch(address, {"min_days": 5, "max_days": 6})
        assert (answer.json()["min_days"], answer.json()["max_days"]) == (5, 6)

    def test_a_method_is_replaced_and_deleted(self, staff):
        bands = [{"up_to": "5", "price": "1"}]
        method = make_method(bands=bands, free_from="5")
        body = {"zone": method.zone_id, "name": "Fast", "price": "99.00"}
        answer = staff.put(f"{METHODS}{method.pk}/", body)
        assert answer.status_code == 200
        assert (answer.json()["name"], answer.json()["bands"]) == ("Fast", [])
        assert staff.delete(f"{METHODS}{method.pk}/").status_code == 204
        assert not ShippingMethod.objects.exists()
