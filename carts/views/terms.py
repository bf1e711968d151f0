"""Tax rates, shipping zones and shipping methods: staff set them, everybody asks for methods."""

from typing import Any

from django.db.models import Model
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.mixins import (
    CreateModelMixin,
    DestroyModelMixin,
    ListModelMixin,
    RetrieveModelMixin,
    UpdateModelMixin,
)
from rest_framework.permissions import AllowAny, BasePermission
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import ModelSerializer
from rest_framework.viewsets import GenericViewSet

from ..headers import caller_of, parse_id
from ..models import CartItem, ShippingMethod, ShippingZone, TaxRate
from ..permissions import StaffMay
from ..serializers.terms import (
    DestinationSerializer,
    QuotedMethodSerializer,
    ShippingMethodSerializer,
    ShippingZoneSerializer,
    TaxRateSerializer,
)
from ..services.access import find_cart
from ..services.quotes import Destination, quote_methods
from ..services.terms import delete_row, save_row


class TermsViewSet(
    CreateModelMixin, RetrieveModelMixin, UpdateModelMixin, DestroyModelMixin, GenericViewSet
):
    """Rows that staff keep."""

    permission_classes = [StaffMay]
    lookup_value_regex = r"\d{1,18}"

    def perform_create(self, serializer: ModelSerializer) -> None:
        row = serializer.Meta.model()
        serializer.instance = save_row(row, serializer.validated_data)

    def perform_update(self, serializer: ModelSerializer) -> None:
        serializer.instance = save_row(serializer.instance, serializer.validated_data)

    def perform_destroy(self, instance: Model) -> None:
        delete_row(instance)

    def get_success_headers(self, data: dict[str, Any]) -> dict[str, str]:
        return {"Location": self.reverse_action("detail", [data["id"]])}


class TaxRateViewSet(ListModelMixin, TermsViewSet):
    queryset = TaxRate.objects.all()
    serializer_class = TaxRateSerializer


class ShippingZoneViewSet(ListModelMixin, TermsViewSet):
    queryset = ShippingZone.objects.all()
    serializer_class = ShippingZoneSerializer


class ShippingMethodViewSet(TermsViewSet):
    queryset = ShippingMethod.objects.all()
    serializer_class = ShippingMethodSerializer
    pagination_class = None

    def get_permissions(self) -> list[BasePermission]:
        return [AllowAny()] if self.action == "list" else super().get_permissions()

    @extend_schema(
        parameters=[
            DestinationSerializer,
            OpenApiParameter("X-Cart-ID", OpenApiTypes.UUID, OpenApiParameter.HEADER),
        ],
        responses=QuotedMethodSerializer(many=True),
    )
    def list(self, request: Request) -> Response:
        """List the methods that serve a place, at their prices for the cart's goods.

        Without `country` staff get all methods, as they are set.
        """
        if "country" not in request.query_params and StaffMay().has_permission(request, self):
            return Response(self.get_serializer(self.get_queryset(), many=True).data)
        query = DestinationSerializer(data=request.query_params)
        query.is_valid(raise_exception=True)
        place = query.validated_data
        named = parse_id(place.get("cart_id", ""))
        cart = find_cart(caller_of(request, cart_id=named))
        goods = CartItem.objects.filter(cart=cart).sellable().select_related("variant__product")
        quoted = quote_methods(
            goods if cart else [],
            at=timezone.now(),
            destination=Destination(place["country"], "", place.get("postal_code", "")),
        )
        return Response(QuotedMethodSerializer(quoted, many=True).data)
