"""The user's own addresses."""

from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import mixins, status, viewsets
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from ..authentication import user_of
from ..models import Address
from ..serializers.addresses import AddressSerializer
from ..services.addresses import (
    create_address,
    delete_address,
    set_default_address,
    update_address,
)
from .auth import NOTHING


@extend_schema_view(
    list=extend_schema(summary="List one's addresses, newest first"),
    retrieve=extend_schema(summary="Read an address"),
)
class AddressViewSet(
    mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet[Address]
):
    serializer_class = AddressSerializer
    lookup_value_converter = "uuid"

    def get_queryset(self) -> QuerySet[Address]:
        return Address.objects.owned_by(self.request.user).order_by("-created_at", "id")

    @extend_schema(summary="Save an address", responses={201: AddressSerializer})
    def create(self, request: Request) -> Response:
        body = self.get_serializer(data=request.data)
        body.is_valid(raise_exception=True)
        address = create_address(user_id=user_of(request).pk, **body.validated_data)
        headers = {"Location": reverse("address-detail", args=[address.pk])}
        return Response(self.get_serializer(address).data, status.HTTP_201_CREATED, headers=headers)

    @extend_schema(summary="Change an address", responses=AddressSerializer)
    def partial_update(self, request: Request, **kwargs: Any) -> Response:  # noqa: ANN401
        address = self.get_object()
        body = self.get_serializer(address, data=request.data, partial=True)
        body.is_valid(raise_exception=True)
        address = update_address(address=address, **body.validated_data)
        return Response(self.get_serializer(address).data)

    @extend_schema(summary="Delete an address", responses={204: NOTHING})
    def destroy(self, request: Request, **kwargs: Any) -> Response:  # noqa: ANN401
        delete_address(address=self.get_object())
        return Response(status=status.HTTP_204_NO_CONTENT)

    @extend_schema(
        summary="Make an address the default of its type",
        request=None,
        responses=AddressSerializer,
    )
    @action(detail=True, methods=["post"], url_path="set-default")
    def set_default(self, request: Request, **kwargs: Any) -> Response:  # noqa: ANN401
        address = set_default_address(address=self.get_object())
        return Response(self.get_serializer(address).data)
