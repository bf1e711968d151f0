"""Brings products of a CSV file in by the catalogue's own services, one row a variant.

Products are found by their slug, or by the SKU of a row without one; variants by their SKU.
"""

from collections.abc import Iterable, Iterator
from typing import Any

from django.db import transaction

from accounts.models import User
from config.errors import DomainError
from config.importing import Skip, batched
from config.transactions import retried

from ..importing.categories import ensure_category
from ..models import Product, Variant
from ..services.products import create_product, update_product
from .cells import Row, text_of
from .columns import (
    OF_PRODUCT,
    OF_VARIANT,
    Names,
    category_names,
    product_values,
    split_path,
    variant_values,
)
from .draft import Draft, Fields
from .outcome import Kind, Outcome, errors_of, tell_change

BATCH = 200

Groups = Iterable[list[Row] | Skip]


def import_products(
    rows: Iterable[Row | Skip], *, actor: User | None, is_dry_run: bool = False
) -> Iterator[Outcome]:
    """Create or change the products of a file, each whole or not at all.

    A dry run does the same and undoes it product by product.
    """
    categories = Categories()
    for batch in batched(_grouped(_first_of_each_sku(rows)), BATCH):
        known = Known([group for group in batch if isinstance(group, list)], categories)
        for group in batch:
            if isinstance(group, Skip):
                yield Outcome(Kind.REFUSED, [], errors=[group])
            else:
                yield _import(group, known, actor, is_dry_run)


class Categories:
    """The tree as an import finds and grows it: names by key, and the other way round."""

    def __init__(self) -> None:
        self.names = category_names()
        self._keys: dict[Names, int] = {}
        for key in sorted(self.names):
            self._keys.setdefault(self.names[key], key)

    def ensure(self, path: Names) -> int:
        """Return the key of a path, which is made where it is missing."""
        return self._keys.get(path) or ensure_category(path)

    def remember(self, path: Names, key: int) -> None:
        """Know a path from now on: the transaction that made it is committed."""
        self.names[key] = path
        self._keys.setdefault(path, key)


class Known:
    """What the shop has of the products that some rows name."""

    def __init__(self, groups: list[list[Row]], categories: Categories) -> None:
        self.categories = categories
        skus = {row.sku for group in groups for row in group}
        variants = Variant.objects.filter(sku__in=skus)
        self.variants = {variant.sku: variant for variant in variants}
        by_sku = {variant.product_id for variant in self.variants.values()}
        slugs = {slug for group in groups if (slug := slug_of(group[0]))}
        named = Product.objects.filter(slug__in=slugs) | Product.objects.filter(pk__in=by_sku)
        self._products = {row.pk: row for row in named.prefetch_related("tags")}
        self._by_slug = {row.slug: row for row in self._products.values()}

    def product(self, group: list[Row]) -> Product | None:
        if slug := slug_of(group[0]):
            return self._by_slug.get(slug)
        variant = self.variants.get(group[0].sku)
        return self._products.get(variant.product_id) if variant else None

    def values(self, product: Product) -> Fields:
        return product_values(product, self.categories.names)


def slug_of(row: Row) -> str:
    return row.cells.get("slug", "").strip().lower()


def _first_of_each_sku(rows: Iterable[Row | Skip]) -> Iterator[Row | Skip]:
    seen: set[str] = set()
    for row in rows:
        if isinstance(row, Row):
            if not row.sku:
                row = Skip(row.number, "", "sku: give each row its SKU")
            elif row.sku in seen:
                row = Skip(row.number, row.sku, "sku: it was in an earlier row")
            else:
                seen.add(row.sku)
        yield row


def _grouped(rows: Iterable[Row | Skip]) -> Iterator[list[Row] | Skip]:
    """Put the rows of one product together, which stand together in the file."""
    group: list[Row] = []
    seen: set[str] = set()
    for row in rows:
        if isinstance(row, Skip):
            yield row
            continue
        slug = slug_of(row)
        if group and slug and slug == slug_of(group[0]):
            group.append(row)
            continue
        if group:
            yield group
            group = []
        if slug in seen:
            yield Skip(row.number, row.sku, "slug: put the rows of a product together")
            continue
        if slug:
            seen.add(slug)
        group = [row]
    if group:
        yield group


def _import(group: list[Row], known: Known, actor: User | None, is_dry_run: bool) -> Outcome:
    product = known.product(group)
    draft = Draft(group, product, known.values(product) if product else None, known.variants)
    fields = draft.read()
    if draft.errors:
        return Outcome.refused(group, draft.errors)
    if product is not None and not fields:
        return Outcome(Kind.UNCHANGED, group)
    changes = _tell(draft, fields, product, known) if product else [f"name: {fields['name']}"]
    try:
        written = _write(
            product=product, fields=fields, actor=actor, is_dry_run=is_dry_run, known=known
        )
    except DomainError as refusal:
        return Outcome.refused(group, errors_of(refusal, group[0]))
    if "category" in fields and not is_dry_run:
        known.categories.remember(split_path(fields["category"]), written.category_id)
    kind = Kind.CHANGED if product else Kind.NEW
    return Outcome(kind, group, changes=changes, instance=written)


@retried
@transaction.atomic
def _write(
    *, product: Product | None, fields: Fields, actor: User | None, is_dry_run: bool, known: Known
) -> Product:
    fields = dict(fields)
    if "category" in fields:
        fields["category"] = known.categories.ensure(split_path(fields["category"]))
    if product is None:
        written = create_product(actor=actor, fields=fields)
    else:
        written = update_product(product_id=product.pk, actor=actor, fields=fields)
    if is_dry_run:
        transaction.set_rollback(True)
    return written


def _tell(draft: Draft, fields: Fields, product: Product, known: Known) -> list[str]:
    now = known.values(product)
    told = [
        tell_change(column, now[field], fields[field])
        for column, field in OF_PRODUCT.items()
        if field in fields
    ]
    by_key = {variant.pk: variant for variant in known.variants.values()}
    for row in fields.get("variants", []):
        variant = by_key.get(row.get("id"))
        if variant is None:
            told.append(f"a new variant {row['sku']}")
            continue
        values = variant_values(variant)
        told += [
            f"{variant.sku} {tell_change(column, values[field], row[field])}"
            for column, field in OF_VARIANT.items()
            if field in row
        ]
        if "attributes" in row:
            told.append(f"{variant.sku} {_tell_attributes(variant.attributes, row['attributes'])}")
    return told


def _tell_attributes(old: dict[str, Any], new: dict[str, Any]) -> str:
    def text(pairs: dict[str, Any]) -> str:
        return ", ".join(f"{name}: {text_of(value)}" for name, value in pairs.items())

    return tell_change("attributes", text(old), text(new))
