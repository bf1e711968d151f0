"""Every total of a cart, a preview and an order: one pure function, exact in `Decimal`.

Amounts are rounded half up to the currency's minor unit: the price of a piece before it is
multiplied, and tax for each part of each line, on what the line costs after its discount. Of the
totals this holds, and tests prove it:
subtotal = Σ line_total, and total = subtotal - discount + shipping + tax (where prices include
tax, the tax is the part contained and is not added).
"""

from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal

from config.money import round_money

ZERO = Decimal(0)


@dataclass(frozen=True)
class Line:
    """Pieces of one article at one price."""

    key: Hashable
    unit_price: Decimal
    quantity: int
    tax_class: str = "standard"
    weight_grams: int = 0


@dataclass(frozen=True)
class TaxPart:
    """A named part of a tax rate, in percent."""

    name: str
    rate: Decimal


# The parts that a tax class is taxed with at one destination; a class that is absent is free.
Taxes = Mapping[str, tuple[TaxPart, ...]]


@dataclass(frozen=True)
class Shipping:
    """What sending costs, before tax is looked at, and the class it is taxed in."""

    price: Decimal
    tax_class: str = "shipping"


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
) -> Totals:
    """Price `lines`; without `taxes` or `shipping` what depends on them stays None."""
    priced = tuple(_price_line(line, currency, taxes or {}, prices_include_tax) for line in lines)
    subtotal = sum((line.line_total for line in priced), ZERO)
    discount = sum((line.discount_amount for line in priced), ZERO)
    cost = None if shipping is None else round_money(shipping.price, currency)
    on_shipping: tuple[TaxLine, ...] = ()
    if shipping is not None and cost is not None:
        parts = (taxes or {}).get(shipping.tax_class, ())
        on_shipping = _tax(cost, parts, currency, prices_include_tax)
    tax_lines = _sum_tax([*(part for line in priced for part in line.tax_parts), *on_shipping])
    tax = None
    if taxes is not None and cost is not None:
        tax = sum((part.amount for part in tax_lines), ZERO)
    total = None
    if tax is not None and cost is not None:
        total = subtotal - discount + cost + (ZERO if prices_include_tax else tax)
    return Totals(currency, priced, subtotal, discount, cost, tax, tax_lines, total)


def _price_line(line: Line, currency: str, taxes: Taxes, prices_include_tax: bool) -> PricedLine:
    line = replace(line, unit_price=round_money(line.unit_price, currency))
    line_total = line.unit_price * line.quantity
    parts = taxes.get(line.tax_class, ())
    return PricedLine(line, line_total, ZERO, _tax(line_total, parts, currency, prices_include_tax))


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
