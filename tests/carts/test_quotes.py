from decimal import Decimal

import pytest
from django.utils import timezone

from carts.models import TaxRate
from carts.pricing import Line, TaxPart
from carts.services.quotes import (
    Destination,
    load_taxes,
    methods_for,
    quote_items,
    quote_methods,
)
from config.errors import InvalidInput
from tests.catalog.factories import make_product, make_variant

from .factories import make_cart, make_item, make_method, make_tax_rate

pytestmark = pytest.mark.django_db
INDIA = Destination("IN", "KA", "560001")


def names(destination, lines=()):
    return [quoted.method.name for quoted in methods_for(lines, destination=destination)]


def price_of(method, *, subtotal="0", grams=0):
    line = Line(1, Decimal(subtotal), 1, weight_grams=grams)
    (quoted,) = methods_for([line], destination=INDIA)
    assert quoted.method == method
    return str(quoted.price)


class TestZones:
    def test_a_place_that_no_zone_serves_has_no_methods(self):
        make_method(countries=["US"])
        make_method(name="By code", postal_codes=["11*"])
        assert names(INDIA) == []

    def test_methods_come_cheapest_first_and_only_active_ones(self):
        slow = make_method(name="Slow", price="40")
        make_method(zone=slow.zone, name="Fast", price="90")
        make_method(zone=slow.zone, name="Old", price="1", is_active=False)
        make_method(countries=["US", "IN"], name="Free", price="0")
        assert names(INDIA) == ["Free", "Slow", "Fast"]

    def test_a_zone_of_postal_codes_beats_one_of_countries(self):
        make_method(name="Country")
        make_method(name="City", postal_codes=["560001-560100"])
        assert names(INDIA) == ["City"]
        assert names(Destination("IN", "KA", "560101")) == ["Country"]
        assert names(Destination("IN")) == ["Country"]

    def test_postal_codes_of_another_country_do_not_match(self):
        make_method(name="City", postal_codes=["560001"])
        assert names(Destination("US", "", "560001")) == []

    @pytest.mark.parametrize(
        ("pattern", "code", "matches"),
        [
            ("560001", "560001", True),
            ("560001", "560 001", True),
            ("560001", "5600012", False),
            ("56*", "560001", True),
            ("56*", "506001", False),
            ("SW1A*", "sw1a 1aa", True),
            ("560001-560100", "560001", True),
            ("560001-560100", "560100", True),
            ("560001-560100", "560101", False),
            ("560001-560100", "5600011", False),
            ("00001-00999", "00-950", True),
            ("00950", "00-950", True),
            ("56*", "", False),
            ("*", "560001", True),
        ],
    )
    def test_patterns_of_postal_codes(self, pattern, code, matches):
        make_method(name="Here", postal_codes=[pattern])
        assert names(Destination("IN", "", code)) == (["Here"] if matches else [])


class TestPrices:
    def test_bands_go_up_to_their_limit_and_then_the_price_counts(self):
        bands = [{"up_to": "1000", "price": "30"}, {"up_to": "500", "price": "60.005"}]
        method = make_method(price="10", bands=bands)
        assert price_of(method, subtotal="500") == "60.01"
        assert price_of(method, subtotal="500.01") == "30.00"
        assert price_of(method, subtotal="1000") == "30.00"
        assert price_of(method, subtotal="1000.01") == "10.00"

    def test_bands_by_weight(self):
        bands = [{"up_to": "500", "price": "60"}]
        method = make_method(price="90", band_by="weight", bands=bands)
        assert price_of(method, grams=500) == "60.00"
        assert price_of(method, grams=501) == "90.00"

    def test_free_from_a_subtotal_on(self):
        method = make_method(price="49", free_from="999")
        assert price_of(method, subtotal="998.99") == "49.00"
        assert price_of(method, subtotal="999") == "0.00"

    def test_the_goods_of_cart_items_are_weighed(self):
        bands = [{"up_to": "700", "price": "60"}]
        make_method(price="90", band_by="weight", bands=bands)
        variant = make_variant(product=make_product(weight_grams=350))
        for quantity, price in ((2, 60), (3, 90)):
            item = make_item(make_cart(), variant, quantity)
            (quoted,) = quote_methods([item], at=timezone.now(), destination=INDIA)
            assert quoted.price == price


class TestTaxes:
    def test_the_row_with_a_state_beats_the_one_without(self):
        make_tax_rate(rate="18", parts=[{"name": "IGST", "rate": "18"}])
        home = [{"name": "CGST", "rate": "9"}, {"name": "SGST", "rate": "9"}]
        make_tax_rate(state="KA", rate="18", parts=home)
        make_tax_rate(tax_class="reduced", rate="5")
        make_tax_rate(country="US", rate="7")
        assert load_taxes(INDIA) == {
            "standard": (TaxPart("CGST", Decimal(9)), TaxPart("SGST", Decimal(9))),
            "reduced": (TaxPart("Tax", Decimal(5)),),
        }
        elsewhere = load_taxes(Destination("IN", "MH"))
        assert elsewhere["standard"] == (TaxPart("IGST", Decimal(18)),)

    def test_a_row_that_is_not_active_does_not_count(self):
        make_tax_rate(rate="18")
        make_tax_rate(state="KA", rate="20", is_active=False)
        assert load_taxes(INDIA)["standard"] == (TaxPart("Tax", Decimal(18)),)
        TaxRate.objects.update(is_active=False)
        assert load_taxes(INDIA) == {}


class TestQuotes:
    def test_a_quote_knows_taxes_and_shipping_of_the_destination(self):
        method = make_method(price="50")
        make_tax_rate(rate="10")
        make_tax_rate(tax_class="shipping", rate="20")
        item = make_item(variant=make_variant(price="100.00"), quantity=2)
        quote = quote_items(
            [item], at=timezone.now(), destination=INDIA, shipping_method_id=method.pk
        )
        totals = quote.totals
        assert quote.method == method
        assert (totals.subtotal, totals.shipping_cost, totals.tax_amount) == (200, 50, 30)
        assert totals.total_amount == 280

    def test_prices_that_include_tax_are_the_total(self, settings):
        settings.PRICES_INCLUDE_TAX = True
        method = make_method(price="0")
        make_tax_rate(rate="25")
        item = make_item(variant=make_variant(price="100.00"))
        quote = quote_items(
            [item], at=timezone.now(), destination=INDIA, shipping_method_id=method.pk
        )
        assert (quote.totals.tax_amount, quote.totals.total_amount) == (20, 100)

    @pytest.mark.parametrize("fields", [{"countries": ["US"]}, {"is_active": False}])
    def test_a_method_that_does_not_serve_the_place_is_refused(self, fields):
        method = make_method(**fields)
        item = make_item()
        with pytest.raises(InvalidInput) as refusal:
            quote_items([item], at=timezone.now(), destination=INDIA, shipping_method_id=method.pk)
        assert list(refusal.value.details) == ["shipping_method"]
