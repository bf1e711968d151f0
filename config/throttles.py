"""Whose calls are counted, and the throttles that need no exact count.

What guards a password counts in the database.
"""

from __future__ import annotations

from ipaddress import IPv6Address, IPv6Network, ip_address
from typing import TYPE_CHECKING

from django.http import HttpRequest
from rest_framework.request import Request
from rest_framework.throttling import (
    AnonRateThrottle,
    BaseThrottle,
    SimpleRateThrottle,
    UserRateThrottle,
)

if TYPE_CHECKING:
    from rest_framework.views import APIView


def address_of(request: Request | HttpRequest) -> str:
    """Return the client's address; X-Forwarded-For counts as far as proxies are trusted.

    Of IPv6 it is the network: one customer of a provider has all its 2^64 addresses.
    """
    text = BaseThrottle().get_ident(request)
    try:
        address = ip_address(text)
    except ValueError:  # a proxy may write what it likes
        return text
    if isinstance(address, IPv6Address):
        mapped = address.ipv4_mapped
        return str(mapped or IPv6Network((int(address), 64), strict=False))
    return str(address)


class AnonThrottle(AnonRateThrottle):
    """Guests, by address."""

    def get_ident(self, request: Request) -> str:
        return address_of(request)


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
        ident = user.pk if user and user.is_authenticated else address_of(request)
        return self.cache_format % {"scope": self.scope, "ident": ident}
