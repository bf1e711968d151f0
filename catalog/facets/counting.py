"""Facets are exact up to EXACT matches; of more they are estimated. None says more than COUNT_CAP.

One query reads the columns of all facets and one names the categories, however many rows and
values there are; a facet whose own filter is in use reads its column again, without that filter.
Where very many products match, a random sample of them is read first: no word costs more than
the others.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any

from django.conf import settings
from django.db.models import Q, QuerySet

from config.money import format_money
from config.pagination import COUNT_CAP

from ..filters import by_id_or_slug
from ..models import Category, Product
from ..search.samples import level_of, sample
from .price_ranges import price_ranges

Products = QuerySet[Product]
Chosen = Collection[str]
Facet = list[dict[str, Any]]

MAX_BRANDS = 20
MAX_CATEGORIES = 30
MAX_ATTRIBUTES = 10
MAX_VALUES = 20
STARS = (4, 3, 2, 1)
ATTRIBUTES = "attribute_values"
# What each facet reads of a product.
COLUMNS = {
    "categories": "category__path",
    "brands": "brand",
    "price_ranges": "price",
    "ratings": "rating",
    "in_stock": "in_stock",
    "attributes": ATTRIBUTES,
}


# So many matches are all read; and so many, estimated, surely are more.
EXACT, SURELY_MORE = 25_000, 37_500
# So many say enough about more; where nobody knows how many there are, one of 512 is looked at.
SAMPLE, COARSE = 2500, 9


@dataclass(frozen=True)
class Narrowing:
    """What a client chose: the values of each facet, and the products without that choice."""

    chosen: Mapping[str, Chosen]  # by facet; attributes by `attr_<name>`
    without: Mapping[str, Products]  # likewise


class Matches:
    """Columns of the products that match; each read stands for `weight` that do."""

    def __init__(self, rows: Sequence[Sequence[Any]], names: Sequence[str], level: int) -> None:
        empty: list[Sequence[Any]] = [()] * len(names)
        self.columns = dict(zip(names, zip(*rows, strict=True) if rows else empty, strict=True))
        self.level, self.weight = level, 1 << level
        self.found = len(rows) * self.weight

    def counted(self, column: str) -> dict[Any, int]:
        return {value: n * self.weight for value, n in Counter(self.columns[column]).items()}


def count_facets(
    products: Products, narrowing: Narrowing, most: int | None = None
) -> tuple[dict[str, Any], int]:
    """Return all facets, and how many products match: exact up to EXACT, then an estimate.

    `most` is a number that no more than match, or None where that is not known.
    """
    matches = _read(products, list(COLUMNS.values()), _first_level(most))

    def of(facet: str) -> Matches:
        others = narrowing.without.get(facet)
        return matches if others is None else _read(others, [COLUMNS[facet]], matches.level)

    chosen = narrowing.chosen
    counted = {
        "categories": _categories(of("categories"), chosen.get("categories", ())),
        "brands": _brands(of("brands"), chosen.get("brands", ())),
        "price_ranges": _price_ranges(of("price_ranges")),
        "ratings": _ratings(of("ratings")),
        "attributes": _attributes(matches, narrowing),
        "in_stock": _in_stock(of("in_stock")),
    }
    return counted, matches.found


def _read(products: Products, columns: Sequence[str], level: int) -> Matches:
    """Read columns of a sample that says enough, or of all that match where these are few.

    `level` is where to begin; 0 is all.
    """
    rows = products.order_by().values_list(*columns)
    is_more = False  # than EXACT, which is certain once that many were read
    while True:
        part = list((sample(rows, level) if level else rows)[: EXACT + 1])
        if not level:
            if len(part) <= EXACT:
                return Matches(part, columns, 0)
            is_more, level = True, COARSE
            continue
        found = len(part) << level
        fitting = max(level_of(found, SAMPLE), 1) if is_more or found >= SURELY_MORE else 0
        if fitting >= level:
            return Matches(part, columns, level)
        level = fitting


def _first_level(most: int | None) -> int:
    if most is None:
        return COARSE
    return min(level_of(most, SAMPLE), COARSE) if most > EXACT else 0


def _categories(matches: Matches, chosen: Chosen) -> Facet:
    """Count into each category what it and those below it hold; `parent` makes a tree of them."""
    counts: dict[int, int] = defaultdict(int)
    depths: dict[int, int] = {}
    for path, count in matches.counted("category__path").items():
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


def _brands(matches: Matches, chosen: Chosen) -> Facet:
    counts = matches.counted("brand")
    counts.pop("", None)
    return _most_frequent(counts, chosen, MAX_BRANDS)


def _most_frequent(counts: Mapping[str, int], chosen: Chosen, limit: int) -> Facet:
    """Show the most frequent values, and those chosen that are further down."""
    ranked = sorted(counts, key=lambda value: (-counts[value], value))
    shown = ranked[:limit] + [value for value in ranked[limit:] if value in chosen]
    return [{"value": value, "count": _capped(counts[value])} for value in shown]


def _price_ranges(matches: Matches) -> Facet:
    currency = settings.STORE_CURRENCY
    return [
        {
            "min": format_money(low, currency),
            "max": format_money(high, currency),
            "count": _capped(count * matches.weight),
        }
        for low, high, count in price_ranges(matches.columns["price"], currency)
    ]


def _ratings(matches: Matches) -> Facet:
    counts = matches.counted("rating").items()
    at_least = {stars: sum(n for rating, n in counts if rating >= stars) for stars in STARS}
    return [
        {"min_rating": stars, "count": _capped(count)} for stars, count in at_least.items() if count
    ]


def _in_stock(matches: Matches) -> dict[str, int]:
    counts = matches.counted("in_stock")
    return {"true": _capped(counts.get(True, 0)), "false": _capped(counts.get(False, 0))}


def _attributes(matches: Matches, narrowing: Narrowing) -> dict[str, Facet]:
    """Show the names whose frequent values most products have; what is chosen always."""
    by_name = _count_values(matches)
    chosen = {
        name.removeprefix("attr_"): values
        for name, values in narrowing.chosen.items()
        if name.startswith("attr_")
    }
    for name in chosen:
        if (others := narrowing.without.get(f"attr_{name}")) is not None:
            by_name[name] = _count_values(_read(others, [ATTRIBUTES], matches.level)).get(name, {})
    facets = {
        name: _most_frequent(counts, chosen.get(name, ()), MAX_VALUES)
        for name, counts in by_name.items()
        if counts and (name in chosen or _is_choice(counts, matches.weight))
    }
    covered = {name: sum(row["count"] for row in facet) for name, facet in facets.items()}
    ranked = sorted(facets, key=lambda name: (name not in chosen, -covered[name], name))
    return {name: facets[name] for name in ranked[:MAX_ATTRIBUTES]}


def _count_values(matches: Matches) -> dict[str, dict[str, int]]:
    """Count products by the names and values of their attributes."""
    texts = matches.columns[ATTRIBUTES]
    lines = Counter(chain.from_iterable(text.split("\n") for text in texts))
    by_name: dict[str, dict[str, int]] = defaultdict(dict)
    for line, count in lines.items():
        name, _, value = line.partition("\t")
        if name:
            by_name[name][value] = count * matches.weight
    return by_name


def _is_choice(counts: Mapping[str, int], weight: int) -> bool:
    """Tell a color from a part number, of which nearly every product has its own."""
    return len(counts) <= MAX_VALUES or 2 * sum(counts.values()) > 3 * weight * len(counts)


def _capped(count: int) -> int:
    return min(count, COUNT_CAP)
