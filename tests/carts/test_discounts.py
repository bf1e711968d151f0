"""Promotions in the pricing function: examples by hand, and what holds for any purchase."""

from decimal import Decimal
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from carts.pricing import Bar, Line, Promotion, Reason, Shipping, TaxPart, calculate
from config.money import minor_unit, round_money

from .test_pricing import CURRENCIES, amounts, lines, shippings, taxes

KINDS = ("percentage", "fixed", "free_shipping", "buy_x_get_y")
CODE = "CODE"


@st.composite
def purchases(draw):
    """What `calculate` takes: a cart, its promotions and a code, in either tax mode."""
    goods = draw(lines)
    keys = st.frozensets(st.sampled_from([line.key for line in goods])) if goods else st.none()
    rows = draw(
        st.lists(
            st.builds(
                Promotion,
                key=st.integers(1, 1000),
                discount_type=st.sampled_from(KINDS),
                value=amounts(100),
                min_purchase=st.none() | amounts(1000),
                max_discount=st.none() | amounts(500),
                buy_quantity=st.integers(1, 4),
                get_quantity=st.integers(1, 4),
                stackable=st.booleans(),
                line_keys=st.none() | keys,
                bar=st.none() | st.just(Bar(Reason.EXPIRED, "It is over.")),
                code=st.none(),
            ),
            max_size=5,
            unique_by=lambda row: row.key,
        )
    )
    if rows and draw(st.booleans()):
        rows[-1] = Promotion(**{**vars(rows[-1]), "code": CODE})
    return {
        "lines": goods,
        "promotions": rows,
        "code": draw(st.sampled_from([None, CODE])),
        "currency": draw(st.sampled_from(CURRENCIES)),
        "taxes": draw(st.none() | taxes),
        "shipping": draw(st.none() | shippings),
        "prices_include_tax": draw(st.booleans()),
    }


def of_kind(totals, kind):
    return sum(row.amount for row in totals.discounts if row.kind == kind)


@given(purchases())
def test_the_sums_of_the_contract_hold_with_any_promotions(purchase):
    totals = calculate(**purchase)
    assert totals.subtotal == sum(line.line_total for line in totals.lines)
    assert totals.discount_amount == sum(line.discount_amount for line in totals.lines)
    assert totals.discount_amount == of_kind(totals, "item")
    if totals.total_amount is None:
        assert None in (purchase["taxes"], purchase["shipping"])
        return
    added_tax = 0 if purchase["prices_include_tax"] else totals.tax_amount
    assert totals.total_amount == totals.goods_total + totals.shipping_cost + added_tax
    price = round_money(purchase["shipping"].price, purchase["currency"])
    assert totals.shipping_cost + of_kind(totals, "shipping") == price


@given(purchases())
def test_no_line_is_discounted_by_more_than_it_costs_and_all_parts_are_whole(purchase):
    totals = calculate(**purchase)
    unit = minor_unit(purchase["currency"])
    found = [totals.subtotal, totals.discount_amount, totals.goods_total]
    found += [row.amount for row in totals.discounts]
    found += [part for part in (totals.shipping_cost, totals.total_amount) if part is not None]
    for line in totals.lines:
        assert line.discount_amount <= line.line_total
        found += [line.discount_amount, *(part.amount for part in line.tax_parts)]
    assert all(amount >= 0 and amount % unit == 0 for amount in found)


@given(purchases())
def test_tax_is_on_what_a_line_costs_after_its_discount(purchase):
    totals = calculate(**purchase)
    for line in totals.lines:
        parts = (purchase["taxes"] or {}).get(line.line.tax_class, ())
        rate = sum(part.rate for part in parts)
        base = 100 + rate if purchase["prices_include_tax"] else 100
        paid = line.line_total - line.discount_amount
        for part, taxed in zip(parts, line.tax_parts, strict=True):
            exact = paid * part.rate / base
            assert abs(taxed.amount - exact) <= minor_unit(purchase["currency"]) / 2


@given(purchases())
def test_a_code_is_either_among_the_discounts_or_refused(purchase):
    totals = calculate(**purchase)
    is_applied = any(row.code for row in totals.discounts)
    if purchase["code"] is None:
        assert totals.refused is None
    else:
        assert (totals.refused is None) == is_applied


@given(purchases())
def test_what_counts_takes_off_as_much_as_any_allowed_choice(purchase):
    def worth(rows):
        totals = calculate(**purchase | {"promotions": rows, "code": None})
        return totals.discount_amount + of_kind(totals, "shipping")

    rows = purchase["promotions"]
    best = worth(rows)
    stackable = [row for row in rows if row.stackable]
    for size in range(len(stackable) + 1):
        assert all(worth(list(some)) <= best for some in combinations(stackable, size))
    assert all(worth([row]) <= best for row in rows)
    applied = [row.promotion for row in calculate(**purchase).discounts]
    assert len(applied) <= 1 or all(row.stackable for row in applied)


@given(purchases())
def test_only_eligible_lines_are_discounted(purchase):
    totals = calculate(**purchase)
    applied = [row.promotion for row in totals.discounts if row.kind == "item"]
    for line in totals.lines:
        if not any(row.line_keys is None or line.line.key in row.line_keys for row in applied):
            assert line.discount_amount == 0


# By hand


def promotion(kind="percentage", value=10, key=1, **fields):
    return Promotion(key=key, discount_type=kind, value=Decimal(value), **fields)


def price(*rows, goods=(("100.00", 1),), code=CODE, currency="INR", **fields):
    goods = [Line(i, Decimal(cost), quantity) for i, (cost, quantity) in enumerate(goods)]
    return calculate(goods, currency=currency, promotions=rows, code=code, **fields)


def reductions(totals):
    return [str(line.discount_amount) for line in totals.lines]


def test_a_percentage_is_rounded_once_and_split_by_largest_remainder():
    totals = price(promotion(), goods=[("0.05", 1), ("0.05", 1), ("0.05", 1)], code=None)
    assert totals.discount_amount == Decimal("0.02")  # 0.015, half up
    assert reductions(totals) == ["0.01", "0.01", "0.00"]


@pytest.mark.parametrize(("currency", "amount"), [("JPY", "33"), ("INR", "33.33")])
def test_a_third_of_a_hundred_has_the_currencys_decimals(currency, amount):
    totals = price(promotion(value="33.333"), currency=currency)
    assert str(totals.discount_amount) == amount


def test_a_percentage_is_capped():
    assert price(promotion(value=50, max_discount=Decimal(20))).discount_amount == 20


def test_a_fixed_amount_is_never_more_than_its_lines():
    row = promotion("fixed", 500, line_keys=frozenset({1}))
    totals = price(row, goods=[("100.00", 1), ("30.00", 2)])
    assert reductions(totals) == ["0.00", "60.00"]


@pytest.mark.parametrize(
    ("goods", "taken"),
    [
        ([("100.00", 2)], ["0.00"]),  # no complete set
        ([("100.00", 3)], ["100.00"]),
        ([("100.00", 5)], ["100.00"]),
        ([("100.00", 6)], ["200.00"]),
        ([("100.00", 2), ("30.00", 1)], ["0.00", "30.00"]),
        ([("100.00", 2), ("30.00", 1), ("20.00", 3)], ["0.00", "0.00", "40.00"]),
    ],
)
def test_buy_two_get_one_reduces_the_cheapest_of_complete_sets(goods, taken):
    row = promotion("buy_x_get_y", 100, buy_quantity=2, get_quantity=1)
    assert reductions(price(row, goods=goods, code=None)) == taken


def test_half_off_the_second_piece():
    row = promotion("buy_x_get_y", 50, buy_quantity=1, get_quantity=1)
    assert price(row, goods=[("99.99", 2)], code=None).discount_amount == Decimal("50.00")


def test_free_shipping_takes_the_cost_of_sending_and_nothing_off_the_lines():
    totals = price(
        promotion("free_shipping", 0, code=CODE),
        shipping=Shipping(Decimal("49.00")),
        taxes={"shipping": (TaxPart("IGST", Decimal(18)),)},
    )
    assert (totals.shipping_cost, totals.discount_amount, totals.tax_amount) == (0, 0, 0)
    assert [(row.kind, row.amount) for row in totals.discounts] == [("shipping", 49)]
    assert totals.total_amount == 100


def test_free_shipping_counts_before_the_cost_is_known():
    totals = price(promotion("free_shipping", 0, code=CODE))
    assert [(row.code, row.amount) for row in totals.discounts] == [(CODE, 0)]
    assert totals.refused is None


def test_stackable_promotions_add_up_on_undiscounted_lines():
    rows = [promotion(value=10, stackable=True), promotion(value=20, key=2, stackable=True)]
    totals = price(*rows, code=None)
    assert [row.amount for row in totals.discounts] == [10, 20]
    assert totals.discount_amount == 30


def test_stackable_promotions_take_no_more_than_the_line_and_spare_the_code():
    rows = [
        promotion("fixed", 50, code=CODE, stackable=True),
        promotion(value=100, key=2, stackable=True),
    ]
    totals = price(*rows)
    assert [(row.code, row.amount) for row in totals.discounts] == [(None, 100)]
    assert (totals.refused.reason, totals.refused.is_barred) == ("beaten", False)


def test_one_that_is_not_stackable_counts_alone_where_it_is_worth_more():
    stackable = [promotion(value=10, stackable=True), promotion(value=15, key=2, stackable=True)]
    code = promotion(value=30, key=3, code=CODE)
    assert [row.amount for row in price(*stackable, code).discounts] == [30]
    beaten = price(*stackable, promotion(value=20, key=3, code=CODE))
    assert [row.amount for row in beaten.discounts] == [10, 15]
    assert beaten.refused.reason == "beaten"


def test_among_equals_the_code_counts():
    totals = price(promotion(), promotion(key=2, code=CODE))
    assert [row.code for row in totals.discounts] == [CODE]


@pytest.mark.parametrize(
    ("fields", "reason", "is_barred"),
    [
        ({"min_purchase": Decimal("100.01")}, "min_purchase", True),
        ({"line_keys": frozenset()}, "not_eligible", True),
        ({"value": "0.001"}, "not_eligible", False),  # it rounds to nothing
        ({"bar": Bar(Reason.EXHAUSTED, "It is used up.")}, "exhausted", True),
        ({"code": "OTHER"}, "unknown", True),
    ],
)
def test_a_code_is_refused_with_its_reason(fields, reason, is_barred):
    totals = price(promotion(**{"code": CODE} | fields))
    if fields.get("code"):
        assert totals.discounts  # another code that was let in
    else:
        assert totals.discounts == ()
    assert (totals.refused.code, totals.refused.reason) == (CODE, reason)
    assert totals.refused.is_barred is is_barred
    assert CODE in totals.refused.message


def test_the_least_purchase_is_named_in_the_refusal():
    totals = price(promotion(code=CODE, min_purchase=Decimal(500)))
    assert "500.00 INR" in totals.refused.message


def test_free_shipping_on_a_free_method_is_not_used_up():
    row = promotion("free_shipping", 0, code=CODE)
    totals = price(row, shipping=Shipping(Decimal(0)))
    assert totals.discounts == ()
    assert (totals.refused.reason, totals.refused.is_barred) == ("not_eligible", False)


def test_classes_are_taxed_after_their_own_discount():
    goods = [Line("a", Decimal("100"), 1), Line("b", Decimal("100"), 1, "free")]
    totals = calculate(
        goods,
        currency="INR",
        taxes={"standard": (TaxPart("GST", Decimal(18)),)},
        shipping=Shipping(Decimal(0)),
        promotions=[promotion(value=50, line_keys=frozenset({"a"}))],
    )
    assert totals.tax_amount == 9
    assert totals.total_amount == 159
