import pytest

from accounts.countries import COUNTRIES
from carts.models import TaxRate
from tests.accounts.factories import make_user
from tests.carts.factories import make_tax_rate

pytestmark = pytest.mark.django_db

STORE = "/api/v1/store/"


def store_of(api):
    answer = api.get(STORE)
    assert answer.status_code == 200
    return answer.json()


def test_a_frontend_learns_what_the_store_is(api, settings):
    settings.STORE_NAME = "Blue Mugs"
    settings.LANGUAGES = [("en", "English"), ("hi", "Hindi")]
    store = store_of(api)
    countries, states = store.pop("countries"), store.pop("states")
    assert store == {
        "name": "Blue Mugs",
        "currency": "INR",
        "prices_include_tax": False,
        "gateways": ["razorpay", "stripe", "chapa", "cod"],
        "tax_classes": ["standard"],
        "guest_checkout": True,
        "cart_max_quantity": 99,
        "return_window_days": 30,
        "languages": ["en", "hi"],
        "google_client_id": None,
    }
    assert len(countries) == len(COUNTRIES)
    assert {"code": "IN", "name": "India"} in countries
    assert set(states) == {"IN", "US"}
    assert {"code": "KA", "name": "Karnataka"} in states["IN"]
    names = [state["name"] for state in states["US"]]
    assert names == sorted(names)


def test_settings_are_told_as_they_are(api, settings):
    settings.STORE_CURRENCY = "ETB"
    settings.PRICES_INCLUDE_TAX = True
    settings.GUEST_CHECKOUT = False
    settings.CART_MAX_QUANTITY = 5
    settings.RETURN_WINDOW_DAYS = 14
    settings.GOOGLE_CLIENT_ID = "shop.apps.googleusercontent.com"
    settings.STRIPE_SECRET_KEY = ""
    store = store_of(api)
    assert (store["currency"], store["prices_include_tax"]) == ("ETB", True)
    assert (store["guest_checkout"], store["cart_max_quantity"]) == (False, 5)
    assert (store["return_window_days"], store["gateways"]) == (14, ["razorpay", "chapa", "cod"])
    assert store["google_client_id"] == "shop.apps.googleusercontent.com"


def test_tax_classes_are_those_that_rates_are_set_for(api):
    make_tax_rate(tax_class="books")
    make_tax_rate(tax_class="books", country="US")
    make_tax_rate(tax_class="food", is_active=False)
    assert TaxRate.objects.count() == 3
    assert store_of(api)["tax_classes"] == ["books", "standard"]


def test_the_store_costs_one_query(api, django_assert_num_queries):
    for country in ("IN", "US", "ET"):
        make_tax_rate(country=country, tax_class=country.lower())
    with django_assert_num_queries(1):
        store_of(api)


def test_the_store_is_cached(api):
    first = api.get(STORE)
    assert first["Cache-Control"] == "public, max-age=60"
    again = api.get(STORE, headers={"If-None-Match": first["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    make_tax_rate(tax_class="books")
    changed = api.get(STORE, headers={"If-None-Match": first["ETag"]})
    assert (changed.status_code, changed["ETag"] == first["ETag"]) == (200, False)
    api.force_authenticate(make_user())
    assert api.get(STORE)["Cache-Control"] == "private, no-cache"


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
def test_the_store_is_only_read(api, method):
    assert getattr(api, method)(STORE).status_code == 405
