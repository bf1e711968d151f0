"""What follows a sale, at addresses below an order."""

from django.shortcuts import get_object_or_404
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse
from rest_framework.views import APIView

from carts.serializers.carts import CartSerializer
from carts.services.overview import describe_cart

from ..models import Order
from ..permissions import MayChangeOrders
from ..serializers import MakeShipmentSerializer, OrderSerializer
from ..services.access import find_order
from ..services.moves import Actor
from ..services.reordering import reorder
from ..services.shipping import make_shipment


class ShipmentsView(APIView):
    permission_classes = [MayChangeOrders]

    @extend_schema(
        summary="Send pieces of an order",
        request=MakeShipmentSerializer,
        responses={201: OrderSerializer},
        description=(
            "For staff who may change orders. Without `items` all that is left is sent; the order "
            "is `shipped` when all of it is. Before it is confirmed, and when nothing is left, "
            "409 `invalid_transition`."
        ),
    )
    def post(self, request: Request, id: str) -> Response:
        order = find_order(request.user, "", id)
        body = MakeShipmentSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        make_shipment(
            order_id=order.pk,
            actor=Actor.of(request.user),
            carrier=body.validated_data["carrier"],
            tracking_number=body.validated_data["tracking_number"],
            pieces=body.validated_data.get("items"),
        )
        order = Order.objects.with_lines().get(pk=order.pk)
        answer = OrderSerializer(order, context={"request": request}).data
        address = reverse("order-detail", kwargs={"id": order.pk}, request=request)
        return Response(answer, status.HTTP_201_CREATED, headers={"Location": address})


class ReorderView(APIView):
    permission_classes = [IsAuthenticated]

    @extend_schema(
        summary="Put an order into the cart again",
        request=None,
        responses=CartSerializer,
        description=(
            "What is still sold of an own order, as much as can be had, at today's prices. What "
            "the cart held before stays in it."
        ),
    )
    def post(self, request: Request, id: str) -> Response:
        order = get_object_or_404(Order.objects.owned_by(request.user).named(id))
        cart = reorder(order=order, user=request.user)
        overview = describe_cart(cart, at=timezone.now())
        body = CartSerializer(overview, context={"request": request}).data
        headers = {"ETag": f'W/"{overview.version}"', "Cache-Control": "no-store"}
        return Response(body, headers=headers)
