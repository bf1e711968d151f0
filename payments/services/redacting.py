"""Taking out of what a gateway sent what nobody here needs: who the customer is, and secrets."""

import json
from typing import Any

REDACTED = "[not kept]"
# As the gateways name them; nothing that is read of an event has one of these names.
_PRIVATE = {
    "city",
    "client_secret",  # whoever has it may look at an intent of Stripe, and pay it
    "contact",
    "email",
    "first_name",
    "last_name",
    "line1",
    "line2",
    "mobile",
    "name",
    "phone",
    "phone_number",
    "postal_code",
    "receipt_email",
    "vpa",
}


def redact(text: str) -> str:
    """Return a JSON text without names, addresses and secrets, and any other text as it is."""
    try:
        content = json.loads(text)
        kept = _without_private(content)
        return text if kept == content else json.dumps(kept)
    except (ValueError, RecursionError):
        return text


def _without_private(value: Any) -> Any:  # noqa: ANN401
    if isinstance(value, list):
        return [_without_private(each) for each in value]
    if not isinstance(value, dict):
        return value
    return {name: _kept(name, each) for name, each in value.items()}


def _kept(name: str, value: Any) -> Any:  # noqa: ANN401
    is_private = name in _PRIVATE and isinstance(value, str | int) and value
    return REDACTED if is_private else _without_private(value)
