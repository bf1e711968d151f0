"""An invoice as a PDF of A4 pages, the same bytes whenever it is asked for."""

from decimal import Decimal

from ...models import Invoice, Order, OrderLine
from ..taxes import shipping_tax_parts, shipping_total, tax_of
from .page import Column, Page
from .parts import amount, day, draw_addresses, draw_head, draw_totals, tax_cell, tax_label

COLUMNS: tuple[Column, ...] = (
    ("Item", 38, "LEFT"),
    ("HSN", 18, "LEFT"),
    ("Qty", 9, "RIGHT"),
    ("Price", 20, "RIGHT"),
    ("Discount", 19, "RIGHT"),
    ("Taxable", 22, "RIGHT"),
    ("Tax", 32, "RIGHT"),
    ("Total", 22, "RIGHT"),
)


def render_invoice(invoice: Invoice) -> bytes:
    """Draw the invoice of an order."""
    order = invoice.order
    page = Page(
        title="Invoice",
        number=invoice.number,
        author=invoice.seller["name"],
        made_at=invoice.issued_at,
    )
    draw_head(
        page,
        invoice,
        title="Tax invoice" if order.tax_amount else "Invoice",
        number=invoice.number,
        facts=[
            f"Date {day(invoice.issued_at)}",
            f"Order {order.number} of {day(order.created_at)}",
        ],
    )
    draw_addresses(page, invoice)
    page.write_table(COLUMNS, _rows(order))
    draw_totals(page, _sums(order), order.total_amount, order.currency)
    return bytes(page.output())


def _rows(order: Order) -> list[list[str]]:
    rows = [_line_cells(order, line) for line in order.lines.all()]
    return [*rows, _shipping_cells(order)] if order.shipping_cost else rows


def _line_cells(order: Order, line: OrderLine) -> list[str]:
    options = ", ".join(f"{name} {value}" for name, value in line.attributes.items())
    net = line.line_total - line.discount_amount
    contained = line.tax_amount if order.prices_include_tax else Decimal(0)
    return [
        "\n".join(filter(None, [line.name, options, line.sku])),
        line.hsn_code,
        str(line.quantity),
        amount(line.unit_price, order.currency),
        amount(line.discount_amount, order.currency),
        amount(net - contained, order.currency),
        tax_cell(line.tax_parts, order.currency),
        amount(line.paid_total, order.currency),
    ]


def _shipping_cells(order: Order) -> list[str]:
    parts, total = shipping_tax_parts(order), shipping_total(order)
    return [
        f"Shipping: {order.shipping_method_name}",
        "",
        "1",
        amount(order.shipping_cost, order.currency),
        amount(Decimal(0), order.currency),
        amount(total - tax_of(parts), order.currency),
        tax_cell(parts, order.currency),
        amount(total, order.currency),
    ]


def _sums(order: Order) -> list[tuple[str, Decimal]]:
    rows = [("Subtotal", order.subtotal)]
    if order.discount_amount:
        rows.append(("Discount", -order.discount_amount))
    rows.append(("Shipping", order.shipping_cost))
    suffix = " (included)" if order.prices_include_tax else ""
    return rows + [(tax_label(tax) + suffix, Decimal(tax["amount"])) for tax in order.tax_lines]
