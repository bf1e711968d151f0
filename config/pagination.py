"""Numbered pages with a capped count, and keyset pages for deep reading."""

from __future__ import annotations

from collections import OrderedDict
from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple

from django.core import signing
from django.core.exceptions import ValidationError
from django.core.paginator import InvalidPage, Page, Paginator
from django.db.models import Field, Model, Q, QuerySet
from django.db.models.query import ModelIterable
from rest_framework import serializers
from rest_framework.exceptions import NotFound
from rest_framework.pagination import BasePagination, PageNumberPagination
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.urls import replace_query_param

if TYPE_CHECKING:
    from rest_framework.views import APIView

MAX_PAGE_SIZE = 100
DEFAULT_PAGE_SIZE = 20
COUNT_CAP = 10_000
NO_SUCH_PAGE = "There is no such page."
_SALT = "config.cursor"


class CappedPaginator(Paginator):
    """Counts up to COUNT_CAP rows and no further, or takes what somebody else has counted."""

    is_capped = False

    def __init__(self, rows: QuerySet, page_size: int, found: int | None = None) -> None:
        super().__init__(rows, page_size)
        self._found = found

    @property
    def count(self) -> int:  # type: ignore[override]
        if not hasattr(self, "_count"):
            if self._found is not None:
                found = self._found
            elif isinstance(self.object_list, QuerySet):
                # Keys alone: MariaDB would work out every column of every row that it counts.
                keys = self.object_list.order_by().values("pk")
                found = keys[: COUNT_CAP + 1].count()
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
    try:
        size = int(given)
    except ValueError:
        size = 0
    if size < 1:
        raise serializers.ValidationError({"page_size": ["Give a number from 1 to 100."]})
    return min(size, MAX_PAGE_SIZE)


class NumberedPagination(PageNumberPagination):
    django_paginator_class = CappedPaginator

    def get_page_size(self, request: Request) -> int:
        return read_page_size(request)

    def paginate_queryset(
        self, queryset: QuerySet, request: Request, view: APIView | None = None
    ) -> list[Any]:
        self.request = request
        found = getattr(view, "found", None)
        paginator = CappedPaginator(queryset, read_page_size(request), found)
        try:
            self.page = paginator.page(request.query_params.get("page") or 1)
        except InvalidPage:
            raise NotFound(NO_SUCH_PAGE)
        return _rows_of(self.page)

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


def _rows_of(page: Page) -> list[Any]:
    """Return a page's rows; behind the first one, what each row shows is read for them alone.

    A database works out the columns of every row that it skips, subqueries included: so it skips
    bare keys. The first page skips nothing and needs no second query.
    """
    rows, all_rows = page.object_list, page.paginator.object_list
    if page.number == 1 or not _has_models(all_rows):
        return list(rows)
    keys = list(rows.values_list("pk", flat=True))
    found = {row.pk: row for row in all_rows.filter(pk__in=keys).order_by()}
    return [found[key] for key in keys if key in found]  # but what was deleted meanwhile


def _has_models(rows: Any) -> bool:  # noqa: ANN401
    return isinstance(rows, QuerySet) and issubclass(rows._iterable_class, ModelIterable)


class Cursor(NamedTuple):
    """A place between two rows: after (or before) the row with this value and id."""

    ordering: str
    backwards: bool
    value: str
    pk: str

    def encode(self) -> str:
        return signing.dumps(self, salt=_SALT)

    @classmethod
    def decode(cls, given: str, ordering: str) -> Cursor:
        """Read a cursor that we made for this ordering, or raise NotFound."""
        try:
            cursor = cls(*signing.loads(given, salt=_SALT))
        except signing.BadSignature:
            raise NotFound(NO_SUCH_PAGE)
        if cursor.ordering != ordering:
            raise NotFound(NO_SUCH_PAGE)
        return cursor


class KeysetPagination(BasePagination):
    """Pages by value and id of the last row seen: deep pages cost what the first one does."""

    keys = ("created_at", "name", "price")
    default_ordering = "-created_at"

    def paginate_queryset(
        self, queryset: QuerySet, request: Request, view: APIView | None = None
    ) -> list[Any]:
        self.url = request.build_absolute_uri()
        self.ordering = self._ordering_of(queryset)
        given, size = request.query_params["cursor"], read_page_size(request)
        cursor = Cursor.decode(given, self.ordering) if given else None
        backwards = cursor is not None and cursor.backwards
        rows = list(self._seek(queryset, cursor)[: size + 1])
        has_more, page = len(rows) > size, rows[:size]
        if backwards:
            page.reverse()
        self.has_next = has_more or backwards
        self.has_previous = has_more if backwards else cursor is not None
        self.page = page
        return page

    def _ordering_of(self, queryset: QuerySet) -> str:
        """Return the first key of the queryset's ordering where a cursor can follow it."""
        first = (*queryset.query.order_by, self.default_ordering)[0]
        if str(first).lstrip("-") not in self.keys:
            message = "A cursor works with created_at, name, price and their reverse."
            raise serializers.ValidationError({"ordering": [message]})
        return str(first)

    def _seek(self, queryset: QuerySet, cursor: Cursor | None) -> QuerySet:
        """Order by key and id, and begin behind the cursor's row."""
        field = self.ordering.lstrip("-")
        descending = self.ordering.startswith("-") != bool(cursor and cursor.backwards)
        sign, beyond = ("-", "lt") if descending else ("", "gt")
        queryset = queryset.order_by(f"{sign}{field}", f"{sign}pk")
        if cursor is None:
            return queryset
        try:
            value = _field_named(queryset, field).to_python(cursor.value)
            pk = queryset.model._meta.pk.to_python(cursor.pk)
        except ValidationError:  # a cursor of another list
            raise NotFound(NO_SUCH_PAGE)
        # The first condition says nothing new, but lets an index on the key find the place.
        return queryset.filter(
            Q(**{f"{field}__{beyond}e": value}),
            Q(**{f"{field}__{beyond}": value}) | Q(**{f"pk__{beyond}": pk}),
        )

    def _link(self, row: Any, *, backwards: bool) -> str:  # noqa: ANN401
        field = self.ordering.lstrip("-")
        value, pk = (row[field], row["id"]) if isinstance(row, dict) else _key_of(row, field)
        text = value.isoformat() if isinstance(value, datetime) else str(value)
        cursor = Cursor(self.ordering, backwards, text, str(pk))
        return replace_query_param(self.url, "cursor", cursor.encode())

    def get_paginated_response(self, data: list[Any]) -> Response:
        page = self.page
        has_next, has_previous = page and self.has_next, page and self.has_previous
        return Response(
            {
                "next": self._link(page[-1], backwards=False) if has_next else None,
                "previous": self._link(page[0], backwards=True) if has_previous else None,
                "results": data,
            }
        )


def _field_named(queryset: QuerySet, name: str) -> Field:
    """Return the field of a column or of an annotation."""
    if annotation := queryset.query.annotations.get(name):
        return annotation.output_field
    return queryset.model._meta.get_field(name)


def _key_of(row: Model, field: str) -> tuple[Any, Any]:
    return getattr(row, field), row.pk


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
