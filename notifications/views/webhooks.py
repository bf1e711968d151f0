"""Webhook endpoints over HTTP: kept by staff, with the log of each."""

from uuid import UUID

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import status
from rest_framework.decorators import action
from rest_framework.generics import GenericAPIView, ListAPIView
from rest_framework.permissions import BasePermission, IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import ModelViewSet

from carts.permissions import StaffMay

from ..filters import DeliveryFilter
from ..models import WebhookDelivery, WebhookEndpoint
from ..permissions import MayChangeEndpoints, MaySeeDeliveries
from ..serializers.webhooks import (
    NewSecretSerializer,
    WebhookDeliverySerializer,
    WebhookEndpointSerializer,
)
from ..services import endpoints, replaying

_WHERE = (
    "Webhooks go to public addresses, over https in production; others are 400, but for the "
    "hosts in WEBHOOK_ALLOWED_HOSTS."
)


@extend_schema_view(
    list=extend_schema(summary="List webhook endpoints"),
    retrieve=extend_schema(summary="Get a webhook endpoint"),
    create=extend_schema(
        summary="Add a webhook endpoint",
        responses={201: NewSecretSerializer},
        description=(
            f"{_WHERE} The answer shows the `secret`, once: the header `X-Storefront-Signature: "
            't=<unix time>,v1=<hex>` of each webhook is HMAC-SHA256 of "{t}." and the raw body '
            "with it. Anything but 2xx within 10 seconds is tried again for 24 hours; who accepts "
            "nothing for a day is switched off. A webhook may come twice and in any order: its "
            "`id` says which event it is."
        ),
    ),
    update=extend_schema(summary="Replace a webhook endpoint", description=_WHERE),
    partial_update=extend_schema(summary="Change a webhook endpoint", description=_WHERE),
    destroy=extend_schema(summary="Delete a webhook endpoint and its log"),
)
class WebhookEndpointViewSet(ModelViewSet):
    queryset = WebhookEndpoint.objects.order_by("-created_at", "-pk")
    serializer_class = WebhookEndpointSerializer
    lookup_url_kwarg = "id"
    lookup_value_converter = "uuid"

    def get_permissions(self) -> list[BasePermission]:
        if self.action == "rotate_secret":
            return [IsAuthenticated(), MayChangeEndpoints()]
        return [StaffMay()]

    def create(self, request: Request) -> Response:
        body = self.get_serializer(data=request.data)
        body.is_valid(raise_exception=True)
        endpoint = endpoints.create_endpoint(**body.validated_data)
        location = self.reverse_action("detail", [endpoint.pk])
        response = self._with_secret(endpoint, status.HTTP_201_CREATED)
        response["Location"] = location
        return response

    def perform_update(self, serializer: WebhookEndpointSerializer) -> None:
        serializer.instance = endpoints.update_endpoint(
            endpoint_id=serializer.instance.pk, fields=serializer.validated_data
        )

    def perform_destroy(self, instance: WebhookEndpoint) -> None:
        endpoints.delete_endpoint(endpoint_id=instance.pk)

    @extend_schema(
        summary="Give an endpoint another secret",
        request=None,
        responses=NewSecretSerializer,
        description="It signs from the next try on, and is shown in this answer alone.",
    )
    @action(detail=True, methods=["post"], url_path="rotate-secret")
    def rotate_secret(self, request: Request, id: UUID) -> Response:
        return self._with_secret(endpoints.rotate_secret(endpoint_id=id), status.HTTP_200_OK)

    @staticmethod
    def _with_secret(endpoint: WebhookEndpoint, code: int) -> Response:
        context = {"secret": endpoints.secret_of(endpoint)}
        data = NewSecretSerializer(endpoint, context=context).data
        return Response(data, code, headers={"Cache-Control": "no-store"})


class DeliveriesView(ListAPIView):
    queryset = WebhookDelivery.objects.none()
    serializer_class = WebhookDeliverySerializer
    permission_classes = [IsAuthenticated, MaySeeDeliveries]
    filterset_class = DeliveryFilter

    @extend_schema(summary="List what was sent to an endpoint")
    def get(self, request: Request, id: UUID) -> Response:
        return super().get(request, id=id)

    def get_queryset(self) -> QuerySet[WebhookDelivery]:
        endpoint = get_object_or_404(WebhookEndpoint, pk=self.kwargs["id"])
        return endpoint.deliveries.select_related("event").order_by("-created_at", "-pk")


class RedeliverView(GenericAPIView):
    queryset = WebhookDelivery.objects.none()
    serializer_class = WebhookDeliverySerializer
    permission_classes = [IsAuthenticated, MayChangeEndpoints]

    @extend_schema(
        summary="Send a webhook again",
        request=None,
        responses=WebhookDeliverySerializer,
        description=(
            "Whatever became of it; a worker sends it within seconds, and tries for a day. "
            "409 `conflict` where the endpoint is switched off."
        ),
    )
    def post(self, request: Request, id: UUID, delivery_id: UUID) -> Response:
        delivery = get_object_or_404(WebhookDelivery, pk=delivery_id, endpoint_id=id)
        delivery = replaying.redeliver(delivery_id=delivery.pk)
        return Response(self.get_serializer(delivery).data)
