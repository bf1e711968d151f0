"""Catalogue reads carry ETag and Cache-Control, and answer If-None-Match with 304."""

from hashlib import blake2b
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.cache import get_conditional_response, patch_vary_headers
from rest_framework.request import Request
from rest_framework.response import Response

PUBLIC_SECONDS = 60


class ConditionalReads:
    """Mix into a view: guests' answers may be shared for a minute, users' are their own."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:  # noqa: ANN401
        response = super().dispatch(request, *args, **kwargs)  # type: ignore[misc]
        if request.method not in ("GET", "HEAD") or response.status_code != 200:
            return response
        response.render()
        etag = f'"{blake2b(response.content, digest_size=16).hexdigest()}"'
        response["ETag"] = etag
        return get_conditional_response(request, etag=etag, response=response)

    def finalize_response(
        self,
        request: Request,
        response: Response,
        *args: Any,  # noqa: ANN401
        **kwargs: Any,  # noqa: ANN401
    ) -> Response:
        response = super().finalize_response(request, response, *args, **kwargs)  # type: ignore[misc]
        if request.method in ("GET", "HEAD") and response.status_code == 200:
            is_guest = not request.user.is_authenticated
            public = f"public, max-age={PUBLIC_SECONDS}"
            response["Cache-Control"] = public if is_guest else "private, no-cache"
            patch_vary_headers(response, ["Authorization"])
        return response
