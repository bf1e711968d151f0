"""The merchant's objects, the shape of errors, and the news that Stripe sends."""

import json
import secrets
import string
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from payments.sandbox.merchant import Merchant
from payments.sandbox.messages import Response
from payments.sandbox.pace import END_REFUND, Pace
from payments.sandbox.store import Store

NAME = "stripe"
VERSION = "2026-10-28.endive"
INTENT, CHARGE, REFUND, DISPUTE, CUSTOMER, METHOD, SETUP = (
    f"{NAME}.{kind}"
    for kind in ("intent", "charge", "refund", "dispute", "customer", "method", "setup")
)
Entity = dict[str, Any]


class Refusal(Exception):
    """Ends a request with an error answer; what the request wrote is undone."""

    def __init__(
        self,
        message: str,
        *,
        status: int = 400,
        kind: str = "invalid_request_error",
        code: str | None = None,
        param: str | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.error = {"type": kind, "code": code, "message": message, "param": param}

    def response(self) -> Response:
        return Response.json({"error": self.error}, self.status)


def new_id(prefix: str) -> str:
    signs = string.ascii_letters + string.digits
    return f"{prefix}_" + "".join(secrets.choice(signs) for _ in range(24))


def stamped(prefix: str, kind: str, **fields: Any) -> Entity:  # noqa: ANN401
    """A new object with what every object has."""
    now = int(time.time())
    return {
        "id": new_id(prefix),
        "object": kind,
        "created": now,
        "created_at": now,
        "livemode": False,
        "metadata": {},
        **fields,
    }


def public(entity: Entity) -> Entity:
    """The object as the API shows it, without what only the sandbox's records need."""
    shown = (item for item in entity.items() if not item[0].startswith("_"))
    return {name: value for name, value in shown if name != "created_at"}


@dataclass
class Ledger:
    store: Store
    merchant: Merchant
    pace: Callable[[], Pace] = Pace

    def find(self, kind: str, record_id: str) -> Entity:
        found = self.store.get(kind, record_id)
        if found is None:
            name = kind.removeprefix(f"{NAME}.")
            text = f"No such {name}: '{record_id}'"
            raise Refusal(text, status=404, code="resource_missing", param=name)
        return found

    def end_later(self, refund_id: str) -> None:
        """Let a refund end by itself, unless the pace leaves that to whoever watches."""
        pace = self.pace()
        if pace.refunds != "pending":
            self.store.set_timer(NAME, END_REFUND, refund_id, pace.refund_after)

    def announce(self, kind: str, entity: Entity) -> None:
        """Keep an event for delivery, with the object as it is at this moment."""
        event_id = new_id("evt")
        body = {
            "id": event_id,
            "object": "event",
            "api_version": VERSION,
            "created": int(time.time()),
            "data": {"object": public(entity)},
            "livemode": False,
            "pending_webhooks": 1,
            "request": {"id": new_id("req"), "idempotency_key": None},
            "type": kind,
        }
        raw = json.dumps(body, ensure_ascii=False, indent=2).encode()
        self.store.events.add(
            event_id=event_id,
            gateway=NAME,
            kind=kind,
            body=raw,
            secret=self.merchant.webhook_secret,
        )
