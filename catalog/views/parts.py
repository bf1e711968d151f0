"""What belongs to one product: its variants and its pictures."""

from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.generics import get_object_or_404
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from config.parsers import LimitedJSONParser

from ..filters import by_id_or_slug
from ..models import Product, ProductImage, Variant
from ..permissions import ReadOrManageProduct, manages
from ..serializers.product_input import (
    NewVariantSerializer,
    WriteImageSerializer,
    WriteVariantSerializer,
)
from ..serializers.products import ImageSerializer, VariantSerializer
from ..services.images import add_image, delete_image, update_image
from ..services.variants import create_variant, delete_variant, update_variant
from .conditional import ConditionalReads
from .old_slugs import RedirectsOldSlugs


class ProductPartViewSet(RedirectsOldSlugs, ConditionalReads, GenericViewSet):
    """Base of the views below `products/{product}/`."""

    permission_classes = [ReadOrManageProduct]
    filter_backends = []
    is_part_of_product = True

    def product(self) -> Product:
        """Return the product of the path, if the user may do this with it."""
        visible = Product.objects.visible_to(self.request.user).select_related("seller")
        found = get_object_or_404(visible, by_id_or_slug(self.kwargs["product"]))
        self.check_object_permissions(self.request, found)
        return found

    def part(self) -> Any:  # noqa: ANN401
        """Return the row of the path within its product."""
        return get_object_or_404(self.get_queryset(), pk=self.kwargs["pk"])

    def list(self, request: Request, product: str) -> Response:
        page = self.paginate_queryset(self.get_queryset())
        return self.get_paginated_response(self.get_serializer(page, many=True).data)

    def retrieve(self, request: Request, product: str, pk: int) -> Response:
        return Response(self.get_serializer(self.part()).data)

    def created(self, row: Variant | ProductImage, name: str) -> Response:
        path = reverse(name, args=[row.product_id, row.pk])
        self.kwargs["pk"] = row.pk
        return Response(
            self.get_serializer(self.part()).data,
            status.HTTP_201_CREATED,
            headers={"Location": self.request.build_absolute_uri(path)},
        )


@extend_schema(tags=["products"])
class VariantViewSet(ProductPartViewSet):
    """The variants of a product; their stock changes by inventory transactions alone."""

    queryset = Variant.objects.none()
    serializer_class = VariantSerializer

    def get_queryset(self) -> QuerySet[Variant]:
        product = self.product()
        variants = product.variants.filter(archived_at=None).with_stock()
        shown = variants if manages(self.request.user, product) else variants.filter(is_active=True)
        return shown.order_by("position", "pk")

    @extend_schema(request=NewVariantSerializer, responses={201: VariantSerializer})
    def create(self, request: Request, product: str) -> Response:
        owner = self.product()
        body = NewVariantSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        made = create_variant(product_id=owner.pk, actor=request.user, fields=body.validated_data)
        return self.created(made, "product-variant")

    @extend_schema(request=NewVariantSerializer)
    def update(self, request: Request, product: str, pk: int) -> Response:
        return self._change(NewVariantSerializer(data=request.data))

    @extend_schema(request=WriteVariantSerializer)
    def partial_update(self, request: Request, product: str, pk: int) -> Response:
        return self._change(WriteVariantSerializer(data=request.data))

    @extend_schema(responses={204: None})
    def destroy(self, request: Request, product: str, pk: int) -> Response:
        delete_variant(variant_id=self.part().pk)
        return Response(status=status.HTTP_204_NO_CONTENT)

    def _change(self, body: WriteVariantSerializer) -> Response:
        variant = self.part()
        body.is_valid(raise_exception=True)
        update_variant(variant_id=variant.pk, fields=body.validated_data)
        return Response(self.get_serializer(self.part()).data)


@extend_schema(tags=["products"])
class ImageViewSet(ProductPartViewSet):
    """The pictures of a product: JPEG, PNG or WebP, at most 500 KB."""

    queryset = ProductImage.objects.none()
    serializer_class = ImageSerializer
    parser_classes = [MultiPartParser, LimitedJSONParser]

    def get_queryset(self) -> QuerySet[ProductImage]:
        return self.product().images.order_by("position", "pk")

    @extend_schema(
        request={"multipart/form-data": WriteImageSerializer}, responses={201: ImageSerializer}
    )
    def create(self, request: Request, product: str) -> Response:
        owner = self.product()
        body = WriteImageSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        fields = dict(body.validated_data)
        made = add_image(product_id=owner.pk, upload=fields.pop("image"), fields=fields)
        return self.created(made, "product-image")

    @extend_schema(request={"multipart/form-data": WriteImageSerializer})
    def update(self, request: Request, product: str, pk: int) -> Response:
        return self._change(request, partial=False)

    @extend_schema(request={"multipart/form-data": WriteImageSerializer(partial=True)})
    def partial_update(self, request: Request, product: str, pk: int) -> Response:
        return self._change(request, partial=True)

    @extend_schema(responses={204: None})
    def destroy(self, request: Request, product: str, pk: int) -> Response:
        delete_image(image_id=self.part().pk)
        return Response(status=status.HTTP_204_NO_CONTENT)

    def _change(self, request: Request, *, partial: bool) -> Response:
        image = self.part()
        body = WriteImageSerializer(data=request.data, partial=partial)
        body.is_valid(raise_exception=True)
        fields = dict(body.validated_data)
        update_image(image_id=image.pk, upload=fields.pop("image", None), fields=fields)
        return Response(self.get_serializer(self.part()).data)
