from typing import Any

from django.db.models import QuerySet
from django.http import QueryDict
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.generics import GenericAPIView
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import ValidationError

from ..facets import Narrowing, count_facets
from ..filters import read_boolean
from ..filters.products import filter_managed, filter_products, order_products
from ..models import Product
from ..search import Found, search_products
from ..selectors import products_for_list
from ..serializers.categories import CategoryRefSerializer
from ..serializers.products import ProductSerializer
from ..serializers.search import SearchPageSerializer, SuggestionsSerializer
from ..services.queries import record_search
from ..suggestions import (
    MIN_LENGTH,
    suggested_categories,
    suggested_products,
    suggested_queries,
)
from .conditional import ConditionalReads
from .parameters import PRODUCT_PARAMETERS

MAX_LENGTH = 200
MAX_OWN_COUNTS = 10  # attributes that are counted without their own filter
QUERY = OpenApiParameter("q", OpenApiTypes.STR, description="What is searched; may be empty.")
FACETS = OpenApiParameter(
    "facets", OpenApiTypes.BOOL, description="False: without facets, as further pages need none."
)
PREFIX = OpenApiParameter(
    "q", OpenApiTypes.STR, description="From two characters on; for fewer all lists are empty."
)
FILTERS_OF_FACET = {
    "categories": ["category"],
    "brands": ["brand"],
    "price_ranges": ["min_price", "max_price"],
    "ratings": ["min_rating"],
    "in_stock": ["in_stock"],
}


class SearchView(ConditionalReads, GenericAPIView):
    """Products by words and filters, and by what they can be narrowed further."""

    queryset = Product.objects.none()
    serializer_class = ProductSerializer
    permission_classes = [AllowAny]
    filter_backends = []
    found: int | None = None  # where the facets have counted, the page need not

    @extend_schema(
        operation_id="search",
        tags=["search"],
        parameters=[
            QUERY,
            FACETS,
            *(parameter for parameter in PRODUCT_PARAMETERS if parameter.name != "search"),
        ],
        responses=SearchPageSerializer,
    )
    def get(self, request: Request) -> Response:
        query = _as_list_query(request.query_params)
        text = query.get("search", "")
        matches = self._matches(query, text)
        narrowed = self._narrowed(matches.products, query)
        ordered = order_products(narrowed, query, "-popularity")
        facets = None
        if _wants_facets(query):
            without = self._narrowing(matches.products, query)
            facets, self.found = count_facets(narrowed, without, matches.most)
        page = self.paginate_queryset(products_for_list(ordered))
        if _is_first_page(query):
            record_search(text=text, taken_as=matches.corrected_query or "", is_empty=not page)
        response = self.get_paginated_response(self.get_serializer(page, many=True).data)
        response.data |= {
            "facets": facets,
            "query": text,
            "corrected_query": matches.corrected_query,
        }
        return response

    def _matches(self, query: QueryDict, text: str) -> Found:
        """Return what matches the words alone, of what the caller may see."""
        visible = Product.objects.visible_to(self.request.user)
        visible = filter_managed(visible, query, self.request.user)
        return search_products(visible, text) if text else Found(visible)

    def _narrowed(
        self, products: QuerySet[Product], query: QueryDict, *others: str
    ) -> QuerySet[Product]:
        """Return what all filters leave, but for the words and some others."""
        return filter_products(products, query, self.request.user, leave_out=["search", *others])

    def _narrowing(self, products: QuerySet[Product], query: QueryDict) -> Narrowing:
        """Tell what is chosen in each facet, and what would be left without that choice."""
        attributes = [name for name in query if name.startswith("attr_")][:MAX_OWN_COUNTS]
        filters = FILTERS_OF_FACET | {name: [name] for name in attributes}
        chosen, without = {}, {}
        for facet, names in filters.items():
            values = [value for name in names for value in query.getlist(name) if value]
            if values:
                chosen[facet] = values
                without[facet] = self._narrowed(products, query, *names)
        return Narrowing(chosen, without)


def _as_list_query(parameters: QueryDict) -> QueryDict:
    """Return the parameters as product lists name them: `q` is their `search`."""
    query = parameters.copy()
    text = query.get("q", "") or query.get("search", "")
    query["search"] = text.strip()[:MAX_LENGTH]
    return query


def _wants_facets(query: QueryDict) -> bool:
    try:
        return read_boolean(query.get("facets") or "true")
    except ValidationError as problem:
        raise ValidationError({"facets": problem.detail})


def _is_first_page(query: QueryDict) -> bool:
    return query.get("page", "1") in ("", "1") and not query.get("cursor")


class SuggestionsView(ConditionalReads, GenericAPIView):
    """What to show below a search field while somebody types."""

    queryset = Product.objects.none()
    serializer_class = SuggestionsSerializer
    permission_classes = [AllowAny]
    pagination_class = None
    filter_backends = []

    @extend_schema(operation_id="search_suggestions", tags=["search"], parameters=[PREFIX])
    def get(self, request: Request) -> Response:
        text = request.query_params.get("q", "").strip()[:MAX_LENGTH]
        return Response(self._suggestions(text))

    def _suggestions(self, text: str) -> dict[str, Any]:
        if len(text) < MIN_LENGTH:
            return {"products": [], "categories": [], "queries": []}
        context = self.get_serializer_context()
        products = suggested_products(Product.objects.listed(), text)
        categories = suggested_categories(text)
        return {
            "products": ProductSerializer(products, many=True, context=context).data,
            "categories": CategoryRefSerializer(categories, many=True).data,
            "queries": suggested_queries(text),
        }
