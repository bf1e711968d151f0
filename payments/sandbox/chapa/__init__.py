"""Chapa's wire protocol: its addresses, its key, its shape of answers, its checkout page."""

import hashlib
import hmac
import re
from collections.abc import Callable
from typing import Any

from payments.sandbox.chapa import checkout, refunds, transactions
from payments.sandbox.chapa.ledger import (
    NAME,
    REFUND,
    TRANSACTION,
    Entity,
    Ledger,
    Refusal,
    answered,
)
from payments.sandbox.merchant import Merchant
from payments.sandbox.messages import Request, Response
from payments.sandbox.outbox import Event
from payments.sandbox.pace import END_REFUND, Pace
from payments.sandbox.store import Store

REFERENCE = r"([\w.-]+)"
ROUTES: list[tuple[str, re.Pattern[str], Callable[..., tuple[str, Entity]]]] = [
    ("POST", re.compile("transaction/initialize"), transactions.initialize),
    ("GET", re.compile(f"transaction/verify/{REFERENCE}"), transactions.verify),
    ("PUT", re.compile(f"transaction/cancel/{REFERENCE}"), transactions.cancel),
    ("POST", re.compile(f"refund/{REFERENCE}"), refunds.create),
    ("GET", re.compile(f"refund/{REFERENCE}/verify"), refunds.verify),
]


class Chapa:
    """One of the server's protocols: answers requests, runs timers, signs events."""

    name = NAME
    prefix = "/chapa/"

    def __init__(self, store: Store, merchant: Merchant, pace: Callable[[], Pace] = Pace) -> None:
        self.ledger = Ledger(store, merchant, pace)

    def handle(self, request: Request) -> Response:
        try:
            with self.ledger.store.transaction():
                return self._answer(request)
        except Refusal as refusal:
            return refusal.response()
        except ValueError:
            return Refusal("Incorrect header settings").response()

    def run_timer(self, action: str, subject: str) -> None:
        if action != END_REFUND:
            raise LookupError(f"Chapa has no timer {action} of {subject}.")
        refunds.end_by_itself(self.ledger, subject)

    def act(self, name: str, fields: dict[str, Any]) -> object:
        """Do what a customer, a bank or the merchant's dashboard does."""
        with self.ledger.store.transaction():
            if name == "pay":
                return checkout.pay(self.ledger, **fields)
            if name == "refund":
                return refunds.act(self.ledger, **fields)
        raise ValueError(f"Chapa has no {name}.")

    def state(self) -> dict[str, Any]:
        store = self.ledger.store
        return {"transactions": store.select(TRANSACTION), "refunds": store.select(REFUND)}

    @staticmethod
    def webhook_headers(event: Event) -> dict[str, str]:
        secret = event.secret.encode()
        return {
            "Content-Type": "application/json",
            "x-chapa-signature": hmac.new(secret, event.body, hashlib.sha256).hexdigest(),
            "chapa-signature": hmac.new(secret, secret, hashlib.sha256).hexdigest(),
        }

    def _answer(self, request: Request) -> Response:
        page = checkout.find(request, self.ledger)
        if page is not None:
            return page
        shown = request.headers.get("Authorization", "")
        if not shown:
            raise Refusal("Authorization required", 401)
        if not hmac.compare_digest(
            shown.encode(), f"Bearer {self.ledger.merchant.secret_key}".encode()
        ):
            raise Refusal("Invalid API Key or User doesn't exist", 401)
        for method, address, work in ROUTES:
            match = address.fullmatch(request.path.removeprefix("/chapa/v1/"))
            if match and method == request.method:
                return answered(*work(self.ledger, request, *match.groups()))
        raise Refusal("The requested address was not found", 404)
