"""Saved cards over HTTP."""

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import mixins, status, viewsets
from rest_framework.decorators import action
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse

from .models import SavedMethod
from .serializers import (
    BegunSetupSerializer,
    SavedMethodSerializer,
    SaveMethodSerializer,
    SetupSerializer,
)
from .services.saved_methods import (
    begin_setup,
    delete_method,
    save_method,
    set_default_method,
)


@extend_schema_view(
    list=extend_schema(summary="List own saved cards"),
    retrieve=extend_schema(summary="Get an own saved card"),
    destroy=extend_schema(summary="Forget a saved card, here and at its gateway"),
)
class SavedMethodViewSet(mixins.DestroyModelMixin, viewsets.ReadOnlyModelViewSet[SavedMethod]):
    queryset = SavedMethod.objects.none()
    serializer_class = SavedMethodSerializer
    permission_classes = [IsAuthenticated]
    filter_backends: list[Any] = []
    lookup_url_kwarg = "id"
    lookup_value_converter = "uuid"

    def get_queryset(self) -> QuerySet[SavedMethod]:
        rows = SavedMethod.objects.filter(user=self.request.user.pk)
        return rows.order_by("-created_at", "-pk")

    @extend_schema(
        summary="Save a card",
        request=SaveMethodSerializer,
        responses={201: SavedMethodSerializer},
        description="By the token that the gateway gave the browser; a number is never sent here.",
    )
    def create(self, request: Request) -> Response:
        body = SaveMethodSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        method = save_method(
            user=request.user,
            gateway_id=body.validated_data["gateway"],
            token=body.validated_data["token"],
        )
        location = reverse("payment-method-detail", kwargs={"id": method.pk}, request=request)
        data = self.get_serializer(method).data
        return Response(data, status.HTTP_201_CREATED, headers={"Location": location})

    def perform_destroy(self, instance: SavedMethod) -> None:
        delete_method(method=instance)

    @extend_schema(summary="Make a card the default", request=None)
    @action(detail=True, methods=["post"], url_path="set-default")
    def set_default(self, request: Request, id: str) -> Response:
        method = set_default_method(method=self.get_object())
        return Response(self.get_serializer(method).data)

    @extend_schema(
        summary="Begin to add a card without an order",
        request=SetupSerializer,
        responses=BegunSetupSerializer,
    )
    @action(detail=False, methods=["post"], url_path="setup")
    def start_setup(self, request: Request) -> Response:
        body = SetupSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        begun = begin_setup(user=request.user, gateway_id=body.validated_data["gateway"])
        return Response(begun)
