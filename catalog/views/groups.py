"""Categories, collections and tags: everybody reads, staff write."""

from abc import abstractmethod
from typing import Any

from django.db.models import QuerySet
from django.http import Http404
from django.urls import reverse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_view
from rest_framework import status
from rest_framework.generics import get_object_or_404
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import BaseSerializer, ValidationError
from rest_framework.viewsets import GenericViewSet

from accounts.rights import staff_may
from config.parsers import LimitedJSONParser

from ..filters import by_id_or_slug, read_boolean
from ..models import Category, Collection, Tag
from ..permissions import ReadOrStaff
from ..selectors import category_tree, with_product_count
from ..serializers.categories import (
    CategorySerializer,
    CollectionSerializer,
    FlatCategorySerializer,
    TagSerializer,
    WriteCategorySerializer,
    WriteCollectionSerializer,
    WriteTagSerializer,
)
from ..services.categories import create_category, delete_category, update_category
from ..services.collections import create_collection, delete_collection, update_collection
from ..services.tags import create_tag, delete_tag, update_tag
from .conditional import ConditionalReads
from .old_slugs import RedirectsOldSlugs

FLAT = OpenApiParameter("flat", OpenApiTypes.BOOL, description="All in one list, no `children`.")


class GroupViewSet(RedirectsOldSlugs, ConditionalReads, GenericViewSet):
    """Base of the three: what differs is named by the class."""

    permission_classes = [ReadOrStaff]
    filter_backends = []
    model: type[Category] | type[Collection] | type[Tag]
    write_serializer: type[BaseSerializer]
    address: str

    def group(self) -> Category | Collection | Tag:
        """Return the row that the path names by id or slug."""
        return get_object_or_404(
            self.model, by_id_or_slug(self.kwargs[self.model._meta.model_name])
        )

    def body(self, request: Request, *, partial: bool = False) -> dict[str, Any]:
        """Return the valid fields of the request."""
        body = self.write_serializer(data=request.data, partial=partial)
        body.is_valid(raise_exception=True)
        return dict(body.validated_data)

    def shown(self, pk: int) -> dict[str, Any]:
        """Return a row as a response shows it."""
        return self.get_serializer(get_object_or_404(self.get_queryset(), pk=pk)).data

    def created(self, pk: int) -> Response:
        location = self.request.build_absolute_uri(reverse(self.address, args=[pk]))
        return Response(self.shown(pk), status.HTTP_201_CREATED, headers={"Location": location})

    def list(self, request: Request) -> Response:
        page = self.paginate_queryset(self.get_queryset())
        return self.get_paginated_response(self.get_serializer(page, many=True).data)

    def retrieve(self, request: Request, **kwargs: str) -> Response:
        return Response(self.shown(self.group().pk))

    def update(self, request: Request, **kwargs: str) -> Response:
        return self._change(self.group(), self.body(request))

    def partial_update(self, request: Request, **kwargs: str) -> Response:
        return self._change(self.group(), self.body(request, partial=True))

    @abstractmethod
    def save(self, pk: int, fields: dict[str, Any]) -> None:
        """Write the fields of a request to a row."""

    @abstractmethod
    def remove(self, pk: int) -> None:
        """Delete a row."""

    def _change(self, group: Category | Collection | Tag, fields: dict[str, Any]) -> Response:
        self.save(group.pk, fields)
        return Response(self.shown(group.pk))

    def destroy(self, request: Request, **kwargs: str) -> Response:
        self.remove(self.group().pk)
        return Response(status=status.HTTP_204_NO_CONTENT)


@extend_schema(tags=["categories"])
@extend_schema_view(
    update=extend_schema(request=WriteCategorySerializer),
    partial_update=extend_schema(request=WriteCategorySerializer(partial=True)),
)
class CategoryViewSet(GroupViewSet):
    """The tree of categories; product counts are of whole subtrees."""

    model = Category
    parser_classes = [LimitedJSONParser, MultiPartParser]  # a picture comes in a form
    queryset = Category.objects.none()
    serializer_class = CategorySerializer
    write_serializer = WriteCategorySerializer
    pagination_class = None
    address = "category"

    @extend_schema(parameters=[FLAT], responses=CategorySerializer(many=True))
    def list(self, request: Request) -> Response:
        rows = category_tree(hidden=staff_may(request.user, "catalog.view_category"))
        context = self.get_serializer_context()
        try:
            flat = read_boolean(request.query_params.get("flat") or "false")
        except ValidationError as problem:
            raise ValidationError({"flat": problem.detail})
        if flat:
            return Response(FlatCategorySerializer(rows, many=True, context=context).data)
        roots = [row for row in rows if row.parent_id is None]
        return Response(CategorySerializer(roots, many=True, context=context).data)

    def shown(self, pk: int) -> dict[str, Any]:
        root = get_object_or_404(Category, pk=pk)
        hidden = staff_may(self.request.user, "catalog.view_category")
        if not hidden and root.is_hidden():
            raise Http404
        (root,) = [row for row in category_tree(root, hidden=hidden) if row.pk == pk]
        return self.get_serializer(root).data

    @extend_schema(request=WriteCategorySerializer, responses={201: CategorySerializer})
    def create(self, request: Request) -> Response:
        return self.created(create_category(fields=self.body(request)).pk)

    def save(self, pk: int, fields: dict[str, Any]) -> None:
        update_category(category_id=pk, fields=fields)

    def remove(self, pk: int) -> None:
        delete_category(category_id=pk)


@extend_schema(tags=["categories"])
@extend_schema_view(
    update=extend_schema(request=WriteCollectionSerializer),
    partial_update=extend_schema(request=WriteCollectionSerializer(partial=True)),
)
class CollectionViewSet(GroupViewSet):
    """Hand-picked sets of products."""

    model = Collection
    parser_classes = [LimitedJSONParser, MultiPartParser]
    queryset = Collection.objects.none()
    serializer_class = CollectionSerializer
    write_serializer = WriteCollectionSerializer
    address = "collection"

    def get_queryset(self) -> QuerySet[Collection]:
        return with_product_count(Collection.objects.order_by("title", "pk"))

    @extend_schema(request=WriteCollectionSerializer, responses={201: CollectionSerializer})
    def create(self, request: Request) -> Response:
        return self.created(create_collection(fields=self.body(request)).pk)

    def save(self, pk: int, fields: dict[str, Any]) -> None:
        update_collection(collection_id=pk, fields=fields)

    def remove(self, pk: int) -> None:
        delete_collection(collection_id=pk)


@extend_schema(tags=["categories"])
@extend_schema_view(
    update=extend_schema(request=WriteTagSerializer),
    partial_update=extend_schema(request=WriteTagSerializer(partial=True)),
)
class TagViewSet(GroupViewSet):
    """Words on products."""

    model = Tag
    queryset = Tag.objects.none()
    serializer_class = TagSerializer
    write_serializer = WriteTagSerializer
    address = "tag"

    def get_queryset(self) -> QuerySet[Tag]:
        return with_product_count(Tag.objects.order_by("name", "pk"))

    @extend_schema(request=WriteTagSerializer, responses={201: TagSerializer})
    def create(self, request: Request) -> Response:
        return self.created(create_tag(fields=self.body(request)).pk)

    def save(self, pk: int, fields: dict[str, Any]) -> None:
        update_tag(tag_id=pk, fields=fields)

    def remove(self, pk: int) -> None:
        delete_tag(tag_id=pk)
