"""Which products have which words: one condition, spoken in the language of each database."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import BooleanField, F, Func


@dataclass(frozen=True)
class Word:
    text: str
    is_prefix: bool = False


@dataclass(frozen=True)
class All:
    parts: Sequence[Expression]


@dataclass(frozen=True)
class Any_:
    parts: Sequence[Expression]


Expression = Word | All | Any_


def to_postgresql(expression: Expression) -> str:
    """Write a tsquery; words have no signs in them that would need more than quotes."""
    match expression:
        case Word(text, is_prefix):
            return f"'{text}':*" if is_prefix else f"'{text}'"
        case All(parts):
            return f"({' & '.join(map(to_postgresql, parts))})"
        case Any_(parts):
            return f"({' | '.join(map(to_postgresql, parts))})"


def to_sqlite(expression: Expression) -> str:
    """Write an FTS5 expression."""
    match expression:
        case Word(text, is_prefix):
            return f'"{text}"*' if is_prefix else f'"{text}"'
        case All(parts):
            return f"({' AND '.join(map(to_sqlite, parts))})"
        case Any_(parts):
            return f"({' OR '.join(map(to_sqlite, parts))})"


def to_mysql(expression: Expression) -> str:
    """Write a boolean expression; "zz" stands before every word so that none is short or common."""
    match expression:
        case Word(text, is_prefix):
            return f"zz{text}*" if is_prefix else f"zz{text}"
        case All(parts):
            return f"({' '.join(f'+{to_mysql(part)}' for part in parts)})"
        case Any_(parts):
            return f"({' '.join(map(to_mysql, parts))})"


class Matches(Func):
    """The condition that a product's words meet an expression, answered by the full-text index."""

    output_field = BooleanField()
    conditional = True

    def __init__(self, expression: Expression, document: str = "") -> None:
        super().__init__(F(f"{document}name"))
        self.expression = expression

    def _table(self, compiler: Any) -> str:  # noqa: ANN401
        return compiler.quote_name_unless_alias(self.source_expressions[0].alias)

    def as_postgresql(self, compiler: Any, connection: Any, **context: Any) -> tuple[str, list]:  # noqa: ANN401
        return f"{self._table(compiler)}.vector @@ %s::tsquery", [to_postgresql(self.expression)]

    def as_mysql(self, compiler: Any, connection: Any, **context: Any) -> tuple[str, list]:  # noqa: ANN401
        sql = f"MATCH ({self._table(compiler)}.words) AGAINST (%s IN BOOLEAN MODE)"
        return sql, [to_mysql(self.expression)]

    def as_sqlite(self, compiler: Any, connection: Any, **context: Any) -> tuple[str, list]:  # noqa: ANN401
        index = "SELECT rowid FROM catalog_searchindex WHERE catalog_searchindex MATCH %s"
        return f"{self._table(compiler)}.product_id IN ({index})", [to_sqlite(self.expression)]
