"""How products are found by words: one function in front of each database's own engine."""

from dataclasses import dataclass

from django.db.models import FloatField, QuerySet, Value

from ..models import Product, SearchDocument
from .queries import Query, read_query
from .ranking import relevance

# More matches than this are only ordered by stock and sales, which an index does. Of a million
# products that is where looking for the best sold twenty begins to cost less than ranking all.
RANKED = 5000

# What can be bought before what is sold out, where both match as well; an index has this order.
BY_RELEVANCE = ("-relevance", "-in_stock", "-sold_count")


@dataclass(frozen=True)
class Found:
    """Products that match, with a `relevance`; and what a misspelt query was taken as."""

    products: QuerySet[Product]
    corrected_query: str | None = None
    most: int | None = None  # no more than so many match, where that is known


def search_products(products: QuerySet[Product], text: str) -> Found:
    """Narrow products to those that match the words of a text, however it is spelt."""
    query = read_query(text, common=RANKED)
    if query is None:
        return Found(products.none().annotate(relevance=Value(0.0, FloatField())))
    expression, size = query.all_words(), _size(query)
    has_all = size > 0
    if not has_all:
        query.loosen()
        expression, size = query.most_words(), sum(term.frequency for term in query.terms)
    rank = relevance(query, has_all=has_all) if size <= RANKED else Value(0.0, FloatField())
    found = products.filter(search_document__name__matches=expression)
    most = query.most() if has_all and size > RANKED else max(size, RANKED)
    return Found(found.annotate(relevance=rank), query.corrected(), most)


def _size(query: Query) -> int:
    """Return how many products have all words; any number over RANKED stands for the others."""
    if query.least() > RANKED:
        return query.least()
    matches = SearchDocument.objects.filter(name__matches=query.all_words())
    return matches[: 1 if query.has_rare_word() else RANKED + 1].count()
