"""Totals: goods less discounts, sending and tax.

Amounts are rounded half up to the currency's minor unit: the price of a piece before it is
multiplied, a discount once over the lines it is for, and tax for each part of each line, on what
the line costs after its discount. Of the totals this holds, and tests prove it:
subtotal = Σ line_total, discount = Σ of the lines' discounts, and total = subtotal - discount +
shipping + tax (where prices include tax, the tax is the part contained and is not added).
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from decimal import Decimal

from config.money import round_money

from .discounts import choose_discounts
from .parts import ZERO, Line, Shipping, Taxes, TaxPart
from .promotions import Discount, Promotion, Refused


@dataclass(frozen=True)
class TaxLine:
    name: str
    rate: Decimal
    amount: Decimal


@dataclass(frozen=True)
class PricedLine:
    """A line, its unit price rounded, with everything that is remembered of it."""

    line: Line
    line_total: Decimal
    discount_amount: Decimal
    tax_parts: tuple[TaxLine, ...]

    @property
    def tax_amount(self) -> Decimal:
        return sum((part.amount for part in self.tax_parts), ZERO)


@dataclass(frozen=True)
class Totals:
    """What a purchase comes to; None is what cannot be computed yet."""

    currency: str
    lines: tuple[PricedLine, ...]
    subtotal: Decimal
    discount_amount: Decimal
    shipping_cost: Decimal | None
    tax_amount: Decimal | None
    tax_lines: tuple[TaxLine, ...]
    total_amount: Decimal | None
    discounts: tuple[Discount, ...] = ()
    refused: Refused | None = None

    @property
    def goods_total(self) -> Decimal:
        """The goods less their discounts, before shipping and tax."""
        return self.subtotal - self.discount_amount


def calculate(
    lines: Iterable[Line],
    *,
    currency: str,
    taxes: Taxes | None = None,
    shipping: Shipping | None = None,
    prices_include_tax: bool = False,
    promotions: Iterable[Promotion] = (),
    code: str | None = None,
) -> Totals:
    """Price `lines`; without `taxes` or `shipping` what depends on them stays None.

    `promotions` are those that may count, the one of `code` among them.
    """
    rounded = [replace(line, unit_price=round_money(line.unit_price, currency)) for line in lines]
    cost = None if shipping is None else round_money(shipping.price, currency)
    choice, refused = choose_discounts(
        rounded, promotions, shipping_cost=cost, code=code, currency=currency
    )
    if cost is not None:
        cost -= choice.on_shipping

    def tax_on(amount: Decimal, tax_class: str) -> tuple[TaxLine, ...]:
        return _tax(amount, (taxes or {}).get(tax_class, ()), currency, prices_include_tax)

    priced = tuple(
        PricedLine(line, line.total, discount, tax_on(line.total - discount, line.tax_class))
        for line, discount in zip(rounded, choice.by_line, strict=True)
    )
    on_shipping = tax_on(cost, shipping.tax_class) if shipping and cost is not None else ()
    tax_lines = _sum_tax([*(part for line in priced for part in line.tax_parts), *on_shipping])
    subtotal = sum((line.line_total for line in priced), ZERO)
    discount_amount = sum(choice.by_line, ZERO)
    tax = total = None
    if taxes is not None and cost is not None:
        tax = sum((part.amount for part in tax_lines), ZERO)
        total = subtotal - discount_amount + cost + (ZERO if prices_include_tax else tax)
    return Totals(
        currency,
        priced,
        subtotal,
        discount_amount,
        cost,
        tax,
        tax_lines,
        total,
        choice.discounts,
        refused,
    )


def _tax(
    amount: Decimal, parts: tuple[TaxPart, ...], currency: str, is_contained: bool
) -> tuple[TaxLine, ...]:
    """Round each part by itself, as invoices show it."""
    base = 100 + sum((part.rate for part in parts), ZERO) if is_contained else Decimal(100)
    return tuple(
        TaxLine(part.name, part.rate, round_money(amount * part.rate / base, currency))
        for part in parts
    )


def _sum_tax(parts: Iterable[TaxLine]) -> tuple[TaxLine, ...]:
    """Add up parts of one name and rate, in the order in which they first appear."""
    sums: dict[tuple[str, Decimal], Decimal] = {}
    for part in parts:
        key = (part.name, part.rate)
        sums[key] = sums.get(key, ZERO) + part.amount
    return tuple(TaxLine(name, rate, amount) for (name, rate), amount in sums.items())
