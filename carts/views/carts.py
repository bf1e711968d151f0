"""The caller's cart at `cart/`, and one cart by its id at `carts/{id}/`."""

from typing import Any
from uuid import UUID

from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers, status
from rest_framework.permissions import SAFE_METHODS, AllowAny, IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse
from rest_framework.views import APIView

from ..headers import caller_of, forget_in_browser, keep_in_browser, read_if_match
from ..models import Cart
from ..serializers.carts import (
    CartSerializer,
    CodeSerializer,
    MergeSerializer,
    OldWantedSerializer,
    QuantitySerializer,
    WantedSerializer,
)
from ..services import coupons, lines
from ..services.access import Caller, find_cart
from ..services.choices import Wanted
from ..services.merging import merge_carts
from ..services.overview import describe_cart

CART_ID = OpenApiParameter(
    "X-Cart-ID", OpenApiTypes.UUID, OpenApiParameter.HEADER, description="A guest's cart."
)
IF_MATCH = OpenApiParameter(
    "If-Match",
    str,
    OpenApiParameter.HEADER,
    description="The cart's version: 412 when somebody else changed it meanwhile.",
)
CHANGE = [CART_ID, IF_MATCH]


class CartEndpoint(APIView):
    """What the addresses of carts share: the caller, the answer, and that nobody stores it."""

    permission_classes = [AllowAny]

    @property
    def default_response_headers(self) -> dict[str, str]:
        return super().default_response_headers | {"Cache-Control": "no-store"}

    @property
    def caller(self) -> Caller:
        cart_id = self.kwargs.get("cart_id")
        return caller_of(self.request, cart_id=cart_id, only_named=cart_id is not None)

    def read(self, serializer: type[serializers.Serializer], **options: Any) -> Any:  # noqa: ANN401
        body = serializer(data=self.request.data, **options)
        body.is_valid(raise_exception=True)
        return body.validated_data

    def answer(self, cart: Cart | None, code: int = status.HTTP_200_OK) -> Response:
        """Show the whole cart; a change lets a guest's browser keep it."""
        overview = describe_cart(cart, at=timezone.now())
        body = CartSerializer(overview, context={"request": self.request}).data
        response = Response(body, code, headers={"ETag": f'W/"{overview.version}"'})
        is_change = self.request.method not in SAFE_METHODS and "cart_id" not in self.kwargs
        if cart and cart.user_id is None and is_change:
            keep_in_browser(response, self.request, cart)
        return response


class CartsView(CartEndpoint):
    @extend_schema(request=None, responses={201: CartSerializer, 200: CartSerializer})
    def post(self, request: Request) -> Response:
        """Make a guest's cart; for a user answer the own one."""
        cart, is_new = lines.make_cart(caller=self.caller)
        response = self.answer(cart, status.HTTP_201_CREATED if is_new else status.HTTP_200_OK)
        if is_new:
            response["Location"] = reverse("cart-by-id", [cart.pk], request=request)
        return response


class CartView(CartEndpoint):
    @extend_schema(parameters=[CART_ID], responses=CartSerializer)
    def get(self, request: Request, cart_id: UUID | None = None) -> Response:
        """Show the cart at today's prices; without one an empty cart whose `id` is null."""
        return self.answer(find_cart(self.caller))

    @extend_schema(parameters=CHANGE, responses={204: None})
    def delete(self, request: Request, cart_id: UUID | None = None) -> Response:
        """Empty a user's cart; a guest's is gone."""
        lines.delete_cart(caller=self.caller, versions=read_if_match(request))
        response = Response(status=status.HTTP_204_NO_CONTENT)
        if not request.user.is_authenticated:
            forget_in_browser(response, request, cart_id)
        return response


class CartItemsView(CartEndpoint):
    wanted_serializer: type[WantedSerializer] | type[OldWantedSerializer] = WantedSerializer

    @extend_schema(
        parameters=CHANGE,
        request=WantedSerializer,
        responses={201: CartSerializer, 200: CartSerializer},
    )
    def post(self, request: Request, cart_id: UUID | None = None) -> Response:
        """Add pieces: 201 for a new line, 200 where the cart had the variant already."""
        wanted = Wanted(**self.read(self.wanted_serializer))
        added = lines.add_item(caller=self.caller, wanted=wanted, versions=read_if_match(request))
        if not added.is_new:
            return self.answer(added.cart)
        response = self.answer(added.cart, status.HTTP_201_CREATED)
        name, named = ("cart-item-by-id", [cart_id]) if cart_id else ("cart-item", [])
        response["Location"] = reverse(name, [*named, added.item.pk], request=request)
        return response

    @extend_schema(parameters=CHANGE, request=WantedSerializer(many=True), responses=CartSerializer)
    def put(self, request: Request, cart_id: UUID | None = None) -> Response:
        """Replace all lines, or change nothing."""
        rows = self.read(WantedSerializer, many=True, max_length=lines.MAX_LINES)
        wanted = [Wanted(**row) for row in rows]
        cart = lines.replace_items(
            caller=self.caller, wanted=wanted, versions=read_if_match(request)
        )
        return self.answer(cart)


class CartItemView(CartEndpoint):
    @extend_schema(parameters=CHANGE, request=QuantitySerializer, responses=CartSerializer)
    def patch(self, request: Request, item_id: UUID, cart_id: UUID | None = None) -> Response:
        """Set the pieces of a line; 0 removes it."""
        cart = lines.change_quantity(
            caller=self.caller,
            item_id=item_id,
            quantity=self.read(QuantitySerializer)["quantity"],
            versions=read_if_match(request),
        )
        return self.answer(cart)

    @extend_schema(parameters=CHANGE, responses={200: CartSerializer})
    def delete(self, request: Request, item_id: UUID, cart_id: UUID | None = None) -> Response:
        """Remove a line."""
        cart = lines.remove_item(
            caller=self.caller, item_id=item_id, versions=read_if_match(request)
        )
        return self.answer(cart)


class CartCouponView(CartEndpoint):
    @extend_schema(parameters=CHANGE, request=CodeSerializer, responses=CartSerializer)
    def post(self, request: Request, cart_id: UUID | None = None) -> Response:
        """Put a code on the cart: 409 `coupon_unavailable` where it cannot be used."""
        cart = coupons.set_coupon(
            caller=self.caller,
            code=self.read(CodeSerializer)["code"],
            versions=read_if_match(request),
        )
        return self.answer(cart)

    @extend_schema(parameters=CHANGE, responses={200: CartSerializer})
    def delete(self, request: Request, cart_id: UUID | None = None) -> Response:
        """Take the code off the cart."""
        return self.answer(
            coupons.remove_coupon(caller=self.caller, versions=read_if_match(request))
        )


class MergeView(CartEndpoint):
    permission_classes = [IsAuthenticated]

    @extend_schema(parameters=[IF_MATCH], request=MergeSerializer, responses=CartSerializer)
    def post(self, request: Request) -> Response:
        """Join a guest's cart to the own one; a second time it is 404."""
        cart = merge_carts(
            user_id=request.user.pk,
            guest_cart_id=self.read(MergeSerializer)["cart_id"],
            versions=read_if_match(request),
        )
        return self.answer(cart)


class AddView(CartItemsView):
    """The old address of `POST cart/items/`."""

    http_method_names = ["post", "options"]
    wanted_serializer = OldWantedSerializer

    @extend_schema(
        parameters=CHANGE,
        request=OldWantedSerializer,
        responses={201: CartSerializer, 200: CartSerializer},
        deprecated=True,
    )
    def post(self, request: Request, cart_id: UUID | None = None) -> Response:
        """Add pieces, as `POST cart/items/` does."""
        return super().post(request)


class ClearView(CartView):
    """The old address of `DELETE cart/`."""

    http_method_names = ["delete", "options"]

    @extend_schema(parameters=CHANGE, responses={204: None}, deprecated=True)
    def delete(self, request: Request, cart_id: UUID | None = None) -> Response:
        """Empty the cart, as `DELETE cart/` does."""
        return super().delete(request)
