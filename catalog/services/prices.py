"""The columns of a product that follow its variants, stock, pictures and flash sale."""

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal

from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.utils import timezone

from config.events import emit
from config.transactions import retried

from ..models import Product, ProductImage, Stock
from ..signals import product_changed

_BATCH = 500


def refresh_derived(product: Product) -> None:
    """Set and save the derived columns of a locked product."""
    cheapest = product.variants.filter(is_active=True).order_by("price", "pk").first()
    if cheapest:
        product.base_price = cheapest.price
        product.base_compare_at_price = cheapest.compare_at_price
    set_sale_price(product, timezone.now())
    product.in_stock = Stock.objects.filter(
        variant__product=product, variant__is_active=True, on_hand__gt=F("reserved")
    ).exists()
    primary = ProductImage.objects.filter(primary_of=product).first()
    product.thumbnail = (primary.thumbnail.name or primary.file.name or "") if primary else ""
    product.save()


def set_prices(product: Product, base: Decimal, compare_at: Decimal | None, at: datetime) -> None:
    """Set the price columns from those of the cheapest variant; nothing is saved."""
    product.base_price, product.base_compare_at_price = base, compare_at
    set_sale_price(product, at)


def set_sale_price(product: Product, at: datetime) -> None:
    """Set what filters and orderings by price see at a moment; nothing is saved."""
    product.price = product.price_at(at, product.base_price)
    product.compare_at_price = product.compare_at_price_at(
        at, product.base_price, product.base_compare_at_price
    )


def refresh_sale_prices() -> int:
    """Follow the flash sales that have started or ended; return how many products changed."""
    now, changed, last = timezone.now(), 0, 0
    while ids := list(_stale(now).filter(pk__gt=last).values_list("pk", flat=True)[:_BATCH]):
        changed += _refresh_batch(ids, now)
        last = ids[-1]
    return changed


def _stale(now: datetime) -> QuerySet[Product]:
    on_sale = Q(flash_starts_at__lte=now, flash_ends_at__gt=now)
    begun = on_sale & Q(price=F("base_price"))
    ended = ~on_sale & ~Q(price=F("base_price"))
    flash = Q(flash_starts_at__isnull=False, flash_ends_at__isnull=False)
    return Product.objects.filter(flash, begun | ended).order_by("pk")


@retried
@transaction.atomic
def _refresh_batch(ids: list[int], now: datetime) -> int:
    locked = Product.objects.select_for_update().filter(pk__in=ids).order_by("pk")
    changed = list(_with_new_price(locked, now))
    Product.objects.bulk_update(changed, ["price", "compare_at_price"])
    if changed:
        emit(product_changed, product_ids=[product.pk for product in changed])
    return len(changed)


def _with_new_price(products: QuerySet[Product], now: datetime) -> Iterator[Product]:
    for product in products:
        before = product.price
        set_sale_price(product, now)
        if product.price != before:
            yield product
