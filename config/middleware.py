"""Request ids, who is acting, and the error shape for what fails before a view of the API."""

import logging
import re
import time
from collections.abc import Callable
from uuid import uuid4

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from . import request_ids
from .acting import ADMIN, API, acting
from .errors import code_of_status, error_response, response_to

# Pictures are at most 500 KB each and are judged by their view; this guards the disk.
MULTIPART_LIMIT = 20_000_000
_ACCEPTABLE_ID = re.compile(r"[A-Za-z0-9._:-]{1,128}")

GetResponse = Callable[[HttpRequest], HttpResponse]
logger = logging.getLogger("storefront.requests")


class RequestIdMiddleware:
    """Take the client's X-Request-ID or make one, log the request under it and send it back."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        given = request.headers.get("X-Request-ID", "")
        request_id = given if _ACCEPTABLE_ID.fullmatch(given) else uuid4().hex
        token = request_ids.current.set(request_id)
        start = time.perf_counter()
        try:
            response = self.get_response(request)
            response["X-Request-ID"] = request_id
            took = (time.perf_counter() - start) * 1000
            # Never the query, which may carry an order's token.
            logger.info(
                "%s %s %s %.0f ms", request.method, request.path, response.status_code, took
            )
            return response
        finally:
            request_ids.current.reset(token)


class ActingMiddleware:
    """Let services know who is acting: whom the API or the admin takes the caller for."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        source = API if request.path.startswith("/api/") else ADMIN
        # Asked late: the views of the API put the owner of the token in the session's place.
        with acting(source, lambda: request.user):
            return self.get_response(request)


class ApiErrorMiddleware:
    """Refuse what no view can read, and give errors under /api/ their one shape."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not request.path.startswith("/api/"):
            return self.get_response(request)
        if limit := _exceeded_limit(request):
            return error_response(
                "payload_too_large", f"The body is larger than {limit // 1_000_000} MB."
            )
        if _has_nul(request):
            return error_response("parse_error", "An address cannot hold the character NUL.")
        response = self.get_response(request)
        is_json = response.get("Content-Type", "").startswith("application/json")
        if response.status_code >= 400 and not is_json:
            return _reshape(response)
        return response

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        return response_to(exception) if request.path.startswith("/api/") else None


def _exceeded_limit(request: HttpRequest) -> int | None:
    """Return the limit in bytes that the body is over, or None."""
    is_form = request.content_type == "multipart/form-data"
    limit = MULTIPART_LIMIT if is_form else settings.DATA_UPLOAD_MAX_MEMORY_SIZE
    try:
        return limit if int(request.META.get("CONTENT_LENGTH") or 0) > limit else None
    except ValueError:
        return None


def _has_nul(request: HttpRequest) -> bool:
    """Tell whether the address holds a NUL, which PostgreSQL refuses in any text."""
    return "%00" in request.META.get("QUERY_STRING", "") or "\x00" in request.path


def _reshape(response: HttpResponse) -> HttpResponse:
    """Put the error shape in place of a page; its headers, such as Allow, stay."""
    code = code_of_status(response.status_code)
    shaped = error_response(code, response.reason_phrase)
    for name, value in response.items():
        if name not in ("Content-Type", "Content-Length"):
            shaped[name] = value
    return shaped
