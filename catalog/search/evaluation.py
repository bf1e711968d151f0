"""How good the search is: what a file of queries expects, held against what is found."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import log2
from typing import Any

from ..models import Product
from . import BY_RELEVANCE, search_products

TOP = 10
_MAX_GRADE = 100


class UnreadableQueries(Exception):
    """Raised with what is wrong with a file of queries."""


@dataclass(frozen=True)
class Judged:
    """A query, and how good each product is as an answer to it; one not named is no answer."""

    query: str
    ratings: Mapping[str, float]


def read_queries(records: Any) -> list[Judged]:  # noqa: ANN401
    """Read what a JSON file held, or raise UnreadableQueries."""
    if not isinstance(records, list):
        raise UnreadableQueries("The file must hold a list of queries.")
    return [_read(number, record) for number, record in enumerate(records, 1)]


def _read(number: int, record: Any) -> Judged:  # noqa: ANN401
    if not isinstance(record, dict) or not isinstance(record.get("query"), str):
        raise UnreadableQueries(f"Entry {number} has no query.")
    ratings, expected = record.get("ratings"), record.get("expected")
    pairs = ratings.items() if isinstance(ratings, dict) else None
    if isinstance(expected, list):
        pairs = ((key, 1) for key in expected)
    if pairs is None:
        raise UnreadableQueries(f"Entry {number} has neither expected ids nor ratings.")
    try:
        grades = {str(key): float(grade) for key, grade in pairs}
    except (TypeError, ValueError):
        raise UnreadableQueries(f"A rating of entry {number} is no number.")
    if not all(0 <= grade <= _MAX_GRADE for grade in grades.values()):
        raise UnreadableQueries(f"A rating of entry {number} is not from 0 to {_MAX_GRADE}.")
    return Judged(record["query"], grades)


def find(query: str) -> list[str]:
    """Return the imported ids of the ten products that are listed first."""
    found = search_products(Product.objects.listed().exclude(external_id=None), query).products
    ordered = found.order_by(*BY_RELEVANCE, "-pk")
    return [key or "" for key in ordered.values_list("external_id", flat=True)[:TOP]]


def measure(judged: Judged, found: list[str]) -> dict[str, float]:
    """Return reciprocal rank, recall and NDCG of one answer."""
    good = {key for key, grade in judged.ratings.items() if grade > 0}
    ranks = [rank for rank, key in enumerate(found, 1) if key in good]
    gained = _gain(judged.ratings.get(key, 0) for key in found)
    best = _gain(sorted(judged.ratings.values(), reverse=True)[:TOP])
    return {
        "MRR": 1 / ranks[0] if ranks else 0.0,
        "recall": len(ranks) / min(len(good), TOP) if good else 0.0,
        "NDCG": gained / best if best else 0.0,
    }


def _gain(grades: Iterable[float]) -> float:
    return sum((2**grade - 1) / log2(rank + 1) for rank, grade in enumerate(grades, 1))


def mean(measures: list[dict[str, float]]) -> dict[str, float]:
    """Return the mean of each figure."""
    return {name: sum(each[name] for each in measures) / len(measures) for name in measures[0]}
