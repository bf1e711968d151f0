from typing import Any

from django.db.models import QuerySet
from django.http import Http404
from django.urls import reverse
from drf_spectacular.utils import PolymorphicProxySerializer, extend_schema
from rest_framework import status
from rest_framework.exceptions import PermissionDenied
from rest_framework.generics import ListAPIView, get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from accounts.models import Seller
from accounts.rights import staff_may
from config.errors import InvalidInput

from ..filters import ProductFilterBackend, by_id_or_slug
from ..models import Category, Product, Variant
from ..permissions import ReadOrManageProduct, SeesLowStock, manages
from ..selectors import low_stock_variants, products_for_detail, products_for_list
from ..serializers.inventory import LowStockSerializer
from ..serializers.product_input import WriteProductSerializer
from ..serializers.products import (
    ManagedProductSerializer,
    ProductDetailSerializer,
    ProductSerializer,
)
from ..services.products import create_product, delete_product, update_product
from .conditional import ConditionalReads
from .old_slugs import RedirectsOldSlugs
from .parameters import PRODUCT_PARAMETERS

DETAIL = PolymorphicProxySerializer(
    component_name="ProductPage",
    serializers=[ManagedProductSerializer, ProductDetailSerializer],
    resource_type_field_name=None,
)
product_list = extend_schema(
    parameters=PRODUCT_PARAMETERS, responses=ProductSerializer(many=True), tags=["products"]
)


@extend_schema(tags=["products"])
class ProductViewSet(RedirectsOldSlugs, ConditionalReads, GenericViewSet):
    """What the shop sells: everybody reads, sellers write their own, staff all."""

    queryset = Product.objects.none()
    serializer_class = ProductSerializer
    permission_classes = [ReadOrManageProduct]
    filter_backends = [ProductFilterBackend]
    default_ordering = "-created_at"
    is_part_of_product = False

    def get_queryset(self) -> QuerySet[Product]:
        return Product.objects.visible_to(self.request.user)

    @product_list
    def list(self, request: Request) -> Response:
        return self._page(self.get_queryset())

    @product_list
    def featured(self, request: Request) -> Response:
        return self._page(self.get_queryset().filter(featured=True))

    @product_list
    def best_sellers(self, request: Request) -> Response:
        self.default_ordering = "-popularity"
        return self._page(self.get_queryset().filter(best_seller=True))

    @product_list
    def flash_sale(self, request: Request) -> Response:
        return self._page(self.get_queryset().in_flash_sale())

    @product_list
    def new(self, request: Request) -> Response:
        return self._page(self.get_queryset())

    @product_list
    def of_category(self, request: Request, category: str) -> Response:
        root = get_object_or_404(Category, by_id_or_slug(category))
        if root.is_hidden() and not staff_may(request.user, "catalog.view_category"):
            raise Http404
        within = Category.objects.descendants_of(root)
        return self._page(self.get_queryset().filter(category__in=within))

    @extend_schema(responses=DETAIL)
    def retrieve(self, request: Request, product: str) -> Response:
        found = products_for_detail(self.get_queryset()).filter(by_id_or_slug(product)).first()
        if found is None:
            raise Http404
        return Response(self._shown(found))

    @extend_schema(request=WriteProductSerializer, responses={201: DETAIL})
    def create(self, request: Request) -> Response:
        fields = self._read(WriteProductSerializer(data=request.data))
        created = create_product(actor=request.user, fields=fields)
        location = request.build_absolute_uri(reverse("product", args=[created.pk]))
        return self._answer(created, status.HTTP_201_CREATED, {"Location": location})

    @extend_schema(request=WriteProductSerializer, responses=DETAIL)
    def update(self, request: Request, product: str) -> Response:
        return self._change(request, product, replace=True)

    @extend_schema(request=WriteProductSerializer(partial=True), responses=DETAIL)
    def partial_update(self, request: Request, product: str) -> Response:
        return self._change(request, product, replace=False)

    @extend_schema(responses={204: None})
    def destroy(self, request: Request, product: str) -> Response:
        delete_product(product_id=self._own(product).pk)
        return Response(status=status.HTTP_204_NO_CONTENT)

    def _page(self, products: QuerySet[Product]) -> Response:
        found = products_for_list(self.filter_queryset(products))
        return self.get_paginated_response(
            self.get_serializer(self.paginate_queryset(found), many=True).data
        )

    def _own(self, product: str) -> Product:
        visible = self.get_queryset().select_related("seller")
        found = get_object_or_404(visible, by_id_or_slug(product))
        self.check_object_permissions(self.request, found)
        return found

    def _change(self, request: Request, product: str, *, replace: bool) -> Response:
        found = self._own(product)
        body = WriteProductSerializer(found, data=request.data, partial=not replace)
        changed = update_product(
            product_id=found.pk, actor=request.user, fields=self._read(body), replace=replace
        )
        return self._answer(changed, status.HTTP_200_OK)

    def _read(self, body: WriteProductSerializer) -> dict[str, Any]:
        """Return the fields; whose a product is and whether it is featured, staff say."""
        body.is_valid(raise_exception=True)
        fields = dict(body.validated_data)
        named = fields.pop("seller", None)
        permission = "catalog.change_product" if body.instance else "catalog.add_product"
        if not staff_may(self.request.user, permission):
            fields.pop("featured", None)
            if body.instance is None:
                fields["seller_id"] = _seller_of(self.request).pk
        elif "seller" in body.validated_data:
            if named is not None and not Seller.objects.filter(pk=named).exists():
                raise InvalidInput(seller="There is no such seller.")
            fields["seller_id"] = named
        return fields

    def _answer(
        self, product: Product, code: int, headers: dict[str, str] | None = None
    ) -> Response:
        found = get_object_or_404(products_for_detail(Product.objects.all()), pk=product.pk)
        return Response(self._shown(found), code, headers=headers)

    def _shown(self, product: Product) -> dict[str, Any]:
        managed = manages(self.request.user, product)
        shape = ManagedProductSerializer if managed else ProductDetailSerializer
        return shape(product, context=self.get_serializer_context()).data


def _seller_of(request: Request) -> Seller:
    seller = Seller.objects.filter(user=request.user).first()
    if seller is None:
        raise PermissionDenied("Apply as a seller first.")
    return seller


@extend_schema(tags=["inventory"])
class LowStockView(ConditionalReads, ListAPIView):
    """Variants at or under their threshold."""

    queryset = Variant.objects.none()
    serializer_class = LowStockSerializer
    permission_classes = [SeesLowStock]
    filter_backends = []

    def get_queryset(self) -> QuerySet[Variant]:
        return low_stock_variants()
