"""Each facet counts at most COUNT_CAP matches, so that no word costs more than the others.

One query reads the columns of all facets and one names the categories, however many rows and
values there are; a facet whose own filter is in use reads its column again, without that filter.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import chain
from typing import Any

from django.conf import settings
from django.db.models import Q, QuerySet

from config.money import format_money
from config.pagination import COUNT_CAP

from ..filters import by_id_or_slug
from ..models import Category, Product
from .price_ranges import price_ranges

Products = QuerySet[Product]
Chosen = Collection[str]
Facet = list[dict[str, Any]]

MAX_BRANDS = 20
MAX_CATEGORIES = 30
MAX_ATTRIBUTES = 10
MAX_VALUES = 20
STARS = (4, 3, 2, 1)
# What each facet reads of a product.
COLUMNS = {
    "categories": "category__path",
    "brands": "brand",
    "price_ranges": "price",
    "ratings": "rating",
    "in_stock": "in_stock",
    "attributes": "attribute_values",
}


@dataclass(frozen=True)
class Narrowing:
    """What a client chose: the values of each facet, and the products without that choice."""

    chosen: Mapping[str, Chosen]  # by facet; attributes by `attr_<name>`
    without: Mapping[str, Products]  # likewise


def count_facets(products: Products, narrowing: Narrowing) -> tuple[dict[str, Any], int]:
    """Return all facets, and how many products match: exact up to COUNT_CAP, then one more."""
    rows = list(products.order_by().values_list(*COLUMNS.values())[: COUNT_CAP + 1])
    values = dict(zip(COLUMNS, zip(*rows, strict=True) if rows else [()] * 6, strict=True))
    for facet, others in narrowing.without.items():
        if facet in COLUMNS:
            values[facet] = _read(others, COLUMNS[facet])
    chosen = narrowing.chosen
    counted = {
        "categories": _categories(values["categories"], chosen.get("categories", ())),
        "brands": _brands(values["brands"], chosen.get("brands", ())),
        "price_ranges": _price_ranges(values["price_ranges"]),
        "ratings": _ratings(values["ratings"]),
        "attributes": _attributes(values["attributes"], narrowing),
        "in_stock": _in_stock(values["in_stock"]),
    }
    return counted, len(rows)


def _read(products: Products, column: str) -> Sequence[Any]:
    return products.order_by().values_list(column, flat=True)[:COUNT_CAP]


def _categories(paths: Iterable[str], chosen: Chosen) -> Facet:
    """Count into each category what it and those below it hold; `parent` makes a tree of them."""
    counts: Counter[int] = Counter()
    depths: dict[int, int] = {}
    for path, count in Counter(paths).items():
        for depth, pk in enumerate(path.strip("/").split("/")):
            counts[int(pk)] += count
            depths[int(pk)] = depth
    # A parent never counts less than its children: what is shown hangs together.
    ranked = sorted(counts, key=lambda pk: (-counts[pk], depths[pk], pk))
    wanted = Q(pk__in=ranked[:MAX_CATEGORIES])
    for value in chosen:
        wanted |= by_id_or_slug(value)
    rows = Category.objects.shown().filter(wanted).in_bulk() if ranked else {}
    return [
        {
            "id": pk,
            "slug": rows[pk].slug,
            "name": rows[pk].name,
            "parent": rows[pk].parent_id,
            "count": _capped(counts[pk]),
        }
        for pk in ranked
        if pk in rows
    ]


def _brands(brands: Iterable[str], chosen: Chosen) -> Facet:
    counts = Counter(brands)
    counts.pop("", None)
    return _most_frequent(counts, chosen, MAX_BRANDS)


def _most_frequent(counts: Counter[str], chosen: Chosen, limit: int) -> Facet:
    """Show the most frequent values, and those chosen that are further down."""
    ranked = sorted(counts, key=lambda value: (-counts[value], value))
    shown = ranked[:limit] + [value for value in ranked[limit:] if value in chosen]
    return [{"value": value, "count": _capped(counts[value])} for value in shown]


def _price_ranges(prices: Iterable[Decimal]) -> Facet:
    currency = settings.STORE_CURRENCY
    return [
        {
            "min": format_money(low, currency),
            "max": format_money(high, currency),
            "count": _capped(count),
        }
        for low, high, count in price_ranges(list(prices), currency)
    ]


def _ratings(ratings: Iterable[Decimal]) -> Facet:
    counts = Counter(int(rating) for rating in ratings)
    at_least = {stars: sum(n for full, n in counts.items() if full >= stars) for stars in STARS}
    return [
        {"min_rating": stars, "count": _capped(count)} for stars, count in at_least.items() if count
    ]


def _in_stock(flags: Iterable[bool]) -> dict[str, int]:
    counts = Counter(flags)
    return {"true": _capped(counts[True]), "false": _capped(counts[False])}


def _attributes(texts: Iterable[str], narrowing: Narrowing) -> dict[str, Facet]:
    """Show the names whose frequent values most products have; what is chosen always."""
    by_name = _count_values(texts)
    chosen = {
        name.removeprefix("attr_"): values
        for name, values in narrowing.chosen.items()
        if name.startswith("attr_")
    }
    for name in chosen:
        if (others := narrowing.without.get(f"attr_{name}")) is not None:
            by_name[name] = _count_values(_read(others, "attribute_values")).get(name, Counter())
    facets = {
        name: _most_frequent(counts, chosen.get(name, ()), MAX_VALUES)
        for name, counts in by_name.items()
        if counts and (name in chosen or _is_choice(counts))
    }
    covered = {name: sum(row["count"] for row in facet) for name, facet in facets.items()}
    ranked = sorted(facets, key=lambda name: (name not in chosen, -covered[name], name))
    return {name: facets[name] for name in ranked[:MAX_ATTRIBUTES]}


def _count_values(texts: Iterable[str]) -> dict[str, Counter[str]]:
    """Count products by the names and values of their attributes."""
    lines = Counter(chain.from_iterable(text.split("\n") for text in texts))
    by_name: dict[str, Counter[str]] = {}
    for line, count in lines.items():
        name, _, value = line.partition("\t")
        if name:
            by_name.setdefault(name, Counter())[value] = count
    return by_name


def _is_choice(counts: Counter[str]) -> bool:
    """Tell a color from a part number, of which nearly every product has its own."""
    return len(counts) <= MAX_VALUES or 2 * counts.total() > 3 * len(counts)


def _capped(count: int) -> int:
    return min(count, COUNT_CAP)
