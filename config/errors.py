"""The one shape of every error under /api/, and the only place where errors become statuses."""

import logging
from math import ceil
from typing import Any

from django.core.exceptions import PermissionDenied, RequestDataTooBig, SuspiciousOperation
from django.db import InterfaceError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from rest_framework import exceptions
from rest_framework.response import Response
from rest_framework_simplejwt.exceptions import AuthenticationFailed, TokenError

from . import request_ids

logger = logging.getLogger(__name__)

# Every code that the API answers with. Codes are stable; texts may change.
STATUS_OF_CODE = {
    "validation_error": 400,
    "parse_error": 400,
    "otp_invalid": 400,
    "signature_invalid": 400,
    "not_authenticated": 401,
    "token_not_valid": 401,
    "authentication_failed": 401,
    "permission_denied": 403,
    "not_found": 404,
    "method_not_allowed": 405,
    "not_acceptable": 406,
    "conflict": 409,
    "insufficient_stock": 409,
    "price_changed": 409,
    "cart_empty": 409,
    "coupon_unavailable": 409,
    "invalid_transition": 409,
    "already_paid": 409,
    "idempotency_key_reused": 409,
    "request_in_progress": 409,
    "duplicate": 409,
    "precondition_failed": 412,
    "payload_too_large": 413,
    "unsupported_media_type": 415,
    "throttled": 429,
    "server_error": 500,
    "gateway_error": 502,
    "service_unavailable": 503,
}

RETRY_AFTER_SECONDS = 2


class DomainError(Exception):
    """A refusal with a stable code; `details` tells the client what to change."""

    code = "conflict"
    message = "This is not possible in the present state."

    def __init__(self, message: str | None = None, **details: Any) -> None:  # noqa: ANN401
        self.message = message or self.message
        self.details = details
        super().__init__(self.message)


class InvalidInput(DomainError):
    """Input that only a service can judge; details are `{field: [message]}`."""

    code = "validation_error"
    message = "Some fields are not valid."

    def __init__(self, **fields: str | list[str]) -> None:
        super().__init__()
        self.details = {k: [v] if isinstance(v, str) else v for k, v in fields.items()}


class NotFound(DomainError):
    code = "not_found"
    message = "Not found."


class ServiceUnavailable(DomainError):
    code = "service_unavailable"
    message = "The shop is busy. Try again in a moment."


class RequestInProgress(DomainError):
    code = "request_in_progress"
    message = "The same request is still being worked on. Try again in a moment."


class IdempotencyKeyReused(DomainError):
    code = "idempotency_key_reused"
    message = "This Idempotency-Key was used with another body. Use a new key."


class PreconditionFailed(DomainError):
    code = "precondition_failed"
    message = "It was changed meanwhile. Read it again and repeat your change."


def error_body(code: str, message: str, details: Any = None) -> dict[str, Any]:  # noqa: ANN401
    """Build the body of an error response."""
    return {
        "error": message,
        "code": code,
        "status": STATUS_OF_CODE[code],
        "details": details or {},
        "request_id": request_ids.current.get(),
        "timestamp": timezone.now().strftime("%Y-%m-%dT%H:%M:%SZ"),
    }


def error_response(code: str, message: str) -> JsonResponse:
    """Answer outside REST framework's views, in the same shape."""
    response = JsonResponse(error_body(code, message), status=STATUS_OF_CODE[code])
    _add_headers(response, code)
    return response


def response_to(exc: Exception) -> JsonResponse:
    """Answer an exception that was raised outside REST framework's views."""
    code, message, _ = describe(exc)
    return error_response(code, message)


def exception_handler(exc: Exception, context: dict[str, Any]) -> Response:
    """Turn whatever a view raised into the one error shape."""
    code, message, details = describe(exc)
    if code == "permission_denied" and (request := context.get("request")):
        message = getattr(request.user, "refusal_hint", "") or message
    response = Response(error_body(code, message, details), STATUS_OF_CODE[code])
    _add_headers(response, code)
    if response.status_code == 401:
        # Calls that ignore the header have no authenticator to name the scheme.
        response["WWW-Authenticate"] = getattr(exc, "auth_header", None) or 'Bearer realm="api"'
    if wait := getattr(exc, "wait", None):
        response["Retry-After"] = str(ceil(wait))
    response.exception = True
    return response


def _add_headers(response: HttpResponse, code: str) -> None:
    if code in ("service_unavailable", "request_in_progress", "throttled"):
        response["Retry-After"] = str(RETRY_AFTER_SECONDS)


def describe(exc: Exception) -> tuple[str, str, Any]:
    """Return code, message and details of what a view raised; log what nobody foresaw."""
    match exc:
        case DomainError():
            return exc.code, exc.message, exc.details
        case exceptions.ValidationError():
            return "validation_error", "Some fields are not valid.", _field_errors(exc.detail)
        case AuthenticationFailed() | TokenError():  # simplejwt's, for any token it refuses
            return "token_not_valid", "The token is not valid or has expired. Log in again.", None
        case exceptions.Throttled():
            return "throttled", "Too many requests. Wait before you try again.", None
        case Http404():
            return "not_found", "Not found.", None
        case PermissionDenied() | exceptions.PermissionDenied():
            return "permission_denied", _text(exc, "You may not do this."), None
        case RequestDataTooBig():
            return "payload_too_large", "The body is larger than 1 MB.", None
        case SuspiciousOperation():
            return "parse_error", "The request is malformed.", None
        case OperationalError() | InterfaceError():
            logger.warning("Database not available", exc_info=exc)
            return "service_unavailable", ServiceUnavailable.message, None
        case exceptions.APIException():
            code = exc.get_codes()
            known = code if isinstance(code, str) and code in STATUS_OF_CODE else None
            return known or code_of_status(exc.status_code), str(exc.detail), None
    logger.error("Unhandled error", exc_info=exc)
    return "server_error", "Something went wrong on our side. Try again later.", None


def _text(exc: Exception, default: str) -> str:
    return str(getattr(exc, "detail", "")) or default


def code_of_status(status: int) -> str:
    """Return the most general code of an HTTP status."""
    if status == 400:
        return "parse_error"
    codes = (code for code, number in STATUS_OF_CODE.items() if number == status)
    return next(codes, "server_error")


def _field_errors(detail: Any) -> dict[str, Any]:  # noqa: ANN401
    if isinstance(detail, dict):
        return detail
    return {"non_field_errors": detail}


@csrf_exempt
def not_found(request: HttpRequest, exception: Exception | None = None) -> JsonResponse:
    """Answer an address under /api/ that does not exist, whatever the method."""
    if not request.path.endswith("/"):
        return error_response("not_found", f"Addresses end with a slash: {request.path}/")
    return error_response("not_found", "There is no such address. See /api/docs/.")
