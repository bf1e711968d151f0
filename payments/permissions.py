"""Who may collect money and move it back; whose payments one sees is a matter of the queryset."""

from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.views import APIView


class MayCollect(BasePermission):
    """Staff who may change payments."""

    def has_permission(self, request: Request, view: APIView) -> bool:
        user = request.user
        return bool(user.is_staff and user.has_perm("payments.change_payment"))


class MayRefund(BasePermission):
    """Staff who may add refunds."""

    def has_permission(self, request: Request, view: APIView) -> bool:
        user = request.user
        return bool(user.is_staff and user.has_perm("payments.add_refund"))
