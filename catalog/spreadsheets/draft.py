"""Reads the rows of one product and finds what they change of it."""

import json
from collections.abc import Mapping
from typing import Any

from django.utils.text import slugify
from rest_framework.serializers import ValidationError

from config.importing import Skip

from ..models import Product, Variant
from ..serializers.product_input import WriteProductSerializer
from .cells import Row, text_of
from .columns import (
    ATTRIBUTE,
    EMPTIED,
    OF_PRODUCT,
    OF_VARIANT,
    Names,
    as_attribute,
    attribute_texts,
    split_path,
    variant_values,
)
from .outcome import flatten

Fields = dict[str, Any]

_COLUMN_OF_FIELD = {field: column for column, field in OF_VARIANT.items()}
_MAX_DEPTH = 10
_MAX_NAME = 150


class Draft:
    """The rows of one product, compared with the product that is there, or with none."""

    def __init__(
        self,
        rows: list[Row],
        product: Product | None,
        values: Fields | None,
        variants: Mapping[str, Variant],
        body: WriteProductSerializer,
    ) -> None:
        self.rows = rows
        self.product = product
        self.values = values
        self.variants = {row.sku: variants.get(row.sku) for row in rows}
        self.body = body
        self.errors: list[Skip] = []

    def read(self) -> Fields:
        """Return what the services have to write: nothing where all is as it was."""
        self._check_owners()
        raw = self._product_cells()
        rows = [(row, cells) for row in self.rows if (cells := self._variant_cells(row))]
        if self.errors:
            return {}
        category = raw.pop("category", None)
        fields = self._validate(raw, rows)
        if category is not None and self._is_other_path(category):
            fields["category"] = category
        self._require(fields)
        return fields

    def _check_owners(self) -> None:
        if self.product is not None and self.product.archived_at:
            self._refuse(self.rows[0], "slug: this product was deleted")
        for row in self.rows:
            variant = self.variants[row.sku]
            if variant is None:
                continue
            if variant.archived_at:
                self._refuse(row, "sku: this variant was deleted")
            elif self.product is None or variant.product_id != self.product.pk:
                self._refuse(row, "sku: it belongs to another product")

    def _product_cells(self) -> Fields:
        """Return the cells that differ from the product; all its rows must say the same."""
        first = self.rows[0]
        raw = _differing(first.cells, OF_PRODUCT, self.values)
        if self.product is None and (slug := first.cells.get("slug", "").strip()):
            raw["slug"] = slug
        for row in self.rows[1:]:
            for column in OF_PRODUCT:
                cell = row.cells.get(column, "")
                if cell and cell != first.cells[column]:
                    self._refuse(row, f"{column}: the product's first row says otherwise")
        return raw

    def _variant_cells(self, row: Row) -> Fields:
        variant = self.variants[row.sku]
        raw = _differing(row.cells, OF_VARIANT, variant_values(variant) if variant else None)
        attributes = self._attributes(row, attribute_texts(variant) if variant else {})
        if attributes is not None:
            raw["attributes"] = attributes
        if variant is not None:
            return {"id": variant.pk, **raw} if raw else {}
        if stock := row.cells.get("stock", "").strip():
            raw["stock"] = stock
        if "price" not in raw:
            self._refuse(row, "price: give the price of a new variant")
        return {"sku": row.sku, **raw}

    def _attributes(self, row: Row, now: dict[str, str]) -> dict[str, str] | None:
        """Return the attributes that a row asks for, or None where they are so already."""
        wanted = dict(now)
        if "attributes" in row.cells:
            try:
                named = json.loads(row.cells["attributes"].strip() or "{}")
            except (ValueError, RecursionError):
                named = None
            if not isinstance(named, dict):
                self._refuse(row, 'attributes: write them as {"color": "red"}')
                return None
            wanted = {name: as_attribute(value) for name, value in named.items()}
        for column, cell in row.cells.items():
            if not column.startswith(ATTRIBUTE):
                continue
            name = column.removeprefix(ATTRIBUTE)
            if text := cell.strip():
                wanted[name] = cell if cell == now.get(name) else text
            else:
                wanted.pop(name, None)
        return None if wanted == now else wanted

    def _validate(self, raw: Fields, rows: list[tuple[Row, Fields]]) -> Fields:
        data = raw | ({"variants": [cells for _, cells in rows]} if rows else {})
        if not data:
            return {}
        try:
            fields = dict(self.body.run_validation(data))
        except ValidationError as refusal:
            self._note(dict(refusal.detail), rows)
            return {}
        changed = [self._changed(row) for row in fields.pop("variants", [])]
        if self.values is not None:
            fields = {k: v for k, v in fields.items() if not _is_same(k, self.values[k], v)}
        if kept := [row for row in changed if row.keys() - {"id"}]:
            fields["variants"] = kept
        return fields

    def _changed(self, row: Fields) -> Fields:
        """Leave out what was written otherwise and means the same, such as 10 for 10.00."""
        if "id" not in row:
            return dict(row)
        variant = next(v for v in self.variants.values() if v and v.pk == row["id"])
        now = {**variant_values(variant), "attributes": attribute_texts(variant), "id": None}
        return {k: v for k, v in row.items() if k == "id" or v != now[k]}

    def _note(self, errors: Fields, rows: list[tuple[Row, Fields]]) -> None:
        of_rows = errors.pop("variants", {})
        if isinstance(of_rows, list):
            of_rows = dict(enumerate(of_rows))
        for place, (row, _) in enumerate(rows):
            wrong = of_rows.pop(place, {})
            named = wrong if isinstance(wrong, dict) else {"variants": wrong}
            for text in flatten({_COLUMN_OF_FIELD.get(name, name): t for name, t in named.items()}):
                self._refuse(row, text)
        for text in flatten({**errors, **of_rows}):
            self._refuse(self.rows[0], text)

    def _is_other_path(self, category: str) -> bool:
        path = split_path(category)
        if len(path) > _MAX_DEPTH or any(
            not 0 < len(name) <= _MAX_NAME or "\0" in name for name in path
        ):
            self._refuse(self.rows[0], "category: write its path as in Lighting > Desk lamps")
            return False
        return self.values is None or path != _path(self.values)

    def _require(self, fields: Fields) -> None:
        if self.product is not None or self.errors:
            return
        for name in ("name", "category"):
            if not fields.get(name):
                self._refuse(self.rows[0], f"{name}: give that of a new product")

    def _refuse(self, row: Row, reason: str) -> None:
        self.errors.append(Skip(row.number, row.sku, reason))


def _path(values: Fields) -> Names:
    return split_path(values["category"])


def _differing(cells: Mapping[str, str], columns: dict[str, str], now: Fields | None) -> Fields:
    """Return the cells that say something else than what is there."""
    raw: Fields = {}
    for column, field in columns.items():
        cell = cells.get(column)
        if cell is None or (now is not None and cell == text_of(now[field])):
            continue
        if cell.strip():
            raw[field] = _split_tags(cell) if field == "tags" else cell
        elif column in EMPTIED:
            raw[field] = EMPTIED[column]
    return raw


def _split_tags(cell: str) -> list[str]:
    return [tag.strip() for tag in cell.split(",") if tag.strip()]


def _is_same(field: str, now: Any, wanted: Any) -> bool:  # noqa: ANN401
    if field == "tags":
        return {slugify(tag) or tag for tag in now} == {slugify(tag) or tag for tag in wanted}
    if field == "tax_class":
        return now == wanted.lower()
    return now == wanted
