"""Stripe's wire protocol: its addresses, keys, idempotency and signatures."""

import hashlib
import hmac
import json
import re
import time
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qsl

from payments.sandbox.merchant import Merchant
from payments.sandbox.messages import Request, Response
from payments.sandbox.outbox import Event
from payments.sandbox.pace import END_REFUND, Pace
from payments.sandbox.store import Store
from payments.sandbox.stripe import element, intents, methods, refunds
from payments.sandbox.stripe.ledger import (
    CUSTOMER,
    INTENT,
    METHOD,
    NAME,
    REFUND,
    SETUP,
    Entity,
    Ledger,
    Refusal,
    public,
)

Work = Callable[..., intents.Answer]

ADDRESSES: list[tuple[str, str, Work]] = [
    ("POST", "payment_intents", intents.create),
    ("GET", "payment_intents/ID", intents.retrieve),
    ("POST", "payment_intents/ID/confirm", intents.confirm),
    ("POST", "payment_intents/ID/capture", intents.capture),
    ("POST", "payment_intents/ID/cancel", intents.cancel),
    ("POST", "customers", methods.create_customer),
    ("DELETE", "customers/ID", methods.delete_customer),
    ("GET", "payment_methods/ID", methods.retrieve_method),
    ("POST", "payment_methods/ID/attach", methods.attach),
    ("POST", "payment_methods/ID/detach", methods.detach),
    ("POST", "setup_intents", methods.create_setup),
    ("GET", "setup_intents/ID", methods.retrieve_setup),
    ("POST", "setup_intents/ID/confirm", methods.confirm_setup),
    ("POST", "refunds", refunds.create),
    ("GET", "refunds", refunds.listed),
    ("GET", "refunds/ID", refunds.retrieve),
]
ROUTES = [
    (method, re.compile(address.replace("ID", r"(\w+)")), work)
    for method, address, work in ADDRESSES
]


class Stripe:
    """One of the server's protocols: answers requests, runs timers, signs events."""

    name = NAME
    prefix = "/stripe/"
    api = "/stripe/v1/"

    def __init__(self, store: Store, merchant: Merchant, pace: Callable[[], Pace] = Pace) -> None:
        self.ledger = Ledger(store, merchant, pace)

    def handle(self, request: Request) -> Response:
        if (page := element.find(request)) is not None:
            return page
        try:
            with self.ledger.store.transaction():
                return self._answer(request)
        except Refusal as refusal:
            return refusal.response()

    def run_timer(self, action: str, subject: str) -> None:
        if action != END_REFUND:
            raise LookupError(f"Stripe has no timer {action} of {subject}.")
        refunds.end_by_itself(self.ledger, subject)

    def act(self, name: str, fields: dict[str, Any]) -> object:
        """Do what a customer, a bank or the merchant's dashboard does."""
        with self.ledger.store.transaction():
            match name:
                case "pay":
                    given = {"authenticated": fields.get("authenticated")}
                    given["payment_method"] = fields.get("card", "4242424242424242")
                    return intents.confirm(self.ledger, given, fields["intent_id"])[1]
                case "refund" if "refund_id" in fields:
                    return refunds.end(self.ledger, **fields)
                case "refund":
                    return refunds.refund(self.ledger, fields)
                case "card":
                    return methods.make_method(self.ledger, **fields)
                case "dispute":
                    return intents.dispute(self.ledger, **fields)
        raise ValueError(f"Stripe has no {name}.")

    def state(self) -> dict[str, Any]:
        select = self.ledger.store.select
        shown = {"intents": INTENT, "refunds": REFUND, "customers": CUSTOMER, "methods": METHOD}
        return {name: [public(one) for one in select(kind)] for name, kind in shown.items()}

    @staticmethod
    def webhook_headers(event: Event) -> dict[str, str]:
        """Sign anew at each delivery, as of now."""
        now = int(time.time())
        digest = hmac.new(event.secret.encode(), b"%d." % now + event.body, hashlib.sha256)
        return {
            "Content-Type": "application/json; charset=utf-8",
            "Stripe-Signature": f"t={now},v1={digest.hexdigest()}",
        }

    def _answer(self, request: Request) -> Response:
        fields = fields_of(request)
        self._check_key(request, fields)
        for method, address, work in ROUTES:
            match = address.fullmatch(request.path.removeprefix(self.api))
            if match and method == request.method:
                return self._once(request, lambda: work(self.ledger, fields, *match.groups()))  # noqa: B023
        text = f"Unrecognized request URL ({request.method}: {request.path})."
        raise Refusal(text, status=404)

    def _check_key(self, request: Request, fields: Entity) -> None:
        """Know the merchant by the secret key; a browser has one intent's secret instead."""
        key = request.headers.get("Authorization", "").removeprefix("Bearer ")
        merchant = self.ledger.merchant
        if hmac.compare_digest(key.encode(), merchant.secret_key.encode()):
            return
        intent_id = str(fields.get("client_secret") or "").partition("_secret_")[0]
        is_setup = intent_id.startswith("seti_")
        intent = self.ledger.store.get(SETUP if is_setup else INTENT, intent_id)
        is_browser = bool(merchant.publishable_key) and key == merchant.publishable_key
        is_own = intent and intent["client_secret"] == fields["client_secret"]
        own = f"{self.api}{'setup' if is_setup else 'payment'}_intents/{intent_id}"
        if is_browser and is_own and request.path in (own, f"{own}/confirm"):
            return
        raise Refusal("Invalid API Key provided.", status=401)

    def _once(self, request: Request, work: Callable[[], intents.Answer]) -> Response:
        """Do the work once for each idempotency key; the first answer is kept, a 402 too."""
        key = request.headers.get("Idempotency-Key")
        if request.method != "POST" or not key:
            return answered(*work())
        store = self.ledger.store
        fingerprint = hashlib.sha256(request.path.encode() + b"\n" + request.body).hexdigest()
        earlier = store.recall(f"{NAME}:{key}")
        if earlier is None:
            status, entity = work()
            kept = json.dumps([status, entity]).encode()
            store.remember(f"{NAME}:{key}", fingerprint, kept)
            return answered(status, entity)
        if earlier[0] != fingerprint:
            text = "Keys for idempotent requests can only be used with the same parameters."
            raise Refusal(text, kind="idempotency_error")
        return answered(*json.loads(earlier[1]), replayed=True)


def answered(status: int, entity: Entity, *, replayed: bool = False) -> Response:
    response = Response.json(entity, status)
    if replayed:
        response.headers["Idempotent-Replayed"] = "true"
    return response


def fields_of(request: Request) -> Entity:
    """The parameters of a form or a query, with `a[b]=c` as a mapping in a mapping."""
    flat = [(name, values[-1]) for name, values in request.query.items()]
    flat += parse_qsl(request.body.decode(), keep_blank_values=True)
    fields: Entity = {}
    for name, value in flat:
        first, *inner = re.findall(r"[^\[\]]+", name) or [name]
        place = fields
        for deeper in inner:
            place = place.setdefault(first, {})
            first = deeper
        place[first] = value
    return fields
