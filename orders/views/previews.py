"""What an order would come to."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from carts.services.quotes import Destination

from ..serializers import PreviewOrderSerializer, PreviewSerializer
from ..services.previewing import preview_order
from .orders import CART, GUESTS_TOO, find_cart_id


class PreviewView(APIView):
    permission_classes = [AllowAny]

    @extend_schema(
        summary="What an order would come to",
        parameters=[CART],
        auth=GUESTS_TOO,
        request=PreviewOrderSerializer,
        responses=PreviewSerializer,
        description=(
            "Takes the body of an order, of which everything but the cart may be missing: what "
            "cannot be computed yet is null. Nothing is written. Short stock is a message."
        ),
    )
    def post(self, request: Request) -> Response:
        context = {"request": request}
        body = PreviewOrderSerializer(data=request.data, context=context)
        body.is_valid(raise_exception=True)
        asked: dict[str, Any] = dict(body.validated_data)
        place = asked.pop("place")
        preview = preview_order(
            cart_id=find_cart_id(request),
            user=request.user if request.user.is_authenticated else None,
            destination=Destination(**place) if place["country"] else None,
            **asked,
        )
        return Response(PreviewSerializer(preview, context=context).data)
