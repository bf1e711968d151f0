"""What a price is computed from: lines, tax rates and the cost of sending."""

from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from decimal import Decimal

ZERO = Decimal(0)


@dataclass(frozen=True)
class Line:
    """Pieces of one article at one price."""

    key: Hashable
    unit_price: Decimal
    quantity: int
    tax_class: str = "standard"
    weight_grams: int = 0

    @property
    def total(self) -> Decimal:
        return self.unit_price * self.quantity


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
