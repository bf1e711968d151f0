from decimal import Decimal
from types import SimpleNamespace

import pytest
from rest_framework import serializers

from config.money import MoneyField, format_money, group_money, minor_unit, round_money


@pytest.mark.parametrize(
    ("amount", "currency", "text"),
    [
        ("199.9", "INR", "199.90"),
        ("0.005", "INR", "0.01"),
        ("0.0049", "INR", "0.00"),
        ("2.675", "USD", "2.68"),
        ("-0.005", "INR", "-0.01"),
        ("-0.001", "INR", "0.00"),
        ("100.5", "JPY", "101"),
        ("99.4999", "JPY", "99"),
        ("1.2345", "KWD", "1.235"),
        ("99999999999.999", "KWD", "99999999999.999"),
        ("1E+3", "INR", "1000.00"),
    ],
)
def test_amounts_round_half_up_to_the_decimals_of_their_currency(amount, currency, text):
    assert format_money(Decimal(amount), currency) == text


@pytest.mark.parametrize(("currency", "unit"), [("INR", "0.01"), ("JPY", "1"), ("KWD", "0.001")])
def test_every_currency_has_its_smallest_amount(currency, unit):
    assert minor_unit(currency) == Decimal(unit)


def test_for_people_thousands_are_apart():
    assert group_money(Decimal("-1234567.895"), "INR") == "-1,234,567.90"
    assert group_money(Decimal("1234567"), "JPY") == "1,234,567"


def test_rounding_twice_changes_nothing():
    once = round_money(Decimal("10.005"), "INR")
    assert round_money(once, "INR") == once == Decimal("10.01")


class PriceSerializer(serializers.Serializer):
    price = MoneyField()


@pytest.mark.parametrize("given", ["1.001", "NaN", "Infinity", "", None, "1,5", "1e20", [], {}])
def test_an_amount_that_the_currency_cannot_hold_is_refused(given):
    body = PriceSerializer(data={"price": given})
    assert not body.is_valid()
    assert list(body.errors) == ["price"]


@pytest.mark.parametrize("given", ["1.10", 1.1, "1.100"])
def test_an_amount_is_read_exactly(given):
    body = PriceSerializer(data={"price": given})
    assert body.is_valid()
    assert body.validated_data == {"price": Decimal("1.1")}


def test_each_row_of_a_list_is_written_in_its_own_currency():
    rows = [
        SimpleNamespace(price=Decimal("5"), currency="JPY"),
        SimpleNamespace(price=Decimal("5"), currency="KWD"),
        {"price": Decimal("5")},
    ]
    written = PriceSerializer(rows, many=True).data
    assert [row["price"] for row in written] == ["5", "5.000", "5.00"]
