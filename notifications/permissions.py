"""Who may look after webhooks: staff, by Django's model permissions."""

from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.views import APIView


class MayChangeEndpoints(BasePermission):
    """Staff who may change webhook endpoints."""

    def has_permission(self, request: Request, view: APIView) -> bool:
        user = request.user
        return bool(user.is_staff and user.has_perm("notifications.change_webhookendpoint"))


class MaySeeDeliveries(BasePermission):
    """Staff who may view what was sent."""

    def has_permission(self, request: Request, view: APIView) -> bool:
        user = request.user
        return bool(user.is_staff and user.has_perm("notifications.view_webhookdelivery"))
