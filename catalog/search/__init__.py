"""How products are found by words: one function in front of each database's own engine."""

from dataclasses import dataclass

from django.db.models import FloatField, QuerySet, Value

from ..models import Product, SearchDocument
from .engines import Expression
from .queries import read_query
from .ranking import relevance

# More matches than this are not ranked: in stock and best sold first, at the cost of a page.
RANKED = 5000


# What can be bought before what is sold out, where both match as well; an index has this order.
BY_RELEVANCE = ("-relevance", "-in_stock", "-sold_count")


@dataclass(frozen=True)
class Found:
    """Products that match, with a `relevance`; and what a misspelt query was taken as."""

    products: QuerySet[Product]
    corrected_query: str | None = None


def search_products(products: QuerySet[Product], text: str) -> Found:
    """Narrow products to those that match the words of a text, however it is spelt."""
    query = read_query(text)
    if query is None:
        return Found(products.none().annotate(relevance=Value(0.0)))
    expression = query.all_words()
    size = _count(expression)
    has_all = size > 0
    if not has_all:
        query.loosen(RANKED)
        expression = query.most_words()
        size = sum(term.frequency for term in query.terms)
    rank = relevance(query, has_all=has_all) if size <= RANKED else Value(0.0, FloatField())
    found = products.filter(search_document__name__matches=expression)
    return Found(found.annotate(relevance=rank), query.corrected())


def _count(expression: Expression) -> int:
    return SearchDocument.objects.filter(name__matches=expression)[: RANKED + 1].count()
