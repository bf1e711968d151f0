"""Alerts of low stock: one is open while a variant that is sold is at or under its threshold.

What never had a piece opens none: an import of products without stock is no alarm.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from accounts.models import User
from accounts.services.auditing import audited, track
from config.errors import NotFound
from config.events import emit
from config.transactions import retried

from ..models import Product, Stock, StockAlert, Variant
from ..signals import stock_low

# What decides whether a stock is watched, and at how many pieces.
_WATCHED = {"is_active", "low_stock_threshold", "variants"}


@retried
@transaction.atomic
@audited()
def acknowledge_alert(*, alert_id: int, actor: User) -> StockAlert:
    """Note who has seen an alert; the first one stays."""
    alert = StockAlert.objects.select_for_update().filter(pk=alert_id).first()
    if alert is None:
        raise NotFound()
    if alert.acknowledged_at is None:
        track(alert, "acknowledged")
        alert.acknowledged_at, alert.acknowledged_by = timezone.now(), actor
        alert.save(update_fields=["acknowledged_at", "acknowledged_by"])
    return alert


def follow_stock(turned: Iterable[Stock]) -> None:
    """Open or close the alerts of locked stocks that became low, or are so no more."""
    stocks = list(turned)
    low = [stock for stock in stocks if stock.is_low]
    if over := [stock.pk for stock in stocks if not stock.is_low]:
        open_alerts = StockAlert.objects.filter(open_for__in=over)
        open_alerts.update(open_for=None, closed_at=timezone.now())
    if not low:
        return
    # A sale is no place to fail over an alert that somebody made by hand.
    StockAlert.objects.bulk_create(map(_alert_of, low), ignore_conflicts=True)
    emit(stock_low, variant_ids=[stock.pk for stock in low])


def is_watched(fields: Mapping[str, Any]) -> bool:
    """Tell whether a change of a product or variant may open or close alerts."""
    return not _WATCHED.isdisjoint(fields)


def lock_stocks(variants: QuerySet[Variant]) -> list[Stock]:
    """Lock the stocks of variants in key order, which comes before their product's lock."""
    ids = list(variants.values_list("pk", flat=True))
    return list(Stock.objects.select_for_update().filter(pk__in=ids).order_by("pk"))


def watch_variants(product: Product) -> None:
    """Bring what a locked product's stocks are watched at in line with its variants."""
    variants = product.variants.select_related("stock")
    # The product's lock keeps thresholds as they are read: only a change needs the stocks'.
    stale = [row.pk for row in variants if row.stock.alert_threshold != _threshold_of(row, product)]
    if stale:
        watch_stocks(lock_stocks(Variant.objects.filter(pk__in=stale)))


def watch_stocks(stocks: Iterable[Stock]) -> None:
    """Set what locked stocks are watched at, and open or close their alerts."""
    stocks = list(stocks)
    thresholds = thresholds_of(stock.pk for stock in stocks)
    turned = []
    for stock in stocks:
        was_low = stock.is_low
        stock.alert_threshold = thresholds[stock.pk]
        if was_low != stock.is_low:
            turned.append(stock)
    Stock.objects.bulk_update(stocks, ["alert_threshold"])
    follow_stock(turned)


def repair_alert(stock: Stock) -> None:
    """Open or close the alert of a locked stock where its figures ask for the other."""
    if StockAlert.objects.filter(open_for=stock.pk).exists() != stock.is_low:
        follow_stock([stock])


def thresholds_of(variant_ids: Iterable[int]) -> dict[int, int | None]:
    """Return at how many pieces variants are low; None for those that are not sold."""
    columns = ("pk", "low_stock_threshold", "is_active", "product__is_active")
    rows = Variant.objects.filter(pk__in=list(variant_ids)).order_by().values_list(*columns)
    return {
        pk: least if is_active and is_shown else None for pk, least, is_active, is_shown in rows
    }


def _threshold_of(variant: Variant, product: Product) -> int | None:
    is_sold = variant.is_active and product.is_active
    return variant.low_stock_threshold if is_sold else None


def _alert_of(stock: Stock) -> StockAlert:
    return StockAlert(variant_id=stock.pk, open_for_id=stock.pk, stock_when_opened=stock.available)
