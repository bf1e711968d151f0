"""A credit note as a PDF, laid out like the invoice that it belongs to."""

from decimal import Decimal

from ...models import CreditNote
from ..crediting import CreditedLine, credited_lines
from ..taxes import sum_parts
from .page import Column, Page
from .parts import amount, day, draw_addresses, draw_head, draw_totals, tax_cell, tax_label

COLUMNS: tuple[Column, ...] = (
    ("Item", 73, "LEFT"),
    ("HSN", 18, "LEFT"),
    ("Qty", 9, "RIGHT"),
    ("Taxable", 25, "RIGHT"),
    ("Tax", 30, "RIGHT"),
    ("Total", 25, "RIGHT"),
)


def render_credit_note(note: CreditNote) -> bytes:
    """Draw the credit note of a refund."""
    invoice, lines = note.invoice, credited_lines(note)
    page = Page(
        title="Credit note",
        number=note.number,
        author=invoice.seller["name"],
        made_at=note.created_at,
    )
    draw_head(
        page,
        invoice,
        title="Credit note",
        number=note.number,
        facts=[
            f"Date {day(note.created_at)}",
            f"Invoice {invoice.number} of {day(invoice.issued_at)}",
            f"Order {invoice.order.number} of {day(invoice.order.created_at)}",
        ],
    )
    draw_addresses(page, invoice)
    page.write_table(COLUMNS, [_cells(line, note.currency) for line in lines])
    draw_totals(page, _sums(lines), note.amount, note.currency)
    return bytes(page.output())


def _cells(line: CreditedLine, currency: str) -> list[str]:
    return [
        "\n".join(filter(None, [line.name, line.sku])),
        line.hsn_code,
        "" if line.quantity is None else str(line.quantity),
        amount(line.taxable, currency),
        tax_cell(line.tax_parts, currency),
        amount(line.total, currency),
    ]


def _sums(lines: list[CreditedLine]) -> list[tuple[str, Decimal]]:
    taxes = sum_parts(line.tax_parts for line in lines)
    rows = [("Taxable", sum((line.taxable for line in lines), Decimal(0)))]
    return rows + [(tax_label(tax), Decimal(tax["amount"])) for tax in taxes]
