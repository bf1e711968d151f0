"""What a user was told in the shop, and how they want to be told."""

from typing import Any

from django.db.models import Q, QuerySet
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import mixins, status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView
from rest_framework.viewsets import GenericViewSet

from accounts.authentication import user_of
from catalog.filters.values import narrow, read_boolean

from ..models import Notification
from ..serializers.notices import (
    MarkedSerializer,
    NotificationSerializer,
    PreferencesSerializer,
    UnreadCountSerializer,
)
from ..services.notices import delete_notice, mark_all_read, mark_read
from ..services.preferences import preferences_of, set_preferences

UNREAD = OpenApiParameter("unread", bool, description="Only those not read yet, or only read ones.")


@extend_schema(tags=["notifications"])
class NotificationViewSet(
    mixins.ListModelMixin, mixins.DestroyModelMixin, GenericViewSet[Notification]
):
    queryset = Notification.objects.none()
    serializer_class = NotificationSerializer
    lookup_value_converter = "uuid"
    lookup_field = "id"
    filter_backends = []

    def get_queryset(self) -> QuerySet[Notification]:
        return Notification.objects.owned_by(user_of(self.request)).order_by("-created_at", "-id")

    def filter_queryset(self, queryset: QuerySet[Notification]) -> QuerySet[Notification]:
        if self.action != "list":
            return queryset
        filters = {"unread": lambda value: Q(read_at__isnull=read_boolean(value))}
        return narrow(queryset, self.request.query_params, filters)

    @extend_schema(summary="List one's notifications, newest first", parameters=[UNREAD])
    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:  # noqa: ANN401
        return super().list(request, *args, **kwargs)

    @extend_schema(summary="Delete a notification", responses={204: None})
    def destroy(self, request: Request, *args: Any, **kwargs: Any) -> Response:  # noqa: ANN401
        return super().destroy(request, *args, **kwargs)

    def perform_destroy(self, instance: Notification) -> None:
        delete_notice(notification=instance)

    @extend_schema(summary="Count one's unread notifications", responses=UnreadCountSerializer)
    @action(detail=False, url_path="unread-count", pagination_class=None)
    def unread_count(self, request: Request) -> Response:
        return Response({"unread_count": self.get_queryset().filter(read_at=None).count()})

    @extend_schema(
        summary="Mark a notification as read", request=None, responses=NotificationSerializer
    )
    @action(detail=True, methods=["post"], url_path="mark-read")
    def mark_read(self, request: Request, **kwargs: Any) -> Response:  # noqa: ANN401
        """Mark it; a second time changes nothing."""
        notification = mark_read(notification=self.get_object())
        return Response(self.get_serializer(notification).data)

    @extend_schema(
        summary="Mark all one's notifications as read", request=None, responses=MarkedSerializer
    )
    @action(detail=False, methods=["post"], url_path="mark-all-read")
    def mark_all_read(self, request: Request) -> Response:
        return Response({"updated": mark_all_read(user=user_of(request))}, status.HTTP_200_OK)


@extend_schema(tags=["notifications"])
class PreferencesView(APIView):
    @extend_schema(responses=PreferencesSerializer)
    def get(self, request: Request) -> Response:
        """Read by which ways one is told of what."""
        return Response(PreferencesSerializer(preferences_of(user_of(request))).data)

    @extend_schema(request=PreferencesSerializer, responses=PreferencesSerializer)
    def patch(self, request: Request) -> Response:
        """Change the ways that are named; order confirmations and payments are always mailed."""
        body = PreferencesSerializer(data=request.data, partial=True)
        body.is_valid(raise_exception=True)
        set_preferences(user_id=user_of(request).pk, changes=body.validated_data)
        return self.get(request)
