"""What of an order's tax is its shipping's: parts of tax are kept of lines and of the whole."""

from collections.abc import Iterable
from decimal import Decimal

from ..models import Order

# {"name": "CGST", "rate": "9.00", "amount": "4.50"}
TaxPart = dict[str, str]


def sum_parts(rows: Iterable[list[TaxPart]]) -> list[TaxPart]:
    """Add parts of tax up by name and rate."""
    sums: dict[tuple[str, str], Decimal] = {}
    for part in (part for parts in rows for part in parts):
        key = (part["name"], part["rate"])
        sums[key] = sums.get(key, Decimal(0)) + Decimal(part["amount"])
    return [
        {"name": name, "rate": rate, "amount": str(amount)} for (name, rate), amount in sums.items()
    ]


def tax_of(parts: Iterable[TaxPart]) -> Decimal:
    return sum((Decimal(part["amount"]) for part in parts), Decimal(0))


def shipping_tax_parts(order: Order) -> list[TaxPart]:
    """Return the order's parts of tax less those of its lines, which is the shipping's."""
    of_lines = {
        (part["name"], part["rate"]): Decimal(part["amount"])
        for part in sum_parts(line.tax_parts for line in order.lines.all())
    }
    left = [
        part
        | {"amount": str(Decimal(part["amount"]) - of_lines.get((part["name"], part["rate"]), 0))}
        for part in order.tax_lines
    ]
    return [part for part in left if Decimal(part["amount"])]


def shipping_total(order: Order) -> Decimal:
    """Return what the customer pays for shipping, with its tax."""
    added = Decimal(0) if order.prices_include_tax else tax_of(shipping_tax_parts(order))
    return order.shipping_cost + added
