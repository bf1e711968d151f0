"""Who may call what of orders; which orders they find is `services.access`."""

from django.conf import settings
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.views import APIView


class MayCheckOut(BasePermission):
    """Users, and guests unless GUEST_CHECKOUT is off."""

    message = "Log in to order."

    def has_permission(self, request: Request, view: APIView) -> bool:
        return bool(request.user.is_authenticated or settings.GUEST_CHECKOUT)


class IsUserOrHoldsToken(BasePermission):
    """Users, and guests who send an order's `?token=`; whether it fits is looked at later."""

    def has_permission(self, request: Request, view: APIView) -> bool:
        return bool(request.user.is_authenticated or request.query_params.get("token"))


class MayChangeOrders(BasePermission):
    """Staff who may change orders."""

    def has_permission(self, request: Request, view: APIView) -> bool:
        user = request.user
        return bool(user.is_staff and user.has_perm("orders.change_order"))


class SeesSales(BasePermission):
    """Sellers, and staff who may view orders."""

    def has_permission(self, request: Request, view: APIView) -> bool:
        user = request.user
        if user.is_staff:
            return user.has_perm("orders.view_order")
        return bool(user.is_authenticated and user.is_seller)
