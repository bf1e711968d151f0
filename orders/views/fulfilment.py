"""What follows a sale, at addresses below an order."""

from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse
from rest_framework.views import APIView

from ..models import Order
from ..permissions import MayChangeOrders
from ..serializers import MakeShipmentSerializer, OrderSerializer
from ..services.access import find_order
from ..services.moves import Actor
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
