"""Who may look after webhooks: staff, by Django's model permissions."""

from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.views import APIView

from accounts.rights import staff_may


class MayChangeEndpoints(BasePermission):
    """Staff who may change webhook endpoints."""

    def has_permission(self, request: Request, view: APIView) -> bool:
        return staff_may(request.user, "notifications.change_webhookendpoint")


class MaySeeDeliveries(BasePermission):
    """Staff who may view what was sent."""

    def has_permission(self, request: Request, view: APIView) -> bool:
        return staff_may(request.user, "notifications.view_webhookdelivery")
