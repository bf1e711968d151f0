"""Writes products of a source in batches: what is there stays, but for its name and price."""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.text import slugify

from config.events import emit
from config.importing import OnBatch, batched
from config.transactions import retried

from ..models import Product, Variant
from ..search.vocabulary import count_new_words
from ..services.opening_stock import open_stock
from ..services.prices import set_prices
from ..signals import product_changed
from .categories import Path, ensure_category
from .source import SourceProduct
from .statistics import refresh_after

BATCH = 250  # some 0.1 s on SQLite, where nobody else can write meanwhile


@dataclass
class Plan:
    """What a batch of one source's products has to write."""

    new: list[SourceProduct] = field(default_factory=list)
    changed: list[SourceProduct] = field(default_factory=list)
    unchanged: int = 0


def write_products(
    products: Iterable[SourceProduct],
    *,
    is_dry_run: bool = False,
    keep_existing: bool = False,
    on_batch: OnBatch | None = None,
) -> Counter[str]:
    """Add the products that are missing and let the others follow their source, by batches.

    With `keep_existing` a product that is there stays as it is.
    """
    counts: Counter[str] = Counter()
    categories: dict[Path, int] = {}
    for batch in batched(products, BATCH):
        plan = _plan(batch, keep_existing=keep_existing)
        if not is_dry_run and (plan.new or plan.changed):
            for path in {item.category_path for item in plan.new} - categories.keys():
                categories[path] = ensure_category(path)
            _write(plan, categories)
        counts["products added"] += len(plan.new)
        counts["products with a new name or price"] += len(plan.changed)
        counts["products as they were"] += plan.unchanged
        if on_batch:
            on_batch()
    if not is_dry_run:
        count_new_words()  # here, for an import may run beside no worker
        refresh_after(counts["products added"])
    return counts


def _plan(batch: list[SourceProduct], *, keep_existing: bool) -> Plan:
    known = _known(batch)
    plan = Plan()
    for item in batch:
        found = known.get((item.source, item.external_id))
        if found is None:
            plan.new.append(item)
        elif keep_existing or found == (item.name, item.price):
            plan.unchanged += 1
        else:
            plan.changed.append(item)
    return plan


def _known(batch: list[SourceProduct]) -> dict[tuple[str, str | None], tuple[str, Decimal]]:
    """Return name and price of those that are there; the first variant has the source's price."""
    variants = (
        Variant.objects.filter(
            product__external_source__in={item.source for item in batch},
            product__external_id__in=[item.external_id for item in batch],
        )
        .order_by("-position", "-pk")
        .values_list("product__external_source", "product__external_id", "product__name", "price")
    )
    return {(source, key): (name, price) for source, key, name, price in variants}


@retried
@transaction.atomic
def _write(plan: Plan, categories: dict[Path, int]) -> None:
    touched = _update(plan.changed) + _create(plan.new, categories)
    emit(product_changed, product_ids=touched)


def _create(items: list[SourceProduct], categories: dict[Path, int]) -> list[int]:
    if not items:
        return []
    now = timezone.now()
    skus, slugs = _choose_skus(items), _choose_slugs(items)
    Product.objects.bulk_create(
        _new_product(item, slug, categories[item.category_path], now)
        for item, slug in zip(items, slugs, strict=True)
    )
    # Read again, because on MySQL a bulk insert gives no keys back.
    keys = product_keys(items)
    Variant.objects.bulk_create(
        Variant(
            product_id=keys[item.source, item.external_id],
            sku=sku,
            price=item.price,
            barcode=item.barcode,
            attributes=item.attributes,
        )
        for item, sku in zip(items, skus, strict=True)
    )
    _open_stock(items, keys)
    return list(keys.values())


def _new_product(item: SourceProduct, slug: str, category_id: int, now: datetime) -> Product:
    return Product(
        name=item.name,
        slug=slug,
        description=item.description,
        brand=item.brand,
        category_id=category_id,
        currency=settings.STORE_CURRENCY,
        base_price=item.price,
        price=item.price,
        in_stock=item.stock > 0,
        external_source=item.source,
        external_id=item.external_id,
        created_at=now,
    )


def product_keys(items: Iterable[SourceProduct]) -> dict[tuple[str, str | None], int]:
    """Return the keys of those products that are there, by their natural keys."""
    items = list(items)
    rows = Product.objects.filter(
        external_source__in={item.source for item in items},
        external_id__in=[item.external_id for item in items],
    ).values_list("external_source", "external_id", "pk")
    return {(source, external_id): pk for source, external_id, pk in rows}


def _open_stock(items: list[SourceProduct], keys: dict[tuple[str, str | None], int]) -> None:
    pieces = {keys[item.source, item.external_id]: item.stock for item in items}
    variants = Variant.objects.filter(product_id__in=pieces).values_list("pk", "product_id")
    open_stock(on_hand={pk: pieces[product_id] for pk, product_id in variants}, reference="import")


def _choose_skus(items: list[SourceProduct]) -> list[str]:
    choices = [[sku for sku in (item.sku, item.fallback_sku) if sku] for item in items]
    return _choose(choices, lambda names: Variant.objects.filter(sku__in=names), "sku")


def _choose_slugs(items: list[SourceProduct]) -> list[str]:
    choices = []
    for item in items:
        plain = slugify(f"{item.source} {item.external_id}")[:120]
        named = slugify(f"{item.name[:120]} {item.external_id}")
        choices.append([plain] if named.isdigit() else [named, f"{named[:120]}-{plain}", plain])
    return _choose(choices, lambda names: Product.objects.filter(slug__in=names), "slug")


def _choose(choices: list[list[str]], taken_by: Callable, column: str) -> list[str]:
    """Give each item its first name that is free; past the last one, with a number."""
    names = {name for group in choices for name in group}
    taken = {name.upper() for name in taken_by(names).values_list(column, flat=True)}
    chosen = []
    for group in choices:
        name = next((name for name in group if name.upper() not in taken), None)
        name = name or _numbered(group[-1][:50], taken_by, column, taken)
        taken.add(name.upper())
        chosen.append(name)
    return chosen


def _numbered(stem: str, taken_by: Callable, column: str, taken: set[str]) -> str:
    names = [f"{stem}-{number}" for number in range(2, 100)]
    taken = taken | {name.upper() for name in taken_by(names).values_list(column, flat=True)}
    return next(name for name in names if name.upper() not in taken)


def _update(items: list[SourceProduct]) -> list[int]:
    """Give products the name and list price that their source now tells."""
    if not items:
        return []
    news: dict[tuple[str, str | None], SourceProduct] = {
        (item.source, item.external_id): item for item in items
    }
    ids = product_keys(items).values()
    products = list(Product.objects.select_for_update().filter(pk__in=ids).order_by("pk"))
    variants = list(Variant.objects.filter(product__in=products).order_by("-position", "-pk"))
    first = {variant.product_id: variant for variant in variants}
    now = timezone.now()
    for product in products:
        item = news[product.external_source, product.external_id]
        product.name, product.updated_at = item.name, now
        first[product.pk].price = item.price
        active = [v for v in variants if v.product_id == product.pk and v.is_active]
        cheapest = min(active, key=lambda v: (v.price, v.pk), default=first[product.pk])
        set_prices(product, cheapest.price, cheapest.compare_at_price, now)
    Variant.objects.bulk_update(first.values(), ["price"])
    Product.objects.bulk_update(
        products,
        [
            "name",
            "base_price",
            "base_compare_at_price",
            "price",
            "compare_at_price",
            "updated_at",
        ],
    )
    return [product.pk for product in products]
