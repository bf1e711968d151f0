"""What a credit note takes back of its invoice: lines with their parts of tax, summing up to it."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from carts.pricing import split_by_weight
from config.money import format_money, round_money

from ..models import CreditNote, Order, ReturnRequest
from .taxes import TaxPart, shipping_tax_parts, shipping_total, tax_of


@dataclass(frozen=True)
class CreditedLine:
    """What goes back of a line, or of the shipping; without a quantity it is not whole pieces."""

    name: str
    sku: str
    hsn_code: str
    quantity: int | None
    tax_parts: list[TaxPart]
    total: Decimal

    @property
    def taxable(self) -> Decimal:
        return self.total - tax_of(self.tax_parts)


@dataclass(frozen=True)
class _Origin:
    """Something of the invoice that money goes back for."""

    name: str
    sku: str
    hsn_code: str
    quantity: int | None
    invoiced: Decimal
    tax_parts: list[TaxPart]
    worth: Decimal  # at most what was invoiced


def credited_lines(note: CreditNote) -> list[CreditedLine]:
    """Return what a note takes back: the pieces of its return, else a share of everything."""
    order = note.invoice.order
    origins = [*_origins(order, note.return_request)]
    shares = split_by_weight(note.amount, [origin.worth for origin in origins], order.currency)
    return [
        _credit(origin, share, order.currency)
        for origin, share in zip(origins, shares, strict=True)
        if share
    ]


def _origins(order: Order, request: ReturnRequest | None) -> Iterable[_Origin]:
    """Yield what was sent back, or else the whole order."""
    returned = {row.line_id: row for row in request.lines.all()} if request else None
    for line in order.lines.all():
        if returned is None or line.pk in returned:
            row = returned[line.pk] if returned else None
            yield _Origin(
                line.name,
                line.sku,
                line.hsn_code,
                row.quantity if row else line.quantity,
                line.paid_total,
                line.tax_parts,
                row.refund_amount if row else line.paid_total,
            )
    if order.shipping_cost and (request is None or request.refunds_shipping):
        total = shipping_total(order)
        name = f"Shipping: {order.shipping_method_name}"
        yield _Origin(name, "", "", 1, total, shipping_tax_parts(order), total)


def _credit(origin: _Origin, share: Decimal, currency: str) -> CreditedLine:
    def part_of(amount: str) -> str:
        return format_money(Decimal(amount) * share / origin.invoiced, currency)

    return CreditedLine(
        origin.name,
        origin.sku,
        origin.hsn_code,
        origin.quantity if share == origin.worth else None,
        [part | {"amount": part_of(part["amount"])} for part in origin.tax_parts],
        round_money(share, currency),
    )
