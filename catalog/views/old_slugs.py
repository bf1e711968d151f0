"""Reads under a slug of the past are sent on to the present one."""

import re

from django.http import Http404, HttpResponseBase, HttpResponsePermanentRedirect
from rest_framework.exceptions import NotFound
from rest_framework.request import Request

from ..selectors import present_slug

KINDS = ("product", "category", "collection", "tag", "seller")
# Browsers would keep a permanent redirect for ever, also after the name is given back.
KEPT_SECONDS = 300


class RedirectsOldSlugs:
    """Mix into a view whose path names something of the catalogue: 301 instead of 404."""

    request: Request
    kwargs: dict[str, str]

    def handle_exception(self, exc: Exception) -> HttpResponseBase:
        is_miss = isinstance(exc, Http404 | NotFound) and self.request.method in ("GET", "HEAD")
        if is_miss and (address := self._present_address()):
            headers = {"Cache-Control": f"max-age={KEPT_SECONDS}"}
            return HttpResponsePermanentRedirect(address, headers=headers)
        return super().handle_exception(exc)  # type: ignore[misc]

    def _present_address(self) -> str | None:
        """Return this request's address under the present slug of what its path names."""
        kind = next((kind for kind in KINDS if kind in self.kwargs), "")
        given = self.kwargs.get(kind, "")
        slug = present_slug(kind, given, self.request.user) if given else None
        if slug is None or slug == given.lower():  # something else on the path is missing
            return None
        words = self.kwargs | {kind: slug}
        route = self.request.resolver_match.route
        path = "/" + re.sub(r"<(?:\w+:)?(\w+)>", lambda word: str(words[word[1]]), route)
        query = self.request.META.get("QUERY_STRING", "")
        return self.request.build_absolute_uri(f"{path}?{query}" if query else path)
