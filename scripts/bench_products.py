"""Invented products whose words are as unevenly common as those of a language."""

import random
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import accumulate

from django.conf import settings
from django.db import connection, transaction
from tqdm import tqdm

from catalog.models import Category, Product, ProductAttribute, Stock, Variant
from config.bulk import insert_rows
from config.importing import batched

BATCH = 10_000
UNIVERSAL = "quality"  # stands in every description
TYPES = (
    "shirt headphones lamp backpack kettle mug blender sofa keyboard monitor printer camera"
    " bicycle helmet tent jacket sneakers watch wallet perfume notebook pencil guitar drum puzzle"
    " doll robot charger cable adapter router speaker microphone tripod lens mattress pillow"
    " blanket curtain carpet drill hammer wrench ladder hose shovel pan knife plate bowl bottle"
    " thermos toaster oven freezer fan heater vacuum broom razor shampoo"
)
KINDS = (
    "classic modern compact wireless portable foldable rugged slim premium basic vintage electric"
    " manual smart quiet bright heavy light soft sturdy"
)
COLORS = "black white red blue green grey beige pink yellow brown"
MATERIALS = "cotton steel leather wood glass plastic wool bamboo ceramic aluminium"
SYLLABLES = "ka ro mi te lu san ver do pil en tor ga bri sol ne fa chi mar vo lent"
TYPES, KINDS, COLORS, MATERIALS, SYLLABLES = (
    words.split() for words in (TYPES, KINDS, COLORS, MATERIALS, SYLLABLES)
)

_random = random.Random(20260131)


def _word(parts: int) -> str:
    return "".join(_random.choice(SYLLABLES) for _ in range(parts))


BRANDS = [_word(2).title() for _ in range(300)]
VOCABULARY = sorted({_word(_random.randint(2, 4)) for _ in range(30_000)})
_random.shuffle(VOCABULARY)


def _zipf(words: list[str]) -> list[float]:
    return list(accumulate(1 / (rank + 2) for rank in range(len(words))))


_OF_TYPES, _OF_BRANDS, _OF_WORDS = _zipf(TYPES), _zipf(BRANDS), _zipf(VOCABULARY)


def _model_of(number: int) -> str:
    return f"{SYLLABLES[number % 20][:2].upper()}-{number * 7919 % 10_000_019:07d}"


def _words(texts: Iterable[str]) -> list[dict[str, str]]:
    return [{"q": text} for text in texts]


# What is asked, by kind: the parameters of GET search/.
QUERIES = {
    "rare word": _words(VOCABULARY[3_000:3_020]),
    "word of one in a hundred": _words(VOCABULARY[180:200]),
    "common word": _words(TYPES[:10]),
    "universal word": _words([UNIVERSAL]),
    "two broad words": _words(
        f"{color} {kind}" for color, kind in zip(COLORS, TYPES, strict=False)
    ),
    "three broad words": _words(f"{COLORS[n]} {MATERIALS[n]} {TYPES[n]}" for n in range(10)),
    "typing error": _words(
        ["hedphones", "bakpack", "keybord", "camra", "helmt", "jaket", "blendr"]
    ),
    "beginning of three letters": _words(["hea", "key", "mic", "mat", "not", "bic", "sne", "sku"]),
    "part number": _words(_model_of(number) for number in range(1, 20_000, 997)),
    "nothing found": _words(["zzqx", "qqwzz", "xxyyzzq"]),
    "common word and filters": [
        {"q": kind, "attr_color": color, "min_price": "500"}
        for color, kind in zip(COLORS, TYPES, strict=False)
    ],
    "category page": [{"category": kind} for kind in TYPES[:10]],
    "everything": [{}],
}


def fill(size: int) -> int:
    """Add the products that are missing up to `size`; return how many."""
    last = Product.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    categories = _categories()
    numbers = range(last + 1, size + 1)
    with tqdm(total=size, initial=min(last, size), unit="product", mininterval=2) as bar:
        for batch in batched(numbers, BATCH):
            with transaction.atomic():
                _write(batch, categories)
            bar.update(len(batch))
    return len(numbers)


def _categories() -> list[int]:
    """Return the categories of the types, each below one of six roots."""
    for number, name in enumerate([f"Department {n}" for n in range(1, 7)] + TYPES, 1):
        root = (number - 7) % 6 + 1 if number > 6 else None
        Category.objects.update_or_create(
            pk=number,
            defaults={
                "name": name.title(),
                "slug": name.replace(" ", "-").lower(),
                "parent_id": root,
                "path": f"/{root}/{number}/" if root else f"/{number}/",
            },
        )
    return list(range(7, 7 + len(TYPES)))


def _write(numbers: list[int], categories: list[int]) -> None:
    now = datetime(2026, 1, 31, tzinfo=UTC)
    made = [_product(number, now, categories) for number in numbers]
    insert_rows(Product, list(made[0]), [list(row.values()) for row in made])
    with connection.cursor() as cursor:
        cursor.execute(_VARIANTS, [numbers[0], numbers[-1]])
        cursor.execute(_STOCK, [numbers[0], numbers[-1]])
        cursor.execute(_ATTRIBUTES, [numbers[0], numbers[-1]])


def _product(number: int, now: datetime, categories: list[int]) -> dict[str, object]:
    chance = random.Random(number)
    index = chance.choices(range(len(TYPES)), cum_weights=_OF_TYPES)[0]
    (brand,) = chance.choices(BRANDS, cum_weights=_OF_BRANDS)
    words = chance.choices(VOCABULARY, cum_weights=_OF_WORDS, k=18)
    color, material = chance.choice(COLORS), chance.choice(MATERIALS)
    price = Decimal(round(chance.lognormvariate(6.5, 1.1), 2)).quantize(Decimal("0.01"))
    name = f"{brand} {chance.choice(KINDS)} {color} {material} {TYPES[index]} {_model_of(number)}"
    return {
        "id": number,
        "name": name,
        "slug": f"product-{number}",
        "description": f"{' '.join(words).capitalize()}. {UNIVERSAL.title()} that lasts.",
        "brand": brand,
        "category": categories[index],
        "currency": settings.STORE_CURRENCY,
        "base_price": price,
        "price": price,
        "in_stock": chance.random() < 0.9,
        "sold_count": int(chance.paretovariate(1.2)),
        "rating": Decimal(chance.randint(20, 50)) / 10,
        "attribute_values": Product.attribute_text(
            [("color", color), ("material", material), ("size", str(number % 7))]
        ),
        "external_source": f"{color}|{material}",
        "external_id": str(number),
        "created_at": now - timedelta(minutes=number),
        "updated_at": now,
    }


# In SQL, because nothing else writes a million rows in minutes.
_RANGE = "FROM catalog_product WHERE id BETWEEN %s AND %s"
_VARIANTS = f"""
INSERT INTO {Variant._meta.db_table} (id, product_id, sku, name, attributes, price, barcode,
    low_stock_threshold, is_active, position, created_at)
SELECT id, id, 'SKU-' || id, '', jsonb_build_object('color', split_part(external_source, '|', 1),
    'material', split_part(external_source, '|', 2), 'size', (id %% 7)::text), price, '', 5, true,
    0, created_at {_RANGE}
"""
_STOCK = f"""
INSERT INTO {Stock._meta.db_table} (variant_id, on_hand, reserved)
SELECT id, CASE WHEN in_stock THEN 10 ELSE 0 END, 0 {_RANGE}
"""
_ATTRIBUTES = f"""
INSERT INTO {ProductAttribute._meta.db_table} (product_id, name, value)
SELECT product_id, pair.key, pair.value FROM {Variant._meta.db_table}
CROSS JOIN jsonb_each_text(attributes) AS pair WHERE product_id BETWEEN %s AND %s
"""  # noqa: S608
