"""Writes invented products in batches; those that are there stay as they are."""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.text import slugify

from catalog.importing.categories import ensure_category
from catalog.models import Collection, Product, ProductImage, Tag, Variant
from catalog.search.vocabulary import count_new_words
from catalog.services.opening_stock import open_stock
from catalog.services.prices import set_prices
from catalog.signals import product_changed
from config.events import emit
from config.importing import batched
from config.transactions import retried

from .catalogue import InventedProduct, InventedVariant
from .pictures import save_picture
from .words import COLLECTIONS, TAGS

BATCH = 100
_SALE_BEGAN = timedelta(days=1)
_SALE_LEFT = timedelta(days=6)

Files = tuple[str, str]


def write_catalogue(
    products: Iterable[InventedProduct],
    *,
    source: str,
    step: Callable[[int], object] = lambda done: None,
) -> int:
    """Add the products that are missing, with all that belongs to them; return how many."""
    added = 0
    categories: dict[tuple[str, str], int] = {}
    labels = _Labels()
    for batch in batched(products, BATCH):
        missing = _missing(batch, source)
        for path in {(item.aisle.root, item.aisle.name) for item in missing} - categories.keys():
            categories[path] = ensure_category(path)
        # Files first: a row without its file would be worse than a file without its row.
        files = [
            save_picture(item.aisle.shape, item.number, item.variants[0].sku) for item in missing
        ]
        if missing:
            _write(missing, files, source=source, categories=categories, labels=labels)
        added += len(missing)
        step(len(batch))
    count_new_words()  # here, for seeding may run beside no worker
    return added


def _missing(batch: list[InventedProduct], source: str) -> list[InventedProduct]:
    there = set(
        Product.objects.filter(
            external_source=source, external_id__in=[str(item.number) for item in batch]
        ).values_list("external_id", flat=True)
    )
    return [item for item in batch if str(item.number) not in there]


class _Labels:
    """The tags and collections, made where they are missing."""

    def __init__(self) -> None:
        for name in TAGS:
            Tag.objects.get_or_create(slug=slugify(name), defaults={"name": name})
        for title, description, _ in COLLECTIONS:
            Collection.objects.get_or_create(
                slug=slugify(title), defaults={"title": title, "description": description}
            )
        self.tags = dict(Tag.objects.values_list("slug", "pk"))
        self.collections = dict(Collection.objects.values_list("slug", "pk"))

    def link(self, items: Sequence[InventedProduct], keys: dict[int, int]) -> None:
        of_tag, of_collection = Product.tags.through, Product.collections.through
        of_tag.objects.bulk_create(
            of_tag(product_id=keys[item.number], tag_id=self.tags[slugify(name)])
            for item in items
            for name in item.tags
        )
        of_collection.objects.bulk_create(
            of_collection(
                product_id=keys[item.number], collection_id=self.collections[slugify(title)]
            )
            for item in items
            for title in item.collections
        )


@retried
@transaction.atomic
def _write(
    items: list[InventedProduct],
    files: list[Files],
    *,
    source: str,
    categories: dict[tuple[str, str], int],
    labels: _Labels,
) -> None:
    now = timezone.now()
    Product.objects.bulk_create(
        _product(item, pair, source, categories[item.aisle.root, item.aisle.name], now)
        for item, pair in zip(items, files, strict=True)
    )
    # Read again, because on MySQL a bulk insert gives no keys back.
    rows = Product.objects.filter(
        external_source=source, external_id__in=[str(item.number) for item in items]
    )
    keys = {int(external_id or 0): pk for external_id, pk in rows.values_list("external_id", "pk")}
    _write_variants(items, keys)
    ProductImage.objects.bulk_create(
        ProductImage(
            product_id=keys[item.number],
            primary_of_id=keys[item.number],
            file=picture,
            thumbnail=thumbnail,
            thumbnail_due_at=None,
            alt_text=item.name,
        )
        for item, (picture, thumbnail) in zip(items, files, strict=True)
    )
    labels.link(items, keys)
    emit(product_changed, product_ids=list(keys.values()))


def _product(
    item: InventedProduct, files: Files, source: str, category_id: int, now: datetime
) -> Product:
    product = Product(
        name=item.name,
        slug=slugify(f"{item.name} {item.variants[0].sku}"),
        description=item.description,
        brand=item.brand,
        category_id=category_id,
        tax_class=item.aisle.tax_class,
        hsn_code=item.aisle.hsn_code,
        weight_grams=item.grams,
        meta_title=item.name,
        meta_description=item.description.split(". ")[0][:500],
        featured=item.featured,
        currency=settings.STORE_CURRENCY,
        in_stock=any(variant.on_hand for variant in item.variants),
        thumbnail=files[1],
        external_source=source,
        external_id=str(item.number),
        created_at=now - item.age,
    )
    if item.flash_percentage:
        product.flash_percentage = item.flash_percentage
        product.flash_starts_at, product.flash_ends_at = now - _SALE_BEGAN, now + _SALE_LEFT
    set_prices(product, item.cheapest.price, item.cheapest.compare_at_price, now)
    return product


def _write_variants(items: list[InventedProduct], keys: dict[int, int]) -> None:
    invented = {variant.sku: variant for item in items for variant in item.variants}
    Variant.objects.bulk_create(
        _variant(variant, keys[item.number], position)
        for item in items
        for position, variant in enumerate(item.variants)
    )
    rows = Variant.objects.filter(sku__in=invented).values_list("pk", "sku")
    open_stock(on_hand={pk: invented[sku].on_hand for pk, sku in rows}, reference="seed")


def _variant(variant: InventedVariant, product_id: int, position: int) -> Variant:
    return Variant(
        product_id=product_id,
        sku=variant.sku,
        name=variant.name,
        attributes=variant.attributes,
        price=variant.price,
        compare_at_price=variant.compare_at_price,
        cost_price=variant.cost_price,
        barcode=variant.barcode,
        position=position,
    )
