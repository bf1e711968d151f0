"""Brings products of a CSV file in by the catalogue's own services, one row a variant.

Products are found by their slug, or by the SKU of a row without one; variants by their SKU.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django.db import IntegrityError, transaction

from accounts.models import User
from config.errors import DomainError
from config.importing import Skip, batched
from config.transactions import retried

from ..importing.categories import ensure_category
from ..models import Product, Variant
from ..serializers.product_input import WriteProductSerializer
from ..services.bulk_products import create_products
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
from .seen import Seen

BATCH = 200
TOGETHER = 100  # some 0.2 s on SQLite, where nobody else can write meanwhile


def import_products(
    rows: Iterable[Row | Skip], *, actor: User | None, is_dry_run: bool = False
) -> Iterator[Outcome]:
    """Create or change the products of a file, each whole or not at all.

    A dry run does the same and undoes it product by product.
    """
    categories = Categories()
    for batch in batched(_grouped(_first_of_each_sku(rows)), BATCH):
        known = Known([group for group in batch if isinstance(group, list)], categories)
        yield from _Batch(known, actor, is_dry_run).run(batch)


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
    seen = Seen()
    for row in rows:
        if isinstance(row, Row):
            if not row.sku:
                row = Skip(row.number, "", "sku: give each row its SKU")
            elif not seen.add(row.sku):
                row = Skip(row.number, row.sku, "sku: it was in an earlier row")
        yield row


def _grouped(rows: Iterable[Row | Skip]) -> Iterator[list[Row] | Skip]:
    """Put the rows of one product together, which stand together in the file."""
    group: list[Row] = []
    seen = Seen()
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
        if slug and not seen.add(slug):
            yield Skip(row.number, row.sku, "slug: put the rows of a product together")
            continue
        group = [row]
    if group:
        yield group


class _Batch:
    """Writes some groups: new products together, changed ones each by itself."""

    def __init__(self, known: Known, actor: User | None, is_dry_run: bool) -> None:
        self.known = known
        self.actor = actor
        self.is_dry_run = is_dry_run
        # One for all rows: to make its fields takes longer than to read a row with them.
        self.body = WriteProductSerializer(partial=True)

    def run(self, groups: list[list[Row] | Skip]) -> list[Outcome]:
        plans = [self._plan(group) for group in groups]
        new = [plan for plan in plans if isinstance(plan, Plan) and plan.product is None]
        done = {id(plan): outcome for plan, outcome in self._create_all(new)}
        return [
            plan if isinstance(plan, Outcome) else done.get(id(plan)) or self._write(plan)
            for plan in plans
        ]

    def _plan(self, group: list[Row] | Skip) -> "Plan | Outcome":
        if isinstance(group, Skip):
            return Outcome(Kind.REFUSED, [], errors=[group])
        product = self.known.product(group)
        values = self.known.values(product) if product else None
        draft = Draft(group, product, values, self.known.variants, self.body)
        fields = draft.read()
        if draft.errors:
            return Outcome.refused(group, draft.errors)
        if product is not None and not fields:
            return Outcome(Kind.UNCHANGED, group)
        changes = _tell(fields, product, self.known) if product else [f"name: {fields['name']}"]
        return Plan(group, product, fields, changes)

    def _create_all(self, plans: list["Plan"]) -> Iterator[tuple["Plan", Outcome]]:
        """Give the outcome of new products; those that cannot be written together are left out."""
        for some in batched(plans, TOGETHER):
            try:
                products = self._create([plan.fields for plan in some])
            except (DomainError, IntegrityError):
                continue  # one of them is wrong: each by itself says which
            for plan, product in zip(some, products, strict=True):
                yield plan, self._done(plan, product)

    @retried
    @transaction.atomic
    def _create(self, many: list[Fields]) -> list[Product]:
        paths = dict.fromkeys(row["category"] for row in many)
        keys = {path: self.known.categories.ensure(split_path(path)) for path in paths}
        rows = [{**row, "category": keys[row["category"]]} for row in many]
        products = create_products(actor=self.actor, many=rows)
        if self.is_dry_run:
            transaction.set_rollback(True)
        return products

    def _write(self, plan: "Plan") -> Outcome:
        try:
            return self._done(plan, self._write_one(plan))
        except DomainError as refusal:
            return Outcome.refused(plan.rows, errors_of(refusal, plan.rows[0]))

    @retried
    @transaction.atomic
    def _write_one(self, plan: "Plan") -> Product:
        fields = self._with_key(plan.fields)
        if plan.product is None:
            written = create_product(actor=self.actor, fields=fields)
        else:
            product_id = plan.product.pk
            written = update_product(product_id=product_id, actor=self.actor, fields=fields)
        if self.is_dry_run:
            transaction.set_rollback(True)
        return written

    def _with_key(self, fields: Fields) -> Fields:
        if "category" not in fields:
            return dict(fields)
        key = self.known.categories.ensure(split_path(fields["category"]))
        return {**fields, "category": key}

    def _done(self, plan: "Plan", product: Product) -> Outcome:
        if "category" in plan.fields and not self.is_dry_run:
            path = split_path(plan.fields["category"])
            self.known.categories.remember(path, product.category_id)
        kind = Kind.CHANGED if plan.product else Kind.NEW
        return Outcome(kind, plan.rows, changes=plan.changes, instance=product)


@dataclass(frozen=True)
class Plan:
    """What some rows ask to be written: of a product that is there, or of a new one."""

    rows: list[Row]
    product: Product | None
    fields: Fields
    changes: list[str]


def _tell(fields: Fields, product: Product, known: Known) -> list[str]:
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
