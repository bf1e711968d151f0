"""Proves and corrects which products are shown as sold out."""

from collections.abc import Iterator

from django.db import transaction
from django.db.models import Exists, F, OuterRef, QuerySet

from config.transactions import retried

from ..models import Product, Stock
from .stock import refresh_in_stock

_BATCH = 500


def wrong_flags() -> Iterator[int]:
    """Give the products whose `in_stock` seems wrong, which a sale just now may do."""
    last = 0
    while ids := _wrong(Product.objects.filter(pk__gt=last)):
        yield from ids
        last = ids[-1]


@retried
@transaction.atomic
def correct_flag(*, product_id: int, fix: bool) -> str:
    """Return the name of a product whose flag is wrong for certain, or nothing; repair it."""
    product = Product.objects.select_for_update().filter(pk=product_id).first()
    if product is None or not _wrong(Product.objects.filter(pk=product_id)):
        return ""
    if fix:
        refresh_in_stock(product.variants.values_list("pk", flat=True))
    return product.name


def _wrong(products: QuerySet[Product]) -> list[int]:
    sellable = Stock.objects.filter(variant__product=OuterRef("pk"), variant__is_active=True)
    has_any = Exists(sellable.filter(on_hand__gt=F("reserved")))
    shown = products.filter(~has_any, in_stock=True) | products.filter(has_any, in_stock=False)
    return list(shown.order_by("pk").values_list("pk", flat=True)[:_BATCH])
