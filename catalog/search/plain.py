"""Matching without an index: every row is looked at."""

from django.db.models import Case, Exists, IntegerField, OuterRef, Q, QuerySet, Value, When

from ..models import Product, Variant

MAX_WORDS = 10


def find_products(products: QuerySet[Product], text: str) -> QuerySet[Product]:
    """Keep products that have every word in name, brand, SKU or description, with `relevance`."""
    for word in text.split()[:MAX_WORDS]:
        skus = Variant.objects.filter(product=OuterRef("pk"), sku__icontains=word)
        products = products.filter(
            Q(name__icontains=word)
            | Q(brand__icontains=word)
            | Q(description__icontains=word)
            | Q(Exists(skus))
        )
    phrase = text.strip()
    relevance = Case(
        When(name__iexact=phrase, then=Value(4)),
        When(name__istartswith=phrase, then=Value(3)),
        When(name__icontains=phrase, then=Value(2)),
        When(brand__iexact=phrase, then=Value(1)),
        default=Value(0),
        output_field=IntegerField(),
    )
    return products.annotate(relevance=relevance)
