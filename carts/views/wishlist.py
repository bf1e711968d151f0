"""The user's wishlist. Products that are not sold now stay on it, and show when they are again."""

from django.db.models import Prefetch, QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.generics import get_object_or_404
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse
from rest_framework.views import APIView
from rest_framework.viewsets import GenericViewSet

from accounts.authentication import user_of
from catalog.filters import by_id_or_slug
from catalog.models import Like, Product
from catalog.selectors import products_for_list

from ..headers import read_if_match
from ..models import WishlistItem
from ..serializers.carts import CartSerializer
from ..serializers.wishlist import (
    AddWishSerializer,
    MoveToCartSerializer,
    WishlistIdsSerializer,
    WishSerializer,
)
from ..services.wishlist import add_wish, move_to_cart, remove_wish
from .carts import IF_MATCH, CartEndpoint


def own_wish(request: Request, product: str) -> WishlistItem:
    """Return the user's wish for the product of the path, sold or not."""
    named = Product.objects.filter(by_id_or_slug(product)).values("pk")
    own = WishlistItem.objects.filter(user=user_of(request))
    return get_object_or_404(own, product__in=named)


@extend_schema(tags=["wishlist"])
class WishlistViewSet(GenericViewSet):
    queryset = WishlistItem.objects.none()
    serializer_class = WishSerializer
    filter_backends = []

    def get_queryset(self) -> QuerySet[WishlistItem]:
        shown = Prefetch("product", queryset=products_for_list(Product.objects.all()))
        own = WishlistItem.objects.filter(user=user_of(self.request), product__is_active=True)
        return own.prefetch_related(shown).order_by("-created_at", "-pk")

    def list(self, request: Request) -> Response:
        """List what is wished for, the newest first."""
        page = self.paginate_queryset(self.get_queryset())
        return self.get_paginated_response(self.get_serializer(page, many=True).data)

    @extend_schema(request=AddWishSerializer, responses={201: WishSerializer, 200: WishSerializer})
    def create(self, request: Request) -> Response:
        """Add a product: 201; one that is there already stays as it is: 200."""
        body = AddWishSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        wish, is_new = add_wish(user=user_of(request), **body.validated_data)
        shown = self.get_serializer(get_object_or_404(self.get_queryset(), pk=wish.pk)).data
        if not is_new:
            return Response(shown)
        location = reverse("wish", [wish.product_id], request=request)
        return Response(shown, status.HTTP_201_CREATED, headers={"Location": location})

    def retrieve(self, request: Request, product: str) -> Response:
        """Show the wish for a product."""
        wish = get_object_or_404(self.get_queryset(), pk=own_wish(request, product).pk)
        return Response(self.get_serializer(wish).data)

    @extend_schema(responses={204: None})
    def destroy(self, request: Request, product: str) -> Response:
        """Take a product off the wishlist."""
        wish = own_wish(request, product)
        remove_wish(user=user_of(request), product_id=wish.product_id)
        return Response(status=status.HTTP_204_NO_CONTENT)


@extend_schema(tags=["wishlist"])
class MoveToCartView(CartEndpoint):
    permission_classes = [IsAuthenticated]

    @extend_schema(parameters=[IF_MATCH], request=MoveToCartSerializer, responses=CartSerializer)
    def post(self, request: Request, product: str) -> Response:
        """Put a wish into the cart; it leaves the wishlist only where the cart took it."""
        cart = move_to_cart(
            user=user_of(request),
            product_id=own_wish(request, product).product_id,
            versions=read_if_match(request),
            **self.read(MoveToCartSerializer),
        )
        return self.answer(cart)


@extend_schema(tags=["wishlist"])
class WishlistIdsView(APIView):
    @extend_schema(responses=WishlistIdsSerializer)
    def get(self, request: Request) -> Response:
        """Name the products of the wishlist and the liked ones, to mark them in lists."""
        ids = {
            name: model.objects.filter(user=user_of(request), product__is_active=True)
            .order_by("-created_at", "-pk")
            .values_list("product_id", flat=True)
            for name, model in (("wishlist", WishlistItem), ("liked", Like))
        }
        return Response(WishlistIdsSerializer(ids).data)
