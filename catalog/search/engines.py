"""Which products have which words: one condition, spoken in the language of each database."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Lookup
from django.db.models.sql.compiler import SQLCompiler

from ..models import SearchDocument


@dataclass(frozen=True)
class Word:
    text: str
    is_prefix: bool = False


@dataclass(frozen=True)
class AllOf:
    parts: Sequence[Expression]


@dataclass(frozen=True)
class AnyOf:
    parts: Sequence[Expression]


Expression = Word | AllOf | AnyOf


def to_postgresql(expression: Expression) -> str:
    """Write a tsquery; words have no signs in them that would need more than quotes."""
    match expression:
        case Word(text, is_prefix):
            return f"'{text}':*" if is_prefix else f"'{text}'"
        case AllOf(parts):
            return f"({' & '.join(map(to_postgresql, parts))})"
        case AnyOf(parts):
            return f"({' | '.join(map(to_postgresql, parts))})"


def to_sqlite(expression: Expression) -> str:
    """Write an FTS5 expression."""
    match expression:
        case Word(text, is_prefix):
            return f'"{text}"*' if is_prefix else f'"{text}"'
        case AllOf(parts):
            return f"({' AND '.join(map(to_sqlite, parts))})"
        case AnyOf(parts):
            return f"({' OR '.join(map(to_sqlite, parts))})"


def to_mysql(expression: Expression) -> str:
    """Write a boolean expression; "zz" stands before every word so that none is short or common."""
    match expression:
        case Word(text, is_prefix):
            return f"zz{text}*" if is_prefix else f"zz{text}"
        case AllOf(parts):
            return f"({' '.join(f'+{to_mysql(part)}' for part in parts)})"
        case AnyOf(parts):
            return f"({' '.join(map(to_mysql, parts))})"


class Matches(Lookup):
    """The condition that a document meets an expression, answered by the full-text index."""

    lookup_name = "matches"
    prepare_rhs = False

    def _table(self, compiler: SQLCompiler) -> str:
        return compiler.quote_name_unless_alias(self.lhs.alias)

    def as_postgresql(self, compiler: SQLCompiler, connection: object) -> tuple[str, list[str]]:
        return f"{self._table(compiler)}.vector @@ %s::tsquery", [to_postgresql(self.rhs)]

    def as_mysql(self, compiler: SQLCompiler, connection: object) -> tuple[str, list[str]]:
        sql = f"MATCH ({self._table(compiler)}.words) AGAINST (%s IN BOOLEAN MODE)"
        return sql, [to_mysql(self.rhs)]

    def as_sqlite(self, compiler: SQLCompiler, connection: object) -> tuple[str, list[str]]:
        index = "SELECT rowid FROM catalog_searchindex WHERE catalog_searchindex MATCH %s"
        return f"{self._table(compiler)}.product_id IN ({index})", [to_sqlite(self.rhs)]


# The index is of all columns together: `name__matches` stands for the whole document.
SearchDocument._meta.get_field("name").register_lookup(Matches)
