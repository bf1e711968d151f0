"""Invents products: the same number and seed always give the same product."""

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from functools import lru_cache
from itertools import product as combinations
from random import Random

from .money import believable
from .words import AISLES, COLLECTIONS, TAGS, Aisle

_MOST_VARIANTS = 4
_SOLD_OUT_SHARE = 0.06
_FLASH_SHARE = 0.02
_FEATURED_SHARE = 0.03
_REDUCED_SHARE = 0.25
_AGE_DAYS = 180


@dataclass(frozen=True)
class InventedVariant:
    sku: str
    name: str
    attributes: dict[str, str]
    price: Decimal
    compare_at_price: Decimal | None
    cost_price: Decimal
    barcode: str
    on_hand: int


@dataclass(frozen=True)
class InventedProduct:
    number: int
    aisle: Aisle
    name: str
    brand: str
    description: str
    grams: int
    age: timedelta
    featured: bool
    flash_percentage: Decimal | None
    tags: tuple[str, ...]
    collections: tuple[str, ...]
    variants: tuple[InventedVariant, ...]

    @property
    def cheapest(self) -> InventedVariant:
        return min(self.variants, key=lambda variant: variant.price)


def invent(number: int, *, seed: int, prefix: str = "") -> InventedProduct:
    """Invent product `number`, counted from 1; the aisles take turns."""
    dice = Random(f"{seed}:{prefix}:{number}")  # noqa: S311
    turn, place = divmod(number - 1, len(AISLES))
    aisle = AISLES[place]
    names = _mixed_names(place, seed)
    edition, at = divmod(turn, len(names))  # when all words are used up, a number tells apart
    brand, style, noun = names[at]
    name = f"{brand} {style} {noun}" + (f" No. {edition + 1}" if edition else "")
    return InventedProduct(
        number=number,
        aisle=aisle,
        name=name,
        brand=brand,
        description=_describe(aisle, name, style, noun, dice),
        grams=dice.randint(*aisle.grams),
        age=timedelta(minutes=dice.randint(0, _AGE_DAYS * 24 * 60)),
        featured=dice.random() < _FEATURED_SHARE,
        flash_percentage=Decimal(dice.choice((10, 15, 20, 30)))
        if dice.random() < _FLASH_SHARE
        else None,
        tags=tuple(dice.sample(TAGS, dice.randint(1, 3))),
        collections=_collections(aisle, dice),
        variants=_variants(aisle, f"{prefix}{aisle.code}-{turn + 1:04d}", dice),
    )


@lru_cache(maxsize=128)
def _mixed_names(place: int, seed: int) -> list[tuple[str, str, str]]:
    """Return all brands, styles and nouns of an aisle in an order that the seed gives."""
    aisle = AISLES[place]
    names = list(combinations(aisle.brands, aisle.styles, aisle.nouns))
    Random(f"{seed}:{aisle.code}").shuffle(names)  # noqa: S311
    return names


def _describe(aisle: Aisle, name: str, style: str, noun: str, dice: Random) -> str:
    told = dice.sample(aisle.sentences, min(3, len(aisle.sentences)))
    words = {"style": style.lower(), "noun": noun.lower()}
    first = f"The {name} is one of the favourites of our {aisle.name.lower()} shelf."
    return " ".join([first, *(sentence.format(**words) for sentence in told)])


def _collections(aisle: Aisle, dice: Random) -> tuple[str, ...]:
    return tuple(
        title for title, _, codes in COLLECTIONS if aisle.code in codes and dice.random() < 0.3
    )


def _variants(aisle: Aisle, sku: str, dice: Random) -> tuple[InventedVariant, ...]:
    """Invent the variants of a product: each size or capacity up costs a little more."""
    base = dice.uniform(*aisle.prices)
    is_reduced = dice.random() < _REDUCED_SHARE
    is_sold_out = dice.random() < _SOLD_OUT_SHARE
    facts = {name: dice.choice(values) for name, values in aisle.facts.items()}
    choices = _choices(aisle, dice)
    variants = []
    for place, choice in enumerate(choices):
        rupees = base * (1 + 0.18 * _step(aisle, choice))
        price, before = believable(rupees), believable(rupees * 1.3)
        variants.append(
            InventedVariant(
                sku=sku if len(choices) == 1 else f"{sku}-{place + 1}",
                name=" / ".join(choice.values()),
                attributes=choice | facts,
                price=price,
                compare_at_price=before if is_reduced and before > price else None,
                cost_price=believable(base * 0.55),
                barcode=_barcode(dice),
                on_hand=0 if is_sold_out or dice.random() < 0.05 else dice.randint(3, 150),
            )
        )
    return tuple(variants)


def _choices(aisle: Aisle, dice: Random) -> list[dict[str, str]]:
    if not aisle.options:
        return [{}]
    all_of_them = [
        dict(zip(aisle.options, values, strict=True))
        for values in combinations(*aisle.options.values())
    ]
    kept = dice.sample(
        range(len(all_of_them)), dice.randint(1, min(_MOST_VARIANTS, len(all_of_them)))
    )
    return [all_of_them[place] for place in sorted(kept)]


def _step(aisle: Aisle, choice: dict[str, str]) -> int:
    """Return how far up the first option lies, where it is one that makes goods dearer."""
    for name in ("capacity", "volume", "weight"):
        if name in aisle.options:
            return aisle.options[name].index(choice[name])
    return 0


def _barcode(dice: Random) -> str:
    """Make an EAN of the range 2…, which shops give to goods of their own."""
    digits = [2, *(dice.randint(0, 9) for _ in range(11))]
    check = -sum(digit * (3 if place % 2 else 1) for place, digit in enumerate(digits)) % 10
    return "".join(map(str, [*digits, check]))
