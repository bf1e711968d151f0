"""How a request names its cart, X-Cart-ID, cookie and If-Match, and how a browser keeps it."""

from uuid import UUID

from django.conf import settings
from rest_framework.request import Request
from rest_framework.response import Response

from .models import Cart
from .services.access import Caller, Versions

COOKIE = "cart_id"


def caller_of(request: Request, *, cart_id: UUID | None = None, only_named: bool = False) -> Caller:
    """Return who asks for a cart; `cart_id` is the one that address, query or body names."""
    offered = [request.headers.get("X-Cart-ID", ""), request.COOKIES.get(COOKIE, "")]
    return Caller(
        user=request.user if request.user.is_authenticated else None,
        offered_ids=tuple(found for text in offered if (found := parse_id(text))),
        named_id=cart_id,
        only_named=only_named,
    )


def parse_id(text: str) -> UUID | None:
    """Read a cart's id; what is none is as if it were not sent."""
    try:
        return UUID(text)
    except ValueError:
        return None


def read_if_match(request: Request) -> Versions:
    """Return the versions that If-Match allows: bare, quoted or weak; None for any.

    What is no version allows none, as HTTP says of a tag that matches nothing.
    """
    header = request.headers.get("If-Match", "").strip()
    if not header or header == "*":
        return None
    tags = [tag.strip().removeprefix("W/").strip('"') for tag in header.split(",")]
    return frozenset(
        int(tag) for tag in tags if tag.isascii() and tag.isdecimal() and len(tag) < 20
    )


def keep_in_browser(response: Response, request: Request, cart: Cart) -> None:
    """Let a browser find a guest's cart again for as long as it lives."""
    response.set_cookie(
        COOKIE,
        str(cart.pk),
        max_age=settings.GUEST_CART_LIFETIME,
        httponly=True,
        samesite="Lax",
        secure=request.is_secure() or settings.SITE_URL.startswith("https://"),
    )


def forget_in_browser(response: Response, request: Request, cart_id: UUID | None) -> None:
    """Drop the cookie, unless it names another cart than the one that is gone."""
    if cart_id in (None, parse_id(request.COOKIES.get(COOKIE, ""))):
        response.delete_cookie(COOKIE, samesite="Lax")
