"""What the audit trail may tell of a row: which fields, and which of them without their values."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.apps import apps
from django.core.serializers.json import DjangoJSONEncoder
from django.db.models import DecimalField, Field, Model
from django.db.models.fields.files import FieldFile

# Stands for a value that is there and is not told.
MASK = "…"
Values = dict[str, Any]
Changes = dict[str, list[Any]]


@dataclass(frozen=True)
class Audit:
    """How the trail treats a model, as its attribute `audit`; without one nothing is told."""

    # The attribute that names a row, maybe of a row that is loaded with it; never a person's name.
    name: str = ""
    # Personal or secret: the trail says that they changed, and not from what to what.
    masked: tuple[str, ...] = ()
    # Kept by the shop itself: they say nothing of what staff do.
    skipped: tuple[str, ...] = ()
    # If given, all other fields are masked.
    told: tuple[str, ...] | None = None

    def is_masked(self, field: str) -> bool:
        return field in self.masked or (self.told is not None and field not in self.told)


# Of models that are not ours; rights are only named as members of groups and people.
_GROUP = "auth.group"
_UNKNOWN = Audit(told=())
_FOREIGN = {_GROUP: Audit(name="name"), "auth.permission": Audit(name="codename")}


def audited_models() -> list[type[Model]]:
    """Return the models that the trail may speak of."""
    return [
        model
        for model in apps.get_models()
        if model._meta.label_lower == _GROUP or (hasattr(model, "audit") and not model._meta.proxy)
    ]


def rules_of(row: Model) -> Audit:
    return getattr(row, "audit", None) or _FOREIGN.get(row._meta.label_lower, _UNKNOWN)


def name_of(row: Model) -> str:
    """Return what staff know a row by, or nothing; no query is made for it."""
    value: Any = row
    for part in rules_of(row).name.split("."):
        if isinstance(value, Model) and part in _relations(value):
            value = value._state.fields_cache.get(part)
        else:
            value = getattr(value, part, "") if part else ""
    return str(value() if callable(value) else value or "")


def values_of(row: Model) -> Values:
    """Return the loaded values of a row that the trail tells or masks, in the form of JSON."""
    return {field.name: plain(field, getattr(row, field.attname)) for field in _fields_of(row)}


def plain(field: Field, value: Any) -> Any:  # noqa: ANN401
    """Bring a value into a form in which equal ones are equal and JSON can hold them."""
    if value is None or (isinstance(value, bool | int | str) and not _is_decimal(field)):
        return value
    if _is_decimal(field):
        number = Decimal(str(value))
        return f"{number.normalize():f}" if number else "0"
    if isinstance(value, FieldFile):
        return value.name or ""
    return json.loads(json.dumps(value, cls=DjangoJSONEncoder))


def told(rules: Audit, before: Values | None, after: Values | None) -> Changes:
    """Return what differs, with a mask in place of what is not told; None is no row."""
    changes: Changes = {}
    for name in {**(before or {}), **(after or {})}:
        old, new = (before or {}).get(name), (after or {}).get(name)
        is_whole = before is None or after is None
        if old == new or (is_whole and _is_empty(old) and _is_empty(new)):
            continue
        changes[name] = [_mask(old), _mask(new)] if rules.is_masked(name) else [old, new]
    return changes


def _fields_of(row: Model) -> Iterator[Field]:
    left_out = {*rules_of(row).skipped, *row.get_deferred_fields()}
    for field in row._meta.concrete_fields:
        is_kept = not (field.primary_key or field.generated or _is_automatic(field))
        if is_kept and field.name not in left_out and field.attname not in left_out:
            yield field


def _is_automatic(field: Field) -> bool:
    return field.name in ("created_at", "updated_at")


def _is_decimal(field: Field) -> bool:
    return isinstance(field, DecimalField)


def _relations(row: Model) -> set[str]:
    return {field.name for field in row._meta.concrete_fields if field.is_relation}


def _is_empty(value: Any) -> bool:  # noqa: ANN401
    return value in (None, "", [], {})


def _mask(value: Any) -> Any:  # noqa: ANN401
    return value if _is_empty(value) else MASK
