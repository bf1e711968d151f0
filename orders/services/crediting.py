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


@dataclass
class _Origin:
    """Something of the invoice that money goes back for, and what is left of it."""

    key: object  # of the line; None for the shipping
    name: str
    sku: str
    hsn_code: str
    tax_parts: list[TaxPart]
    invoiced: Decimal
    left: Decimal
    quantity: int | None  # left; None once money went back that was not for whole pieces


def credited_lines(note: CreditNote) -> list[CreditedLine]:
    """Return what a note takes back: the pieces of its return, else a share of what is left.

    All notes of an invoice together take nothing back twice, not a line and not its tax.
    """
    order = note.invoice.order
    origins = list(_origins(order))
    lines: list[CreditedLine] = []
    for each in note.invoice.credit_notes.all():
        shares = _shares(each, origins, order.currency)
        pieces = _pieces(each.return_request)
        lines = [
            _take(origin, share, pieces.get(origin.key), order.currency)
            for origin, share in zip(origins, shares, strict=True)
            if share
        ]
        if each.pk == note.pk:
            break
    return lines


def _origins(order: Order) -> Iterable[_Origin]:
    for line in order.lines.all():
        total = line.paid_total
        named = (line.name, line.sku, line.hsn_code)
        yield _Origin(line.pk, *named, line.tax_parts, total, total, line.quantity)
    if order.shipping_cost:
        total = shipping_total(order)
        named = (f"Shipping: {order.shipping_method_name}", "", "")
        yield _Origin(None, *named, shipping_tax_parts(order), total, total, 1)


def _shares(note: CreditNote, origins: list[_Origin], currency: str) -> list[Decimal]:
    """Share a note over what was sent back, and what that does not hold over all the rest."""
    returned = _worth(note.return_request)
    first = [min(returned.get(origin.key, Decimal(0)), origin.left) for origin in origins]
    amount = min(note.amount, sum(first, Decimal(0)))
    shares = split_by_weight(amount, first, currency)
    rests = [origin.left - share for origin, share in zip(origins, shares, strict=True)]
    more = split_by_weight(note.amount - amount, rests, currency)
    return [share + extra for share, extra in zip(shares, more, strict=True)]


def _worth(request: ReturnRequest | None) -> dict[object, Decimal]:
    """Return what a return gives back at most, by origin."""
    if request is None:
        return {}
    worth: dict[object, Decimal] = {row.line_id: row.refund_amount for row in request.lines.all()}
    if request.refunds_shipping:
        worth[None] = request.refund_amount
    return worth


def _pieces(request: ReturnRequest | None) -> dict[object, tuple[int, Decimal]]:
    """Return the pieces that were sent back and what they are worth, by line."""
    rows = request.lines.all() if request else ()
    return {row.line_id: (row.quantity, row.refund_amount) for row in rows}


def _take(
    origin: _Origin, share: Decimal, pieces: tuple[int, Decimal] | None, currency: str
) -> CreditedLine:
    """Take a share of what is left of an origin."""
    quantity = origin.quantity if share == origin.left else None
    if pieces and pieces[1] == share:
        quantity = pieces[0]
    before = origin.invoiced - origin.left

    def part_of(amount: str) -> str:
        """Return what the notes up to this one take of a tax, less what those before it took."""
        start, end = (
            round_money(Decimal(amount) * taken / origin.invoiced, currency)
            for taken in (before, before + share)
        )
        return format_money(end - start, currency)

    tax_parts = [part | {"amount": part_of(part["amount"])} for part in origin.tax_parts]
    origin.left -= share
    if quantity is None or origin.quantity is None:
        origin.quantity = None
    else:
        origin.quantity -= quantity
    return CreditedLine(
        origin.name,
        origin.sku,
        origin.hsn_code,
        quantity,
        tax_parts,
        round_money(share, currency),
    )
