"""Every total of a cart, a preview and an order: one pure function, exact in `Decimal`."""

from .discounts import split_by_weight
from .parts import ZERO, Line, Shipping, Taxes, TaxPart
from .promotions import Bar, Discount, Promotion, Reason, Refused
from .totals import PricedLine, TaxLine, Totals, calculate

__all__ = [
    "ZERO",
    "Bar",
    "Discount",
    "Line",
    "PricedLine",
    "Promotion",
    "Reason",
    "Refused",
    "Shipping",
    "TaxLine",
    "TaxPart",
    "Taxes",
    "Totals",
    "calculate",
    "split_by_weight",
]
