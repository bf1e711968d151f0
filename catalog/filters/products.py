"""How product lists narrow: one function a parameter; bad values are 400 with the field."""

import re
from collections.abc import Callable, Container

from django.contrib.auth.models import AnonymousUser
from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.http import QueryDict
from django.utils import timezone
from rest_framework.filters import BaseFilterBackend
from rest_framework.request import Request
from rest_framework.serializers import ValidationError
from rest_framework.views import APIView

from accounts.models import Seller, User
from accounts.rights import staff_may

from ..models import Category, Collection, Product, ProductAttribute, Tag
from ..search import BY_RELEVANCE, search_products
from .values import find_all, read_boolean, read_number, spelt

Products = QuerySet[Product]
_ATTRIBUTE = re.compile(r"[\w -]{1,50}")


# Each takes all values of its parameter; where one counts, it is the last.


def _search(products: Products, values: list[str]) -> Products:
    return search_products(products, values[-1][:200]).products


def _category(products: Products, values: list[str]) -> Products:
    return _within(products, find_all(Category.objects.shown(), values))


def _any_category(products: Products, values: list[str]) -> Products:
    return _within(products, find_all(Category.objects.all(), values))


def _within(products: Products, categories: list[Category]) -> Products:
    within = Q()
    for category in categories:
        within |= Q(path__startswith=category.path)
    return products.filter(category__in=Category.objects.filter(within))


def _collection(products: Products, values: list[str]) -> Products:
    links = Product.collections.through.objects.filter(
        product=OuterRef("pk"), collection__in=find_all(Collection.objects.all(), values)
    )
    return products.filter(Exists(links))


def _tag(products: Products, values: list[str]) -> Products:
    links = Product.tags.through.objects.filter(
        product=OuterRef("pk"), tag__in=find_all(Tag.objects.all(), values)
    )
    return products.filter(Exists(links))


def _seller(products: Products, values: list[str]) -> Products:
    return products.filter(seller__in=find_all(Seller.objects.all(), values))


def _brand(products: Products, values: list[str]) -> Products:
    return spelt(products, "brand", values)


def _min_price(products: Products, values: list[str]) -> Products:
    return products.filter(price__gte=read_number(values[-1]))


def _max_price(products: Products, values: list[str]) -> Products:
    return products.filter(price__lte=read_number(values[-1]))


def _min_rating(products: Products, values: list[str]) -> Products:
    return products.filter(rating__gte=read_number(values[-1]))


def _on_sale(products: Products, values: list[str]) -> Products:
    on_sale = Q(compare_at_price__isnull=False, compare_at_price__gt=F("price"))
    return products.filter(on_sale if read_boolean(values[-1]) else ~on_sale)


def _flash_sale(products: Products, values: list[str]) -> Products:
    running = Product.flash_sale_running(timezone.now())
    return products.filter(running if read_boolean(values[-1]) else ~running)


def _flag(column: str) -> Callable[[Products, list[str]], Products]:
    return lambda products, values: products.filter(**{column: read_boolean(values[-1])})


PRODUCT_FILTERS: dict[str, Callable[[Products, list[str]], Products]] = {
    "search": _search,
    "category": _category,
    "collection": _collection,
    "tag": _tag,
    "seller": _seller,
    "brand": _brand,
    "min_price": _min_price,
    "max_price": _max_price,
    "min_rating": _min_rating,
    "in_stock": _flag("in_stock"),
    "on_sale": _on_sale,
    "featured": _flag("featured"),
    "best_seller": _flag("best_seller"),
    "flash_sale": _flash_sale,
}


def filter_by_attribute(products: Products, name: str, values: list[str]) -> Products:
    """Keep products with an active variant whose attribute has one of the values."""
    if not _ATTRIBUTE.fullmatch(name):
        return products.none()
    rows = ProductAttribute.objects.filter(product=OuterRef("pk"), name=name)
    return products.filter(Exists(spelt(rows, "value", values)))


def filter_products(
    products: Products,
    query: QueryDict,
    user: User | AnonymousUser,
    *,
    leave_out: Container[str] = (),
) -> Products:
    """Apply the product filters of a query string but some, or raise with every bad field.

    To all but staff, a hidden category is none.
    """
    filters = PRODUCT_FILTERS | ({"category": _any_category} if user.is_staff else {})
    problems: dict[str, list[str]] = {}
    for name in query:
        values = [text for value in query.getlist(name) if (text := value.replace("\0", ""))]
        if not values or name in leave_out:
            continue
        try:
            if name in filters:
                products = filters[name](products, values)
            elif name.startswith("attr_"):
                products = filter_by_attribute(products, name.removeprefix("attr_"), values)
        except ValidationError as problem:
            problems[name] = [str(text) for text in problem.detail]
    if problems:
        raise ValidationError(problems)
    return products


def filter_managed(products: Products, query: QueryDict, user: User) -> Products:
    """Apply `mine` and `is_active`, which only sellers and staff may use."""
    if not (user.is_authenticated and (user.is_seller or staff_may(user, "catalog.view_product"))):
        return products
    for name in ("mine", "is_active"):
        if not (value := query.get(name)):
            continue
        try:
            wanted = read_boolean(value)
        except ValidationError as problem:
            raise ValidationError({name: problem.detail})
        if name == "is_active":
            products = products.filter(is_active=wanted)
        elif wanted:
            products = products.filter(seller__user=user)
    return products


ORDERINGS = {
    "price": "price",
    "name": "name",
    "created_at": "created_at",
    "rating": "rating",
    "popularity": "sold_count",
}


def order_products(products: Products, query: QueryDict, default: str) -> Products:
    """Order by `ordering`, or by relevance where words are searched; always ending in the id."""
    searched = bool(query.get("search", "").replace("\0", ""))
    given = query.get("ordering") or ("relevance" if searched else default)
    columns = [name for word in given.split(",") for name in _columns(word.strip(), searched)]
    direction = "-" if columns[-1].startswith("-") else ""
    return products.order_by(*columns, f"{direction}pk")


def _columns(word: str, searched: bool) -> list[str]:
    direction, name = ("-", word[1:]) if word.startswith("-") else ("", word)
    if name == "relevance" and searched:
        return list(BY_RELEVANCE)  # nobody asks for the worst match first
    if name not in ORDERINGS:
        known = ", ".join([*ORDERINGS, "relevance (with search)"])
        raise ValidationError({"ordering": [f"Order by one of {known}, each with - or without."]})
    return [direction + ORDERINGS[name]]


class ProductFilterBackend(BaseFilterBackend):
    """All filters and orderings of product lists; the view names its `default_ordering`."""

    def filter_queryset(self, request: Request, queryset: Products, view: APIView) -> Products:
        query = request.query_params
        products = filter_products(queryset, query, request.user)
        products = filter_managed(products, query, request.user)
        return order_products(products, query, view.default_ordering)
