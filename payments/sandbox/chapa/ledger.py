"""The merchant's transactions and refunds, and the news that Chapa sends of them."""

import json
import secrets
import string
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from payments.sandbox.merchant import Merchant
from payments.sandbox.messages import Response
from payments.sandbox.pace import END_REFUND, Pace
from payments.sandbox.store import Store

NAME = "chapa"
TRANSACTION, REFUND = f"{NAME}.transaction", f"{NAME}.refund"
Entity = dict[str, Any]


class Refusal(Exception):
    """Ends a request with an error answer; what the request wrote is undone."""

    def __init__(self, message: object, code: int = 400, status: str | None = "failed") -> None:
        super().__init__(message)
        self.message, self.code, self.status = message, code, status

    def response(self) -> Response:
        answer = {"message": self.message, "status": self.status, "data": None}
        return Response.json(answer, self.code)


def answered(message: str, data: object) -> Response:
    return Response.json({"message": message, "status": "success", "data": data})


def new_reference() -> str:
    return "".join(secrets.choice(string.ascii_letters + string.digits) for _ in range(10))


def moment(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


@dataclass
class Ledger:
    store: Store
    merchant: Merchant
    pace: Callable[[], Pace] = Pace

    @property
    def mode(self) -> str:
        return "test" if self.merchant.secret_key.startswith("CHASECK_TEST-") else "live"

    def transaction(self, tx_ref: str) -> Entity:
        found = self.store.get(TRANSACTION, tx_ref)
        if found is None:
            raise Refusal("Invalid transaction or Transaction not found", 404)
        return found

    def end_later(self, refund_id: str) -> None:
        """Let a refund end by itself, unless the pace leaves that to whoever watches."""
        pace = self.pace()
        if pace.refunds != "pending":
            self.store.set_timer(NAME, END_REFUND, refund_id, pace.refund_after)

    def announce(self, event: str, transaction: Entity, **more: object) -> None:
        """Keep an event for delivery: its fields lie at the top, and it has no id."""
        body = {
            "event": event,
            "first_name": transaction["first_name"],
            "last_name": transaction["last_name"],
            "email": transaction["email"],
            "mobile": transaction["phone_number"],
            "currency": transaction["currency"],
            "amount": transaction["amount"],
            "charge": transaction["charge"],
            "status": event.removeprefix("charge."),
            "mode": self.mode,
            "reference": transaction["reference"],
            "created_at": moment(transaction["created_at"]),
            "updated_at": moment(time.time()),
            "type": "API",
            "tx_ref": transaction["tx_ref"],
            "payment_method": transaction["method"],
            "customization": transaction["customization"],
            "meta": transaction["meta"],
            **more,
        }
        raw = json.dumps(body, ensure_ascii=False, separators=(",", ":")).replace("/", "\\/")
        self.store.events.add(
            event_id=f"{NAME}_{secrets.token_hex(8)}",
            gateway=NAME,
            kind=event,
            body=raw.encode(),
            secret=self.merchant.webhook_secret,
        )
