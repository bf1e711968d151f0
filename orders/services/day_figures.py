"""What one day brought: paid orders on the day they were paid, refunds on the day they happened."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import Case, Count, Exists, F, OuterRef, QuerySet, Sum, When

from config.money import AmountField

from ..models import CancellationDocument, CreditNote, Order, OrderLine
from .crediting import credited_lines

_NOTHING = Decimal(0)
_BATCH = 200


@dataclass(frozen=True)
class DayFigures:
    """Sums in the store's currency; goods without tax and shipping, unless a name says so."""

    day: date
    orders: int
    units: int
    gross: Decimal
    discounts: Decimal
    refunds: Decimal
    tax: Decimal
    shipping: Decimal
    new_customers: int

    @property
    def net(self) -> Decimal:
        return self.gross - self.discounts - self.refunds


def figures_of(day: date) -> DayFigures:
    """Add up a day of the store's time zone."""
    start, end = _bounds(day)
    orders = _paid_between(start, end)
    totals = orders.aggregate(
        number=Count("pk"),
        tax=Sum("tax_amount", default=_NOTHING),
        shipping=Sum("shipping_cost", default=_NOTHING),
    )
    goods = _lines_of(orders).aggregate(
        units=Sum("quantity", default=0),
        worth=Sum("line_total", default=_NOTHING),
        discounts=Sum("discount_amount", default=_NOTHING),
        included=Sum(_included_tax(), default=_NOTHING),
    )
    return DayFigures(
        day=day,
        orders=totals["number"],
        units=goods["units"],
        gross=goods["worth"] - goods["included"],
        discounts=goods["discounts"],
        refunds=_refunds(start, end),
        tax=totals["tax"],
        shipping=totals["shipping"],
        new_customers=_new_customers(orders, start),
    )


def products_of(day: date) -> QuerySet[OrderLine, Any]:
    """Return what was sold on a day by product, what brought most first."""
    lines = _lines_of(_paid_between(*_bounds(day))).order_by()
    rows = lines.values("product_id", "product__name", "product__slug").annotate(
        units=Sum("quantity"),
        revenue=Sum(F("line_total") - F("discount_amount") - _included_tax()),
    )
    return rows.order_by("-revenue", "product_id")


def _bounds(day: date) -> tuple[datetime, datetime]:
    zone = ZoneInfo(settings.STORE_TIME_ZONE)
    start, end = (datetime.combine(each, time.min, zone) for each in (day, day + timedelta(days=1)))
    return start, end


def _paid_between(start: datetime, end: datetime) -> QuerySet[Order]:
    rows = Order.objects.filter(currency=settings.STORE_CURRENCY, paid_at__gte=start)
    return rows.filter(paid_at__lt=end).order_by()


def _lines_of(orders: QuerySet[Order]) -> QuerySet[OrderLine]:
    return OrderLine.objects.filter(order__in=orders)


def _included_tax() -> Case:
    """Return the tax that a line's price holds already."""
    return Case(
        When(order__prices_include_tax=True, then=F("tax_amount")),
        default=_NOTHING,
        output_field=AmountField(),
    )


def _refunds(start: datetime, end: datetime) -> Decimal:
    """Add up what went back for goods, also what the former shop cancelled."""
    notes = CreditNote.objects.to_draw().filter(created_at__gte=start, created_at__lt=end)
    notes = notes.filter(invoice__order__currency=settings.STORE_CURRENCY)
    lines = (line for note in notes.iterator(_BATCH) for line in credited_lines(note))
    of_goods = sum((line.taxable for line in lines if line.sku), _NOTHING)
    documents = CancellationDocument.objects.filter(
        currency=settings.STORE_CURRENCY, created_at__gte=start, created_at__lt=end
    )
    return of_goods + documents.aggregate(sum=Sum("total_amount", default=_NOTHING))["sum"]


def _new_customers(orders: QuerySet[Order], start: datetime) -> int:
    """Count who paid for an order and never had before; guests are known by their e-mail."""
    earlier = Order.objects.filter(email_key=OuterRef("email_key"), paid_at__lt=start)
    buyers = orders.exclude(email_key="").filter(~Exists(earlier))
    return buyers.aggregate(number=Count("email_key", distinct=True))["number"]
