"""What became, or would become, of rows of a file."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from django.db.models import Model

from config.errors import DomainError
from config.importing import Skip, Skips

from .cells import Row, text_of

_SHOWN = 60


class Kind(StrEnum):
    NEW = "new"
    CHANGED = "changed"
    UNCHANGED = "as they were"
    REFUSED = "refused"


@dataclass
class Outcome:
    """One thing that rows describe, with what changes of it or why nothing does."""

    kind: Kind
    rows: list[Row]
    changes: list[str] = field(default_factory=list)
    errors: list[Skip] = field(default_factory=list)
    instance: Model | None = None

    @classmethod
    def refused(cls, rows: list[Row], errors: list[Skip]) -> "Outcome":
        """Refuse rows that belong together because of those that are wrong."""
        named = {error.row for error in errors}
        others = [
            Skip(row.number, row.sku, "another row of this product is wrong")
            for row in rows
            if row.number not in named
        ]
        return cls(Kind.REFUSED, rows, errors=[*errors, *others])


def tally(outcomes: Iterable[Outcome], skips: Skips, noun: str) -> Counter[str]:
    """Count what became of all rows, and note each row that was refused."""
    counts: Counter[str] = Counter()
    for outcome in outcomes:
        for error in outcome.errors:
            skips.add(error)
        if outcome.rows:
            counts[f"{noun} {outcome.kind}"] += 1
    return counts


def tell_change(column: str, old: Any, new: Any) -> str:  # noqa: ANN401
    """Say what changes in a line that fits into a table."""
    return f"{column}: {_short(old)} → {_short(new)}"


def _short(value: Any) -> str:  # noqa: ANN401
    text = " ".join(text_of(value).split()) or "–"
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"


def errors_of(refusal: DomainError, row: Row) -> list[Skip]:
    """Return why a service refused a row."""
    if refusal.code != "validation_error":
        return [Skip(row.number, row.sku, refusal.message)]
    return [Skip(row.number, row.sku, text) for text in flatten(refusal.details)]


def flatten(errors: Any, name: str = "") -> Iterator[str]:  # noqa: ANN401
    """Give the texts of nested field errors, each with the name of its field."""
    if isinstance(errors, dict):
        for key, value in errors.items():
            yield from flatten(value, name or ("" if key == "non_field_errors" else str(key)))
    elif isinstance(errors, list):
        for value in errors:
            yield from flatten(value, name)
    else:
        yield f"{name}: {errors}" if name else str(errors)
