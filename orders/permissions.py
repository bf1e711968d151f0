"""Who may call what of orders; which orders they find is `services.access`."""

from django.conf import settings
from rest_framework.permissions import SAFE_METHODS, BasePermission
from rest_framework.request import Request
from rest_framework.views import APIView

from accounts.rights import staff_may


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
        return staff_may(request.user, "orders.change_order")


class HandlesCustomers(BasePermission):
    """Staff who may view users, or change them."""

    def has_permission(self, request: Request, view: APIView) -> bool:
        action = "view" if request.method in SAFE_METHODS else "change"
        return staff_may(request.user, f"accounts.{action}_user")


class SeesCustomersOrders(BasePermission):
    """Staff who may view users and orders."""

    def has_permission(self, request: Request, view: APIView) -> bool:
        user = request.user
        return staff_may(user, "accounts.view_user") and staff_may(user, "orders.view_order")


class SeesSales(BasePermission):
    """Sellers, and staff who may view orders."""

    def has_permission(self, request: Request, view: APIView) -> bool:
        user = request.user
        is_seller = user.is_authenticated and user.is_seller
        return bool(is_seller or staff_may(user, "orders.view_order"))
