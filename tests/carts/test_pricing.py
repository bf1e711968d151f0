"""The pricing function: examples by hand, and what holds for any purchase."""

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from carts.pricing import Line, Shipping, TaxLine, TaxPart, calculate
from config.money import minor_unit, round_money

# A busy machine is no failure, and no examples are kept between runs.
settings.register_profile("pricing", deadline=None, database=None)
settings.load_profile("pricing")

CURRENCIES = ("INR", "JPY", "KWD")
CLASSES = ("standard", "reduced", "free", "shipping")


def amounts(highest=100_000, places=3):
    return st.decimals(0, highest, places=places, allow_nan=False, allow_infinity=False)


lines = st.lists(
    st.builds(
        Line,
        key=st.uuids(),
        unit_price=amounts(),
        quantity=st.integers(1, 99),
        tax_class=st.sampled_from(CLASSES),
    ),
    max_size=12,
)


@st.composite
def rates(draw):
    """Parts that come to no more than 100 percent, as a tax rate's do."""
    left, parts = Decimal(100), []
    for name in draw(st.lists(st.sampled_from(["CGST", "SGST", "IGST", "Cess"]), max_size=4)):
        parts.append(TaxPart(name, draw(amounts(left, places=4))))
        left -= parts[-1].rate
    return tuple(parts)


taxes = st.dictionaries(st.sampled_from(CLASSES), rates())
shippings = st.builds(Shipping, price=amounts(5_000), tax_class=st.sampled_from(CLASSES))


@given(
    lines=lines,
    taxes=taxes,
    shipping=shippings,
    currency=st.sampled_from(CURRENCIES),
    includes=st.booleans(),
)
def test_the_sums_of_the_contract_hold_for_any_purchase(lines, taxes, shipping, currency, includes):
    totals = calculate(
        lines, currency=currency, taxes=taxes, shipping=shipping, prices_include_tax=includes
    )
    assert totals.subtotal == sum(line.line_total for line in totals.lines)
    assert totals.discount_amount == sum(line.discount_amount for line in totals.lines)
    assert totals.goods_total == totals.subtotal - totals.discount_amount
    added_tax = 0 if includes else totals.tax_amount
    assert totals.total_amount == totals.goods_total + totals.shipping_cost + added_tax
    assert totals.tax_amount == sum(row.amount for row in totals.tax_lines)
    for priced in totals.lines:
        assert priced.line_total == priced.line.unit_price * priced.line.quantity
        assert priced.tax_amount == sum(part.amount for part in priced.tax_parts)


@given(
    lines=lines,
    taxes=taxes,
    shipping=shippings,
    currency=st.sampled_from(CURRENCIES),
    includes=st.booleans(),
)
def test_every_part_is_a_whole_number_of_minor_units_and_none_is_negative(
    lines, taxes, shipping, currency, includes
):
    totals = calculate(
        lines, currency=currency, taxes=taxes, shipping=shipping, prices_include_tax=includes
    )
    found = [
        totals.subtotal,
        totals.discount_amount,
        totals.shipping_cost,
        totals.tax_amount,
        totals.total_amount,
        *(row.amount for row in totals.tax_lines),
    ]
    for priced in totals.lines:
        found += [priced.line.unit_price, priced.line_total, priced.discount_amount]
        found += [part.amount for part in priced.tax_parts]
    for amount in found:
        assert amount >= 0
        assert amount % minor_unit(currency) == 0


@given(lines=lines, taxes=taxes, currency=st.sampled_from(CURRENCIES))
def test_tax_that_is_contained_is_never_more_than_the_line(lines, taxes, currency):
    totals = calculate(lines, currency=currency, taxes=taxes, prices_include_tax=True)
    for priced in totals.lines:
        assert priced.tax_amount <= priced.line_total


@given(lines=lines, taxes=taxes, currency=st.sampled_from(CURRENCIES), includes=st.booleans())
def test_each_part_of_a_lines_tax_is_within_half_a_unit_of_the_exact_one(
    lines, taxes, currency, includes
):
    totals = calculate(lines, currency=currency, taxes=taxes, prices_include_tax=includes)
    for priced in totals.lines:
        parts = taxes.get(priced.line.tax_class, ())
        base = 100 + sum(part.rate for part in parts) if includes else 100
        assert len(parts) == len(priced.tax_parts)
        for part, taxed in zip(parts, priced.tax_parts, strict=True):
            exact = priced.line_total * part.rate / base
            assert abs(taxed.amount - exact) <= minor_unit(currency) / 2


@given(lines=lines, taxes=taxes, shipping=shippings, currency=st.sampled_from(CURRENCIES))
def test_the_order_of_lines_changes_no_total(lines, taxes, shipping, currency):
    def sums(some):
        totals = calculate(some, currency=currency, taxes=taxes, shipping=shipping)
        by_name = sorted((row.name, row.rate, row.amount) for row in totals.tax_lines)
        return totals.subtotal, totals.tax_amount, totals.total_amount, by_name

    assert sums(lines) == sums(list(reversed(lines)))


@given(lines=lines, taxes=taxes, shipping=shippings)
def test_what_cannot_be_computed_yet_is_none(lines, taxes, shipping):
    without_shipping = calculate(lines, currency="INR", taxes=taxes)
    assert without_shipping.shipping_cost is None
    assert without_shipping.tax_amount is None
    assert without_shipping.total_amount is None
    without_taxes = calculate(lines, currency="INR", shipping=shipping)
    assert without_taxes.shipping_cost == round_money(shipping.price, "INR")
    assert without_taxes.tax_amount is None
    assert without_taxes.total_amount is None
    assert without_taxes.tax_lines == ()
    assert without_taxes.subtotal == without_shipping.subtotal


GST = {
    "standard": (TaxPart("CGST", Decimal(9)), TaxPart("SGST", Decimal(9))),
    "shipping": (TaxPart("IGST", Decimal(18)),),
}


def test_tax_is_added_part_by_part_and_line_by_line():
    two = [Line(1, Decimal("33.35"), 1), Line(2, Decimal("33.35"), 1)]
    totals = calculate(two, currency="INR", taxes=GST, shipping=Shipping(Decimal("49")))
    # 9 % of 33.35 is 3.0015: 3.00 a part and line, so 6.00 and not 6.003 for both.
    assert totals.tax_lines == (
        TaxLine("CGST", Decimal(9), Decimal("6.00")),
        TaxLine("SGST", Decimal(9), Decimal("6.00")),
        TaxLine("IGST", Decimal(18), Decimal("8.82")),
    )
    assert totals.tax_amount == Decimal("20.82")
    assert totals.total_amount == Decimal("136.52")


def test_tax_is_taken_out_of_prices_that_include_it():
    line = Line(1, Decimal("118.00"), 1)
    totals = calculate(
        [line],
        currency="INR",
        taxes=GST,
        shipping=Shipping(Decimal("59.00")),
        prices_include_tax=True,
    )
    assert [row.amount for row in totals.tax_lines] == [9, 9, 9]
    assert (totals.tax_amount, totals.total_amount) == (27, 177)


@pytest.mark.parametrize(
    ("currency", "price", "subtotal"),
    [("INR", "0.005", "0.03"), ("JPY", "99.5", "300"), ("KWD", "1.0005", "3.003")],
)
def test_a_price_is_rounded_half_up_before_it_is_multiplied(currency, price, subtotal):
    totals = calculate([Line(1, Decimal(price), 3)], currency=currency)
    assert totals.subtotal == Decimal(subtotal)


def test_an_empty_purchase_costs_nothing():
    totals = calculate([], currency="INR", taxes=GST, shipping=Shipping(Decimal(0)))
    assert (totals.subtotal, totals.tax_amount, totals.total_amount) == (0, 0, 0)
