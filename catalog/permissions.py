"""Who may call: staff by Django's permissions, sellers for what is theirs."""

from typing import Any

from django.contrib.auth.models import AnonymousUser
from rest_framework.permissions import (
    SAFE_METHODS,
    BasePermission,
    IsAuthenticated,
    IsAuthenticatedOrReadOnly,
)
from rest_framework.request import Request

from accounts.models import Seller, User
from accounts.rights import staff_may

from .models import Product, Review

_ACTION_OF_METHOD = {"POST": "add", "PUT": "change", "PATCH": "change", "DELETE": "delete"}


def manages(user: User | AnonymousUser, product: Product) -> bool:
    """Tell whether a user sees what only the product's seller and staff see."""
    return staff_may(user, "catalog.view_product") or sells(user, product)


def is_seller(user: User | AnonymousUser) -> bool:
    return user.is_authenticated and user.is_seller


def sells(user: User | AnonymousUser, product: Product) -> bool:
    """Tell whether a product is a seller's own."""
    if not is_seller(user):
        return False
    return product.seller is not None and product.seller.user_id == user.pk


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
        return self._may_write(request, view) or is_seller(request.user)

    def has_object_permission(self, request: Request, view: Any, product: Product) -> bool:  # noqa: ANN401
        if request.method in SAFE_METHODS or self._may_write(request, view):
            return True
        return sells(request.user, product)

    def _may_write(self, request: Request, view: Any) -> bool:  # noqa: ANN401
        return staff_may(request.user, self._permission(request, view))

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
        action = "view" if request.method in SAFE_METHODS else "add"
        is_allowed = staff_may(request.user, f"catalog.{action}_stockmovement")
        return is_allowed or is_seller(request.user)


class ChangesOwnSeller(IsAuthenticated):
    """The user of a seller, and staff who may change sellers."""

    def has_object_permission(self, request: Request, view: Any, seller: Seller) -> bool:  # noqa: ANN401
        return seller.user_id == request.user.pk or _may_change_sellers(request)


class DecidesOnSellers(BasePermission):
    """Staff who may change sellers."""

    def has_permission(self, request: Request, view: Any) -> bool:  # noqa: ANN401
        return _may_change_sellers(request)


def _may_change_sellers(request: Request) -> bool:
    return staff_may(request.user, "accounts.change_seller")


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
