"""The merchant's account: its keys, its records, and the news it sends."""

import hashlib
import hmac
import json
import time
from dataclasses import dataclass, field
from typing import Any

from payments.sandbox.outbox import Event
from payments.sandbox.pace import Pace
from payments.sandbox.razorpay.checks import new_id
from payments.sandbox.razorpay.errors import UNKNOWN_ID, Refusal
from payments.sandbox.razorpay.money import in_rupees
from payments.sandbox.store import Store

NAME = "razorpay"
ORDER, PAYMENT, REFUND, DISPUTE, CUSTOMER, TOKEN = (
    f"{NAME}.{kind}" for kind in ("order", "payment", "refund", "dispute", "customer", "token")
)
Entity = dict[str, Any]


@dataclass
class Account:
    store: Store
    key_id: str
    key_secret: str
    webhook_secret: str
    pace: Pace = field(default_factory=Pace)

    @property
    def account_id(self) -> str:
        return "acc_" + hashlib.sha256(self.key_id.encode()).hexdigest()[:14]

    def find(self, kind: str, record_id: str) -> Entity:
        """The record of that id, or the refusal that Razorpay answers with 400."""
        found = self.store.get(kind, record_id)
        if found is None:
            raise Refusal(UNKNOWN_ID, step=None, reason=None)
        return found

    def sign(self, message: str) -> str:
        return hmac.new(self.key_secret.encode(), message.encode(), hashlib.sha256).hexdigest()

    def announce(self, event: str, **entities: Entity) -> None:
        """Keep an event for delivery, with the entities as they are at this moment."""
        payload = {name: {"entity": public(entity)} for name, entity in entities.items()}
        if "payment" in payload:
            paid = payload["payment"]["entity"]
            paid["base_amount"] = in_rupees(paid["amount"], paid["currency"])
        body = {
            "entity": "event",
            "account_id": self.account_id,
            "event": event,
            "contains": list(entities),
            "payload": payload,
            "created_at": int(time.time()),
        }
        raw = json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()
        self.store.events.add(
            event_id=new_id("evt"), gateway=NAME, kind=event, body=raw, secret=self.webhook_secret
        )

    def start_timer(self, action: str, subject: str, after: float) -> None:
        self.store.set_timer(NAME, action, subject, after)


def webhook_headers(event: Event) -> dict[str, str]:
    headers = {"Content-Type": "application/json", "X-Razorpay-Event-Id": event.id}
    if event.secret:
        digest = hmac.new(event.secret.encode(), event.body, hashlib.sha256)
        headers["X-Razorpay-Signature"] = digest.hexdigest()
    return headers


def public(entity: Entity) -> Entity:
    """The entity as the API shows it: what begins with an underscore is the sandbox's own."""
    return {name: value for name, value in entity.items() if not name.startswith("_")}
