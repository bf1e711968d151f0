"""Who may collect money and move it back; whose payments one sees is a matter of the queryset."""

from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.views import APIView

from accounts.rights import staff_may


class MayCollect(BasePermission):
    """Staff who may change payments."""

    def has_permission(self, request: Request, view: APIView) -> bool:
        return staff_may(request.user, "payments.change_payment")


class MayRefund(BasePermission):
    """Staff who may add refunds."""

    def has_permission(self, request: Request, view: APIView) -> bool:
        return staff_may(request.user, "payments.add_refund")
