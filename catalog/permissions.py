"""Who may call: staff by Django's permissions, sellers for what is theirs."""

from typing import Any

from django.contrib.auth.models import AnonymousUser
from rest_framework.permissions import SAFE_METHODS, BasePermission, IsAuthenticatedOrReadOnly
from rest_framework.request import Request

from accounts.models import User

from .models import Product, Review

_ACTION_OF_METHOD = {"POST": "add", "PUT": "change", "PATCH": "change", "DELETE": "delete"}


def manages(user: User | AnonymousUser, product: Product) -> bool:
    """Tell whether a user sees what only the product's seller and staff see."""
    if not user.is_authenticated:
        return False
    if user.is_staff:
        return True
    return user.is_seller and product.seller is not None and product.seller.user_id == user.pk


def staff_may(user: User | AnonymousUser, permission: str) -> bool:
    """Tell whether a member of staff has a permission such as `catalog.change_product`."""
    return user.is_staff and user.has_perm(permission)


class ReadOrStaff(BasePermission):
    """Everybody reads; staff with the model's permission write. The view names `model`."""

    def has_permission(self, request: Request, view: Any) -> bool:  # noqa: ANN401
        if request.method in SAFE_METHODS:
            return True
        action = _ACTION_OF_METHOD.get(request.method or "", "change")
        return staff_may(request.user, f"catalog.{action}_{view.model._meta.model_name}")


class ReadOrManageProduct(BasePermission):
    """Everybody reads; the product's seller and staff who may change products write."""

    def has_permission(self, request: Request, view: Any) -> bool:  # noqa: ANN401
        if request.method in SAFE_METHODS:
            return True
        if request.user.is_staff:
            return staff_may(request.user, self._permission(request, view))
        return bool(request.user.is_authenticated and request.user.is_seller)

    def has_object_permission(self, request: Request, view: Any, product: Product) -> bool:  # noqa: ANN401
        return request.method in SAFE_METHODS or manages(request.user, product)

    @staticmethod
    def _permission(request: Request, view: Any) -> str:  # noqa: ANN401
        if view.is_part_of_product:  # a new variant or picture changes the product
            return "catalog.change_product"
        return f"catalog.{_ACTION_OF_METHOD.get(request.method or '', 'change')}_product"


class SeesLowStock(BasePermission):
    def has_permission(self, request: Request, view: Any) -> bool:  # noqa: ANN401
        return staff_may(request.user, "catalog.view_stock")


class RecordsStock(BasePermission):
    """Sellers for their own variants, and staff who may see or add movements."""

    def has_permission(self, request: Request, view: Any) -> bool:  # noqa: ANN401
        user = request.user
        if user.is_staff:
            action = "view" if request.method in SAFE_METHODS else "add"
            return staff_may(user, f"catalog.{action}_stockmovement")
        return bool(user.is_authenticated and user.is_seller)


class ReadOrWriteOwnReview(IsAuthenticatedOrReadOnly):
    """Everybody reads; authors change and delete their own, and so may staff."""

    def has_object_permission(self, request: Request, view: Any, review: Review) -> bool:  # noqa: ANN401
        action = _ACTION_OF_METHOD.get(request.method or "")
        if action not in ("change", "delete") or review.user_id == request.user.pk:
            return True
        return staff_may(request.user, f"catalog.{action}_review")


class HandlesAlerts(BasePermission):
    """Staff who may see alerts of low stock, or change them."""

    def has_permission(self, request: Request, view: Any) -> bool:  # noqa: ANN401
        action = "view" if request.method in SAFE_METHODS else "change"
        return staff_may(request.user, f"catalog.{action}_stockalert")
