"""What documents share: their head, their addresses, and how they write amounts and places."""

from datetime import datetime
from decimal import Decimal

from django.utils import timezone

from accounts.countries import COUNTRIES, states_of
from config.money import group_money

from ...models import Invoice
from ..taxes import TaxPart
from .page import GREY, HALF, Page

SYMBOLS = {"INR": "₹", "ETB": "ብር", "USD": "$", "EUR": "€", "GBP": "£", "JPY": "¥", "KRW": "₩"}


def draw_head(page: Page, invoice: Invoice, *, title: str, number: str, facts: list[str]) -> None:
    """Draw who sells at the left, and what this is at the right."""
    seller, top = invoice.seller, page.get_y()
    place = [state_name(seller["country"], seller["state"]), COUNTRIES.get(seller["country"], "")]
    lines = [part.strip() for part in seller["address"].split("|")]
    lines += [", ".join(filter(None, place)), tax_number(seller)]
    page.write_text(seller["name"], width=HALF, size=15, style="B")
    page.write_text("\n".join(filter(None, lines)), width=HALF, color=GREY)
    left_end = page.get_y()
    page.set_xy(page.l_margin + page.epw - HALF, top)
    page.write_text(title, width=HALF, size=15, style="B", align="R")
    page.write_text(number, width=HALF, size=10, style="B", align="R")
    page.write_text("\n".join(facts), width=HALF, color=GREY, align="R")
    page.set_xy(page.l_margin, max(left_end, page.get_y()) + 6)


def draw_addresses(page: Page, invoice: Invoice) -> None:
    """Draw both addresses beside each other, and the place that taxes go by."""
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


def draw_totals(page: Page, rows: list[tuple[str, Decimal]], total: Decimal, currency: str) -> None:
    """Draw what leads to a total, and the total."""
    symbol = SYMBOLS.get(currency, currency)
    page.write_totals(
        [(label, amount(value, currency)) for label, value in rows],
        ("Total", f"{symbol} {amount(total, currency)}"),
        f"All amounts are in {currency}.",
    )


def amount(value: Decimal, currency: str) -> str:
    return group_money(value, currency)


def day(moment: datetime) -> str:
    """Write the day of a moment in the store."""
    return f"{timezone.localtime(moment):%d %B %Y}"


def tax_cell(parts: list[TaxPart], currency: str) -> str:
    lines = [f"{tax_label(part)} {amount(Decimal(part['amount']), currency)}" for part in parts]
    return "\n".join(lines) or amount(Decimal(0), currency)


def tax_label(part: TaxPart) -> str:
    return f"{part['name']} {Decimal(part['rate']).normalize():f}%"


def tax_number(party: dict[str, str]) -> str:
    number = party.get("tax_number", "")
    if not number:
        return ""
    return f"{'GSTIN' if party.get('country') == 'IN' else 'Tax number'} {number}"


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
    return [line for line in [*lines, tax_number(address)] if line]
