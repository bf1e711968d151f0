"""Throttles that need no exact count; what guards a password counts in the database."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rest_framework.request import Request
from rest_framework.throttling import AnonRateThrottle, SimpleRateThrottle, UserRateThrottle

if TYPE_CHECKING:
    from rest_framework.views import APIView


class AnonThrottle(AnonRateThrottle):
    """Guests, by address."""


class UserThrottle(UserRateThrottle):
    """Users, by id; guests count under `anon` alone."""

    def get_cache_key(self, request: Request, view: APIView) -> str | None:
        if not (request.user and request.user.is_authenticated):
            return None
        return super().get_cache_key(request, view)


class CheckoutThrottle(SimpleRateThrottle):
    """Placing orders and starting payments, by user or address; reading is free."""

    scope = "checkout"

    def get_cache_key(self, request: Request, view: APIView) -> str | None:
        if request.method != "POST":
            return None
        user = request.user
        ident = user.pk if user and user.is_authenticated else self.get_ident(request)
        return self.cache_format % {"scope": self.scope, "ident": ident}
