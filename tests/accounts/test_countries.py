import pytest

from accounts.countries import (
    COUNTRIES,
    is_gstin,
    normalise_postal_code,
    normalise_state,
    normalise_tax_number,
    required_fields,
    states_of,
)
from accounts.identifiers import normalise_phone, normalise_username


def test_every_country_has_a_name_and_rules():
    assert len(COUNTRIES) == 249
    assert (COUNTRIES["IN"], COUNTRIES["GB"]) == ("India", "United Kingdom")
    assert all("city" in required_fields(code) for code in COUNTRIES)


def test_state_and_postal_code_are_required_where_the_country_has_them():
    optional = {"state", "postal_code"}
    assert required_fields("IN") & optional == optional
    assert required_fields("DE") & optional == {"postal_code"}
    assert required_fields("ET") & optional == set()


def test_indian_states_have_their_present_codes():
    assert len(states_of("IN")) == 36
    assert {"CG", "OD", "TS", "UK", "KA"} <= states_of("IN").keys()
    assert not {"CT", "OR", "TG", "UT"} & states_of("IN").keys()
    assert states_of("DE") == {}


@pytest.mark.parametrize(
    ("country", "given", "code"),
    [
        ("IN", "KA", "KA"),
        ("IN", "in-ka", "KA"),
        ("IN", " karnataka ", "KA"),
        ("IN", "CT", "CG"),
        ("IN", "IN-OR", "OD"),
        ("IN", "Orissa", "OD"),
        ("IN", "tg", "TS"),
        ("IN", "Uttarakhand", "UK"),
        ("IN", "Jammu & Kashmir", "JK"),
        ("IN", "Jammu and Kashmir", "JK"),
        ("US", "California", "CA"),
        ("US", "us-ny", "NY"),
        ("DE", " Bayern ", "Bayern"),
        ("IN", "", ""),
    ],
)
def test_a_state_is_known_by_any_usual_spelling(country, given, code):
    assert normalise_state(country, given) == code


@pytest.mark.parametrize(("country", "given"), [("IN", "Bavaria"), ("US", "KA"), ("IN", "XX")])
def test_a_state_of_elsewhere_is_refused(country, given):
    with pytest.raises(ValueError, match="Give a state of"):
        normalise_state(country, given)


def test_postal_codes_follow_their_country():
    assert normalise_postal_code("IN", "560 001") == "560001"
    assert normalise_postal_code("GB", "sw1a  1aa") == "SW1A 1AA"
    assert normalise_postal_code("US", "94105-1234") == "94105-1234"
    assert normalise_postal_code("AE", "anything") == "ANYTHING"
    for country, wrong in [("IN", "5600"), ("US", "ABCDE"), ("IN", "५६०००१")]:
        with pytest.raises(ValueError, match="postal code"):
            normalise_postal_code(country, wrong)


def test_a_gst_number_is_known_by_its_check_digit():
    assert is_gstin("27AAPFU0939F1ZV")
    assert is_gstin("29AAGCB7383J1Z4")
    assert not is_gstin("27AAPFU0939F1ZW")
    assert not is_gstin("27AAPFU0939F1Z")
    assert normalise_tax_number("IN", "27aapfu0939f1zv") == "27AAPFU0939F1ZV"
    assert normalise_tax_number("DE", "de 123") == "DE123"
    with pytest.raises(ValueError, match="GSTIN"):
        normalise_tax_number("IN", "27AAPFU0939F1ZW")


def test_phones_become_e164_by_their_country():
    assert normalise_phone("098765 43210") == "+919876543210"
    assert normalise_phone("+1 (415) 555-0123") == "+14155550123"
    assert normalise_phone("0911 234 567", "ET") == "+251911234567"
    for wrong in ("12345", "abc", "+123", "5550100"):
        with pytest.raises(ValueError, match="phone number"):
            normalise_phone(wrong)


def test_a_username_is_no_address_and_no_number():
    assert normalise_username(" Asha.Rao-1 ") == "Asha.Rao-1"
    for wrong in ("a@b.c", "12345", "", "two words", "x" * 151):
        with pytest.raises(ValueError):
            normalise_username(wrong)
