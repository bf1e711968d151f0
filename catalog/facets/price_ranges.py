"""A few ranges with round bounds, each with about as many prices."""

from bisect import bisect_left
from collections.abc import Sequence
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from itertools import pairwise
from typing import NamedTuple

from config.money import minor_unit

RANGES = 5
_ROUND = [Decimal(step) for step in ("1", "1.5", "2", "3", "4", "5", "6", "8", "10")]


class PriceRange(NamedTuple):
    """Prices from `low` to `high`, both included, as the filters of prices take them."""

    low: Decimal
    high: Decimal
    count: int


def price_ranges(prices: Sequence[Decimal], currency: str) -> list[PriceRange]:
    """Cut prices into at most RANGES ranges that do not overlap and leave none out."""
    if not prices:
        return []
    ordered = sorted(prices)
    unit = minor_unit(currency)
    cuts = [ordered[len(ordered) * part // RANGES] for part in range(1, RANGES)]
    # The first bound lies at or under the lowest price, the last one above the highest.
    bounds = {_round_down(ordered[0], unit), _round_up(ordered[-1] + unit, unit)}
    bounds |= {round_near(cut, unit) for cut in cuts if round_near(cut, unit) > ordered[0]}
    places = [(bound, bisect_left(ordered, bound)) for bound in sorted(bounds)]
    return [
        PriceRange(low, high - unit, until - since)
        for (low, since), (high, until) in pairwise(places)
        if until > since
    ]


def round_near(amount: Decimal, unit: Decimal) -> Decimal:
    """Return the round number that is nearest to an amount."""
    return min(_round_numbers(amount, unit), key=lambda number: (abs(number - amount), number))


def _round_down(amount: Decimal, unit: Decimal) -> Decimal:
    return max(number for number in _round_numbers(amount, unit) if number <= amount)


def _round_up(amount: Decimal, unit: Decimal) -> Decimal:
    return min(number for number in _round_numbers(amount, unit) if number >= amount)


def _round_numbers(amount: Decimal, unit: Decimal) -> list[Decimal]:
    """Return zero and the round numbers around an amount, in whole units of the currency."""
    power = Decimal(1).scaleb(max(amount, unit).adjusted())
    numbers = {step * power for step in _ROUND}
    whole = {number.quantize(unit, ROUND_FLOOR) for number in numbers}
    return [0 * unit, *sorted(whole | {(10 * power).quantize(unit, ROUND_CEILING)})]
