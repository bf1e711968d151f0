"""How products are found by words: one function in front of each database's own engine."""

from dataclasses import dataclass

from django.db.models import QuerySet

from ..models import Product
from .plain import find_products


@dataclass(frozen=True)
class Found:
    """Products that match, with a `relevance`; and what a misspelt query was taken as."""

    products: QuerySet[Product]
    corrected_query: str | None = None


def search_products(products: QuerySet[Product], text: str) -> Found:
    """Narrow products to those that match the words of a text, however it is spelt."""
    return Found(find_products(products, text))
