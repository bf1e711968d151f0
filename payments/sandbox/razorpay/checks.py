"""What Razorpay checks of every request: known fields, notes, receipts, paging."""

import base64
import hmac
import secrets
import string
from typing import Any

from payments.sandbox.messages import Request
from payments.sandbox.razorpay.errors import Refusal, without_place
from payments.sandbox.store import Page

ALPHANUMERIC = string.ascii_letters + string.digits


def new_id(prefix: str) -> str:
    return f"{prefix}_" + "".join(secrets.choice(ALPHANUMERIC) for _ in range(14))


def check_keys(request: Request, key_id: str, key_secret: str) -> None:
    """Refuse whoever does not show both keys by Basic authentication."""
    scheme, _, encoded = request.headers.get("Authorization", "").partition(" ")
    try:
        shown = base64.b64decode(encoded, validate=True) if scheme == "Basic" else b""
    except ValueError:
        shown = b""
    if not hmac.compare_digest(shown, f"{key_id}:{key_secret}".encode()):
        raise without_place("Authentication failed", status=401)


def check_known(fields: dict[str, Any], known: set[str]) -> None:
    extra = sorted(set(fields) - known)
    if extra:
        raise Refusal(f"{', '.join(extra)} is/are not required and should not be sent")


def check_notes(notes: object) -> dict[str, Any] | list[Any]:
    """Notes as they are answered: an empty list when there are none."""
    if not notes:
        return []
    if not isinstance(notes, dict):
        raise Refusal("The notes must be an array.", field="notes")
    if len(notes) > 15:
        raise Refusal("Number of fields in notes should be less than or equal to 15", field="notes")
    for value in notes.values():
        if isinstance(value, dict | list):
            raise Refusal("notes values themselves should not be an array", field="notes")
        if len(str(value)) > 256:
            raise Refusal("notes values may not be greater than 256 characters.", field="notes")
    return notes


def check_receipt(receipt: object) -> str | None:
    if receipt is None:
        return None
    if not isinstance(receipt, str):
        raise Refusal("The receipt must be a string.", field="receipt")
    if len(receipt) > 40:
        raise Refusal("The receipt may not be greater than 40 characters.", field="receipt")
    return receipt


def page_of(request: Request) -> Page:
    """The stretch that `from`, `to`, `count` and `skip` ask for."""
    count = number(request, "count", 10)
    if count < 1:
        raise Refusal("The count must be at least 1.", field="count")
    if count > 100:
        raise Refusal("The count may not be greater than 100.", field="count")
    return Page(
        since=number(request, "from", 0),
        until=number(request, "to", 2**62),
        count=count,
        skip=number(request, "skip", 0),
    )


def number(request: Request, name: str, default: int) -> int:
    value = request.param(name)
    if value is None:
        return default
    if not value.isascii() or not value.isdigit():
        raise Refusal(f"The {name} must be an integer.", field=name)
    return int(value)


def collection(items: list[dict[str, Any]]) -> dict[str, Any]:
    return {"entity": "collection", "count": len(items), "items": items}
