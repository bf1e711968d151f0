"""Request ids, and the error shape for what fails before a view of the API is reached."""

import logging
import re
from collections.abc import Callable
from uuid import uuid4

from django.conf import settings
from django.core.exceptions import DisallowedHost, RequestDataTooBig, SuspiciousOperation
from django.http import HttpRequest, HttpResponse

from . import request_ids
from .errors import error_response

_ACCEPTABLE_ID = re.compile(r"[A-Za-z0-9._:-]{1,128}")

GetResponse = Callable[[HttpRequest], HttpResponse]
logger = logging.getLogger(__name__)


class RequestIdMiddleware:
    """Take the client's X-Request-ID or make one, and send it back."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        given = request.headers.get("X-Request-ID", "")
        request_id = given if _ACCEPTABLE_ID.fullmatch(given) else uuid4().hex
        token = request_ids.current.set(request_id)
        try:
            response = self.get_response(request)
            response["X-Request-ID"] = request_id
            return response
        finally:
            request_ids.current.reset(token)


class ApiErrorMiddleware:
    """Refuse bodies that are too large, and give errors under /api/ their one shape."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not request.path.startswith("/api/"):
            return self.get_response(request)
        if self._is_too_large(request):
            return self._error("payload_too_large", "The body is larger than 1 MB.")
        response = self.get_response(request)
        if response.status_code >= 400 and not self._is_shaped(response):
            return self._reshape(response)
        return response

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if not request.path.startswith("/api/"):
            return None
        if isinstance(exception, RequestDataTooBig):
            return self._error("payload_too_large", "The body is larger than 1 MB.")
        if isinstance(exception, (DisallowedHost, SuspiciousOperation)):
            return self._error("parse_error", "The request is malformed.")
        logger.error("Unhandled error", exc_info=exception)
        return self._error("server_error", "Something went wrong on our side. Try again later.")

    @staticmethod
    def _is_too_large(request: HttpRequest) -> bool:
        if request.content_type == "multipart/form-data":
            return False  # pictures have their own limit
        try:
            length = int(request.META.get("CONTENT_LENGTH") or 0)
        except ValueError:
            return False
        return length > settings.DATA_UPLOAD_MAX_MEMORY_SIZE

    @staticmethod
    def _is_shaped(response: HttpResponse) -> bool:
        kind = response.get("Content-Type", "")
        return kind.startswith(("application/json", "application/pdf", "text/csv"))

    def _reshape(self, response: HttpResponse) -> HttpResponse:
        known = {404: "not_found", 405: "method_not_allowed", 413: "payload_too_large"}
        fallback = "server_error" if response.status_code >= 500 else "parse_error"
        code = known.get(response.status_code, fallback)
        return self._error(code, response.reason_phrase)

    @staticmethod
    def _error(code: str, message: str) -> HttpResponse:
        return error_response(code, message)
