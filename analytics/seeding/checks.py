"""Verifies what a seeded shop promises, reading alone."""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from django.core.files.storage import default_storage
from django.db.models import Count, F, Q, QuerySet, Sum
from django.db.models.functions import Coalesce
from django.utils import timezone

from carts.models import Coupon, ShippingZone, TaxRate
from catalog.models import Category, Product, ProductImage, Stock, Variant
from orders.models import Order, OrderLine

from .shop import COUPON_CODE

FEWEST_CATEGORIES = 10


@dataclass(frozen=True)
class Finding:
    """What one check found; `wrong` names the first few rows that break the promise."""

    promise: str
    count: int
    wrong: list[str]

    @property
    def is_kept(self) -> bool:
        return not self.wrong


def check_shop() -> list[Finding]:
    """Run all checks."""
    return [check() for check in _CHECKS]


def _rows(promise: str, rows: QuerySet, broken: QuerySet) -> Finding:
    count = rows.count()
    wrong = [str(row) for row in broken.order_by("pk")[:5]]
    return Finding(promise, count, wrong if count else ["there are none"])


def _at_least(promise: str, count: int, least: int = 1) -> Finding:
    return Finding(promise, count, [] if count >= least else [f"fewer than {least}"])


def _categories() -> Finding:
    count = Category.objects.filter(is_active=True).count()
    return _at_least(f"at least {FEWEST_CATEGORIES} categories", count, FEWEST_CATEGORIES)


def _variants() -> Finding:
    products = Product.objects.filter(is_active=True)
    active = Count("variants", filter=Q(variants__is_active=True))
    return _rows("each product has a variant", products, products.annotate(n=active).filter(n=0))


def _prices() -> Finding:
    products = Product.objects.filter(is_active=True)
    broken = products.filter(Q(price__lte=0) | Q(base_price__lte=0) | Q(variants__price__lte=0))
    return _rows("each price is above 0", products, broken.distinct())


def _cheapest() -> Finding:
    products = Product.objects.filter(is_active=True)
    cheaper = Q(variants__is_active=True, variants__price__lt=F("base_price"))
    return _rows(
        "each product's price is that of its cheapest variant",
        products,
        products.filter(cheaper).distinct(),
    )


def _stock_rows() -> Finding:
    return _rows(
        "each variant has a stock row", Variant.objects.all(), Variant.objects.filter(stock=None)
    )


def _ledger() -> Finding:
    stocks = Stock.objects.annotate(
        moved=Coalesce(Sum("variant__movements__on_hand_change"), 0),
        promised=Coalesce(Sum("variant__movements__reserved_change"), 0),
    )
    broken = stocks.exclude(moved=F("on_hand"), promised=F("reserved"))
    return _rows("each stock is the sum of its ledger", stocks, broken)


def _in_stock() -> Finding:
    products = Product.objects.filter(is_active=True)
    available = Q(
        variants__is_active=True, variants__stock__on_hand__gt=F("variants__stock__reserved")
    )
    counted = products.annotate(n=Count("variants", filter=available))
    broken = counted.filter(Q(n=0, in_stock=True) | Q(n__gt=0, in_stock=False))
    return _rows("`in_stock` says what the stock says", products, broken)


def _pictures() -> Finding:
    images = ProductImage.objects.order_by("pk")
    missing = [
        name
        for files in images.values_list("file", "thumbnail").iterator()
        for name in files
        if name and not default_storage.exists(name)
    ]
    count = images.count()
    return Finding("each picture has its file", count, missing[:5] if count else ["there are none"])


def _order_totals() -> Finding:
    """Compare in Python: SQLite adds decimals up as binary floats."""
    orders = Order.objects.order_by("pk")
    wrong, sums = [], _line_totals()
    for order in orders.iterator():
        added = Decimal(0) if order.prices_include_tax else order.tax_amount
        due = order.subtotal - order.discount_amount + order.shipping_cost + added
        if sums.get(order.pk) != order.subtotal or due != order.total_amount:
            wrong.append(order.number)
    return Finding("each order's total is that of its lines", orders.count(), wrong[:5])


def _line_totals() -> dict[UUID, Decimal]:
    sums: dict[UUID, Decimal] = defaultdict(Decimal)
    lines = OrderLine.objects.order_by().values_list("order_id", "line_total")
    for order_id, amount in lines.iterator():
        sums[order_id] += amount
    return sums


def _shipping() -> Finding:
    zones = ShippingZone.objects.all()
    active = Count("methods", filter=Q(methods__is_active=True))
    return _rows("each zone has a method", zones, zones.annotate(n=active).filter(n=0))


def _taxes() -> Finding:
    return _at_least("there are tax rates", TaxRate.objects.filter(is_active=True).count())


def _coupon() -> Finding:
    live = Coupon.objects.live(timezone.now()).filter(code=COUPON_CODE, is_public=True)
    return _at_least(f"the coupon {COUPON_CODE} can be used", live.count())


_CHECKS: tuple[Callable[[], Finding], ...] = (
    _categories,
    _variants,
    _prices,
    _cheapest,
    _stock_rows,
    _ledger,
    _in_stock,
    _pictures,
    _order_totals,
    _shipping,
    _taxes,
    _coupon,
)
