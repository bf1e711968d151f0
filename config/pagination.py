"""Numbered pages with a capped count, and keyset pages for deep reading."""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING, Any

from django.core.paginator import InvalidPage, Paginator
from django.db.models import QuerySet
from rest_framework import serializers
from rest_framework.exceptions import NotFound
from rest_framework.pagination import BasePagination, CursorPagination, PageNumberPagination
from rest_framework.request import Request
from rest_framework.response import Response

if TYPE_CHECKING:
    from rest_framework.views import APIView

MAX_PAGE_SIZE = 100
DEFAULT_PAGE_SIZE = 20
COUNT_CAP = 10_000


class CappedPaginator(Paginator):
    """Counts up to COUNT_CAP rows and no further."""

    is_capped = False

    @property
    def count(self) -> int:  # type: ignore[override]
        if not hasattr(self, "_count"):
            if isinstance(self.object_list, QuerySet):
                found = self.object_list.order_by()[: COUNT_CAP + 1].count()
            else:
                found = len(self.object_list)
            self.is_capped = found > COUNT_CAP
            self._count = min(found, COUNT_CAP)
        return self._count


def read_page_size(request: Request) -> int:
    """Read `page_size`: over 100 is 100; under 1 or not a number is refused."""
    given = request.query_params.get("page_size")
    if given is None or given == "":
        return DEFAULT_PAGE_SIZE
    if not given.isascii() or not given.lstrip("-").isdigit() or int(given) < 1:
        raise serializers.ValidationError({"page_size": ["Give a number from 1 to 100."]})
    return min(int(given), MAX_PAGE_SIZE)


class NumberedPagination(PageNumberPagination):
    django_paginator_class = CappedPaginator

    def get_page_size(self, request: Request) -> int:
        return read_page_size(request)

    def paginate_queryset(
        self, queryset: QuerySet, request: Request, view: APIView | None = None
    ) -> list[Any]:
        self.request = request
        paginator = CappedPaginator(queryset, read_page_size(request))
        try:
            self.page = paginator.page(request.query_params.get("page") or 1)
        except InvalidPage:
            raise NotFound("There is no such page.")
        return list(self.page)

    def get_paginated_response(self, data: list[Any]) -> Response:
        paginator = self.page.paginator
        body = OrderedDict(
            count=paginator.count,
            next=self.get_next_link(),
            previous=self.get_previous_link(),
            page=self.page.number,
            page_size=paginator.per_page,
            total_pages=paginator.num_pages,
            results=data,
        )
        if paginator.is_capped:
            body["count_is_capped"] = True
        return Response(body)

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        number = {"type": "integer"}
        link = {"type": "string", "format": "uri", "nullable": True}
        return {
            "type": "object",
            "required": ["results"],
            "properties": {
                "count": number | {"description": "Exact up to 10,000; absent with a cursor."},
                "count_is_capped": {"type": "boolean"},
                "next": link,
                "previous": link,
                "page": number,
                "page_size": number,
                "total_pages": number,
                "results": schema,
            },
        }


class KeysetPagination(CursorPagination):
    """Pages by the last row seen; its cost does not grow with depth."""

    keys = ("created_at", "name", "price")
    default_ordering = ("-created_at", "-pk")

    def get_page_size(self, request: Request) -> int:
        return read_page_size(request)

    def get_ordering(self, request: Request, queryset: QuerySet, view: APIView) -> tuple[str, ...]:
        """Return the queryset's own ordering where a cursor can follow it, else refuse."""
        order = tuple(str(field) for field in queryset.query.order_by) or self.default_ordering
        first = order[0]
        if first.lstrip("-") not in self.keys:
            message = "A cursor works with created_at, name, price and their reverse."
            raise serializers.ValidationError({"ordering": [message]})
        return order


class StorePagination(BasePagination):
    """Numbered pages, or keyset pages where `?cursor=` is given (empty to begin)."""

    page_size_query_param = "page_size"

    def paginate_queryset(
        self, queryset: QuerySet, request: Request, view: APIView | None = None
    ) -> list[Any]:
        wants_cursor = "cursor" in request.query_params
        self.chosen = KeysetPagination() if wants_cursor else NumberedPagination()
        return self.chosen.paginate_queryset(queryset, request, view=view)

    def get_paginated_response(self, data: list[Any]) -> Response:
        return self.chosen.get_paginated_response(data)

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        return NumberedPagination().get_paginated_response_schema(schema)

    def get_schema_operation_parameters(self, view: APIView) -> list[dict[str, Any]]:
        def parameter(name: str, kind: str, text: str) -> dict[str, Any]:
            return {"name": name, "in": "query", "description": text, "schema": {"type": kind}}

        return [
            parameter("page", "integer", "The number of the page, from 1."),
            parameter("page_size", "integer", "Rows a page: 20, at most 100."),
            parameter("cursor", "string", "Empty to begin keyset pagination."),
        ]
