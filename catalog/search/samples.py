"""Random parts of the products that match, as cheap to find as a word is.

Of two products one has the first sample word in its document, of four one the second, and so on.
"""

from zlib import crc32

from django.db.models import QuerySet

from ..models import Product
from .engines import Word

_LEVELS = 16
SAMPLE_WORDS = [f"samplesamplesample{level}x" for level in range(1, _LEVELS + 1)]


def sample_words(product_id: int) -> list[str]:
    """Return the sample words of a product's document."""
    chance = crc32(str(product_id).encode()) | 1 << _LEVELS
    return SAMPLE_WORDS[: (chance & -chance).bit_length() - 1]


def sample(products: QuerySet[Product], level: int) -> QuerySet[Product]:
    """Keep a random part of products: of two to the power of `level` one."""
    word = SAMPLE_WORDS[level - 1]
    return products.filter(search_document__name__matches=Word(word))


def level_of(matches: int, wanted: int) -> int:
    """Return the level at which a sample has no more than `wanted` of so many matches."""
    return min(max(matches - 1, 0) // wanted, 2**_LEVELS - 1).bit_length()
