"""An invoice as a PDF of A4 pages, the same bytes whenever it is asked for."""

from decimal import Decimal
from pathlib import Path

from django.utils import timezone
from fpdf import FPDF, FontFace

from accounts.countries import COUNTRIES, states_of
from config.money import format_money

from ..models import Invoice, Order, OrderLine

FONTS = Path(__file__).resolve().parent.parent / "fonts"
SYMBOLS = {"INR": "₹", "ETB": "ብር", "USD": "$", "EUR": "€", "GBP": "£", "JPY": "¥", "KRW": "₩"}
GREY, BLACK = (100, 106, 118), (17, 24, 39)
LINE_FILL = (243, 244, 246)
HALF = 88  # of the width between the margins, in millimetres
# Heading, width and alignment of each column.
COLUMNS = (
    ("Item", 41, "LEFT"),
    ("HSN", 18, "LEFT"),
    ("Qty", 9, "RIGHT"),
    ("Price", 20, "RIGHT"),
    ("Discount", 19, "RIGHT"),
    ("Taxable", 22, "RIGHT"),
    ("Tax", 29, "RIGHT"),
    ("Total", 22, "RIGHT"),
)


class InvoicePage(FPDF):
    """A page whose foot tells its number and the invoice it belongs to."""

    def __init__(self, invoice: Invoice) -> None:
        super().__init__(format="A4")
        self.number = invoice.number
        self.set_margin(15)
        self.set_auto_page_break(True, margin=18)
        self.add_font("text", "", FONTS / "DejaVuSans.ttf")
        self.add_font("text", "B", FONTS / "DejaVuSans-Bold.ttf")
        self.add_font("ethiopic", "", FONTS / "InvoiceEthiopic.ttf")
        self.set_fallback_fonts(["ethiopic"], exact_match=False)
        self.set_creation_date(invoice.issued_at)
        self.set_title(f"Invoice {invoice.number}")
        self.set_author(invoice.seller["name"])
        self.add_page()

    def footer(self) -> None:
        self.set_y(-13)
        self.write_text(f"{self.number} · page {self.page_no()} of {{nb}}", size=7, color=GREY)

    def write_text(
        self,
        text: str,
        *,
        width: float = 0,
        size: float = 8.5,
        style: str = "",
        color: tuple[int, int, int] = BLACK,
        align: str = "L",
    ) -> None:
        """Write lines of text below each other, in a column that begins where we are."""
        self.set_font("text", style, size)
        self.set_text_color(*color)
        self.multi_cell(width, size * 0.5, text, align=align, new_x="LEFT", new_y="NEXT")


def render_invoice(invoice: Invoice) -> bytes:
    """Draw the invoice of an order."""
    page = InvoicePage(invoice)
    _draw_head(page, invoice)
    _draw_addresses(page, invoice)
    _draw_lines(page, invoice.order)
    _draw_totals(page, invoice.order)
    return bytes(page.output())


def _draw_head(page: InvoicePage, invoice: Invoice) -> None:
    seller, order, top = invoice.seller, invoice.order, page.get_y()
    title = "Tax invoice" if order.tax_amount else "Invoice"
    place = [state_name(seller["country"], seller["state"]), COUNTRIES.get(seller["country"], "")]
    lines = [part.strip() for part in seller["address"].split("|")]
    lines += [", ".join(filter(None, place)), _tax_number(seller)]
    page.write_text(seller["name"], width=HALF, size=15, style="B")
    page.write_text("\n".join(filter(None, lines)), width=HALF, color=GREY)
    left_end = page.get_y()
    page.set_xy(page.l_margin + page.epw - HALF, top)
    page.write_text(title, width=HALF, size=15, style="B", align="R")
    page.write_text(invoice.number, width=HALF, size=10, style="B", align="R")
    facts = [
        f"Date {timezone.localtime(invoice.issued_at):%d %B %Y}",
        f"Order {order.number} of {timezone.localtime(order.created_at):%d %B %Y}",
    ]
    page.write_text("\n".join(facts), width=HALF, color=GREY, align="R")
    page.set_xy(page.l_margin, max(left_end, page.get_y()) + 6)


def _draw_addresses(page: InvoicePage, invoice: Invoice) -> None:
    top, ends = page.get_y(), []
    columns = (("Billed to", invoice.billing_address), ("Sent to", invoice.shipping_address))
    for position, (label, address) in enumerate(columns):
        page.set_xy(page.l_margin + position * (page.epw - HALF), top)
        page.write_text(label, width=HALF, color=GREY)
        page.write_text("\n".join(address_lines(address)), width=HALF, size=9)
        ends.append(page.get_y())
    page.set_xy(page.l_margin, max(ends) + 2)
    country, state = (invoice.shipping_address.get(key, "") for key in ("country", "state"))
    place = ", ".join(filter(None, [state_name(country, state), COUNTRIES.get(country, "")]))
    if place:
        page.write_text(f"Place of supply: {place}", color=GREY)
    page.ln(4)


def _draw_lines(page: InvoicePage, order: Order) -> None:
    page.set_font("text", "", 7.5)
    page.set_text_color(*BLACK)
    page.set_draw_color(*LINE_FILL)
    with page.table(
        col_widths=tuple(width for _, width, _ in COLUMNS),
        text_align=tuple(align for _, _, align in COLUMNS),
        headings_style=FontFace(emphasis="BOLD", fill_color=LINE_FILL),
        borders_layout="HORIZONTAL_LINES",
        line_height=4,
        padding=(1, 0.8),
        v_align="TOP",
    ) as table:
        table.row([heading for heading, _, _ in COLUMNS])
        for line in order.lines.all():
            table.row(_line_cells(order, line))
        if order.shipping_cost:
            table.row(_shipping_cells(order))
    page.ln(4)


def _line_cells(order: Order, line: OrderLine) -> list[str]:
    options = ", ".join(f"{name} {value}" for name, value in line.attributes.items())
    net = line.line_total - line.discount_amount
    contained = line.tax_amount if order.prices_include_tax else Decimal(0)
    added = Decimal(0) if order.prices_include_tax else line.tax_amount
    return [
        "\n".join(filter(None, [line.name, options, line.sku])),
        line.hsn_code,
        str(line.quantity),
        amount(line.unit_price, order.currency),
        amount(line.discount_amount, order.currency),
        amount(net - contained, order.currency),
        _tax_cell(line.tax_parts, order.currency),
        amount(net + added, order.currency),
    ]


def _tax_cell(parts: list[dict[str, str]], currency: str) -> str:
    lines = [f"{tax_label(part)} {amount(Decimal(part['amount']), currency)}" for part in parts]
    return "\n".join(lines) or amount(Decimal(0), currency)


def _shipping_cells(order: Order) -> list[str]:
    parts = _shipping_tax(order)
    tax = sum((Decimal(part["amount"]) for part in parts), Decimal(0))
    contained, added = (tax, Decimal(0)) if order.prices_include_tax else (Decimal(0), tax)
    return [
        f"Shipping: {order.shipping_method_name}",
        "",
        "1",
        amount(order.shipping_cost, order.currency),
        amount(Decimal(0), order.currency),
        amount(order.shipping_cost - contained, order.currency),
        _tax_cell(parts, order.currency),
        amount(order.shipping_cost + added, order.currency),
    ]


def _shipping_tax(order: Order) -> list[dict[str, str]]:
    """Return the order's parts of tax less those of its lines, which is the shipping's."""
    of_lines: dict[tuple[str, str], Decimal] = {}
    for line in order.lines.all():
        for part in line.tax_parts:
            key = (part["name"], part["rate"])
            of_lines[key] = of_lines.get(key, Decimal(0)) + Decimal(part["amount"])
    left = [
        part
        | {"amount": str(Decimal(part["amount"]) - of_lines.get((part["name"], part["rate"]), 0))}
        for part in order.tax_lines
    ]
    return [part for part in left if Decimal(part["amount"])]


def _draw_totals(page: InvoicePage, order: Order) -> None:
    rows = [("Subtotal", order.subtotal)]
    if order.discount_amount:
        rows.append(("Discount", -order.discount_amount))
    rows.append(("Shipping", order.shipping_cost))
    suffix = " (included)" if order.prices_include_tax else ""
    rows += [(tax_label(tax) + suffix, Decimal(tax["amount"])) for tax in order.tax_lines]
    if page.will_page_break(5 * len(rows) + 14):
        page.add_page()
    for label, value in rows:
        _draw_total(page, label, amount(value, order.currency))
    symbol = SYMBOLS.get(order.currency, order.currency)
    _draw_total(page, "Total", f"{symbol} {amount(order.total_amount, order.currency)}", "B", 11)
    page.ln(3)
    page.write_text(f"All amounts are in {order.currency}.", color=GREY, align="R")


def _draw_total(
    page: InvoicePage, label: str, text: str, style: str = "", size: float = 8.5
) -> None:
    page.set_font("text", style, size)
    page.set_text_color(*BLACK)
    page.set_x(page.l_margin + page.epw - HALF)
    page.cell(HALF / 2, size * 0.58, label)
    page.cell(HALF / 2, size * 0.58, text, align="R", new_x="LMARGIN", new_y="NEXT")


def amount(value: Decimal, currency: str) -> str:
    return f"{Decimal(format_money(value, currency)):,}"


def tax_label(part: dict[str, str]) -> str:
    return f"{part['name']} {Decimal(part['rate']).normalize():f}%"


def state_name(country: str, state: str) -> str:
    """Return a state's name for its code; where states are free text, the text."""
    return states_of(country).get(state, state)


def address_lines(address: dict[str, str]) -> list[str]:
    """Write an address as lines; what is empty, as after an erasure, takes no line."""
    country = address.get("country", "")
    region = state_name(country, address.get("state", ""))
    lines = [address.get(key, "") for key in ("full_name", "address_line1", "address_line2")]
    lines.append(" ".join(filter(None, [address.get("city"), address.get("postal_code")])))
    lines.append(", ".join(filter(None, [region, COUNTRIES.get(country, country)])))
    return [line for line in [*lines, _tax_number(address)] if line]


def _tax_number(party: dict[str, str]) -> str:
    number = party.get("tax_number", "")
    if not number:
        return ""
    return f"{'GSTIN' if party.get('country') == 'IN' else 'Tax number'} {number}"
