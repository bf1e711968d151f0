"""The life of a transaction: opened once for each tx_ref, verified, and cancelled."""

import secrets
import time
from decimal import Decimal, InvalidOperation
from typing import Any

from payments.sandbox.chapa.ledger import TRANSACTION, Entity, Ledger, Refusal, moment
from payments.sandbox.messages import Request

REQUIRED = ("amount", "currency", "tx_ref")
CURRENCIES = ("ETB", "USD")
LONGEST_TITLE = 16
OPTIONAL = ("email", "first_name", "last_name", "phone_number", "callback_url", "return_url")


def initialize(ledger: Ledger, request: Request) -> tuple[str, Entity]:
    if "json" not in request.headers.get("Content-Type", ""):
        raise Refusal("Incorrect header settings: Content-Type must be application/json")
    fields = request.fields()
    check(fields)
    tx_ref = str(fields["tx_ref"])
    if ledger.store.get(TRANSACTION, tx_ref):
        raise Refusal("Transaction reference has been used before")
    link = secrets.token_urlsafe(9)
    entity = {
        "id": tx_ref,
        "tx_ref": tx_ref,
        "amount": f"{Decimal(str(fields['amount'])):.2f}",
        "currency": fields["currency"],
        "charge": "0.00",
        "status": "pending",
        "reference": None,
        "method": None,
        **{name: fields.get(name) for name in OPTIONAL},
        "customization": fields.get("customization")
        or {"title": None, "description": None, "logo": None},
        "meta": fields.get("meta"),
        "refunded": "0.00",
        "is_expired": False,
        "link": link,
        "created_at": int(time.time()),
        "updated_at": int(time.time()),
    }
    ledger.store.add(TRANSACTION, entity, lookup=link)
    url = f"http://{request.headers.get('Host')}/chapa/checkout/{link}"
    return "Hosted Link", {"checkout_url": url}


def check(fields: dict[str, Any]) -> None:
    missing = {name: ["validation.required"] for name in REQUIRED if not fields.get(name)}
    if missing:
        raise Refusal(missing)
    if fields["currency"] not in CURRENCIES:
        raise Refusal(f"Invalid currency, {fields['currency']} is not supported")
    try:
        positive = Decimal(str(fields["amount"])) > 0
    except InvalidOperation:
        positive = False
    if not positive:
        raise Refusal({"amount": ["validation.numeric"]})
    title = (fields.get("customization") or {}).get("title") or ""
    if len(title) > LONGEST_TITLE:
        raise Refusal({"customization.title": ["validation.max.string"]})


def verify(ledger: Ledger, request: Request, tx_ref: str) -> tuple[str, Entity]:
    """Answer 404 also for what is known and was not paid yet."""
    entity = ledger.transaction(tx_ref)
    if entity["status"] == "pending":
        raise Refusal("Payment not paid yet", 404, None)
    shown = (
        *("first_name", "last_name", "email", "currency", "method", "status"),
        *("reference", "tx_ref", "customization", "meta"),
    )
    return "Payment details", {
        **{name: entity[name] for name in shown},
        "amount": float(entity["amount"]),
        "charge": float(entity["charge"]),
        "mode": ledger.mode,
        "type": "API",
        "created_at": moment(entity["created_at"]),
        "updated_at": moment(entity["updated_at"]),
    }


def cancel(ledger: Ledger, request: Request, tx_ref: str) -> tuple[str, Entity]:
    entity = ledger.transaction(tx_ref)
    if entity["is_expired"] or entity["status"] == "success":
        raise Refusal("Payment link already expired")
    entity["is_expired"] = True
    ledger.store.save(entity)
    return "Checkout link expired successfully", {
        "tx_ref": tx_ref,
        "amount": float(entity["amount"]),
        "currency": entity["currency"],
        "created_at": moment(entity["created_at"]),
        "updated_at": moment(time.time()),
    }
