"""What is shown below a search field while somebody types, in a query for each of its lists."""

from django.db.models import Case, Q, QuerySet, Value, When

from .models import Category, Product, SuggestedQuery
from .search import search_products
from .selectors import products_for_list
from .services.queries import normalised

MIN_LENGTH = 2
PRODUCTS = 5
CATEGORIES = 3
QUERIES = 5


def suggested_products(products: QuerySet[Product], text: str) -> QuerySet[Product]:
    """Return the products that fit best."""
    found = search_products(products, text).products
    return products_for_list(found.order_by("-relevance", "-in_stock", "pk"))[:PRODUCTS]


def suggested_categories(text: str) -> QuerySet[Category]:
    """Return categories of whose name a word begins so; first those whose name begins so."""
    begins = Q(name__istartswith=text)
    place = Case(When(begins, then=Value(0)), default=Value(1))
    found = Category.objects.shown().filter(begins | Q(name__icontains=f" {text}"))
    return found.order_by(place, "name", "pk")[:CATEGORIES]


def suggested_queries(text: str) -> list[str]:
    """Return what many have searched that begins so."""
    allowed = SuggestedQuery.objects.filter(is_blocked=False)
    found = allowed.filter(text__startswith=normalised(text))
    return list(found.order_by("-times", "key").values_list("text", flat=True)[:QUERIES])
