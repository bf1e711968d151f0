"""What the report of a day's sales shows."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.utils.formats import date_format

from config.money import group_money
from orders.services.day_figures import DayFigures, figures_of, products_of

from ...models import Message
from ..mails import Attachment, refuse_others
from .tables import write_table

SHOWN_PRODUCTS = 10
MOST_PRODUCTS = 1000
# As `analytics/sales/` names them.
_COLUMNS = (
    "orders",
    "units",
    "gross",
    "discounts",
    "refunds",
    "tax",
    "shipping",
    "net",
    "new_customers",
)
_ROWS = {
    "orders": "Orders",
    "units": "Pieces sold",
    "gross": "Goods before discounts",
    "discounts": "Discounts",
    "refunds": "Refunds of goods",
    "net": "Revenue",
    "average": "Revenue per order",
    "tax": "Tax",
    "shipping": "Shipping",
    "new_customers": "New customers",
}


def show_report(message: Message) -> dict[str, Any]:
    """Show a day in figures of now, and the day before it."""
    refuse_others("daily_report", message.user)
    day = date.fromisoformat(message.data["report_day"])
    figures, before = figures_of(day), figures_of(day - timedelta(days=1))
    products = list(products_of(day)[:MOST_PRODUCTS])
    return {
        "subject_values": {"day": date_format(day, "l, j F Y")},
        "day": day,
        "day_before": before.day,
        "currency": settings.STORE_CURRENCY,
        "orders": figures.orders,
        "revenue": _money(figures.net),
        "rows": [_row(name, figures, before) for name in _ROWS],
        "top": [row | {"revenue": _money(row["revenue"])} for row in products[:SHOWN_PRODUCTS]],
        "attachments": [_sales_table([figures, before]), _product_table(day, products)],
    }


def _row(name: str, figures: DayFigures, before: DayFigures) -> dict[str, Any]:
    now, then = _value(name, figures), _value(name, before)
    shown = _money if isinstance(now, Decimal) else str
    return {
        "label": _ROWS[name],
        "now": shown(now),
        "then": shown(then),
        "change": f"{(now - then) / then * 100:+.0f} %".replace("-", "−") if then > 0 else "",
        "is_main": name in ("orders", "net"),
    }


def _value(name: str, figures: DayFigures) -> Any:  # noqa: ANN401
    if name == "average":
        return figures.net / figures.orders if figures.orders else Decimal(0)
    return getattr(figures, name)


def _sales_table(days: list[DayFigures]) -> Attachment:
    rows = [
        [str(each.day), *(getattr(each, name) for name in _COLUMNS), settings.STORE_CURRENCY]
        for each in days
    ]
    header = ["period", *_COLUMNS, "currency"]
    return Attachment(f"sales-{days[0].day}.csv", write_table(header, rows))


def _product_table(day: date, products: list[dict[str, Any]]) -> Attachment:
    rows = [
        (row["product__name"], row["product__slug"], row["units"], row["revenue"])
        for row in products
    ]
    header = ["product", "slug", "units", "revenue"]
    return Attachment(f"products-{day}.csv", write_table(header, rows))


def _money(amount: Decimal) -> str:
    return group_money(amount, settings.STORE_CURRENCY)
