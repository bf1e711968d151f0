"""Refunds of a paid transaction, each under a reference of the merchant's, used once."""

import time
from decimal import Decimal
from typing import Any

from payments.sandbox.chapa.ledger import (
    REFUND,
    Entity,
    Ledger,
    Refusal,
    moment,
    new_reference,
)
from payments.sandbox.messages import Request

ENDS = ("refunded", "reversed")


def create(ledger: Ledger, request: Request, tx_ref: str) -> tuple[str, Entity]:
    entity = refund(ledger, tx_ref, request.fields())
    return "Refund initiated successfully. Processing time: 1-3 business days", shown(entity)


def refund(ledger: Ledger, tx_ref: str, fields: dict[str, Any]) -> Entity:
    """Send back a part of a transaction, or all that is left without an amount."""
    transaction = ledger.transaction(tx_ref)
    reference = fields.get("reference")
    if reference and ledger.store.select(REFUND, lookup=reference):
        raise Refusal("Refund reference has been used before")
    if transaction["status"] != "success":
        raise Refusal("The transaction was not paid")
    left = Decimal(transaction["amount"]) - Decimal(transaction["refunded"])
    amount = Decimal(fields["amount"]) if fields.get("amount") else left
    if not 0 < amount <= left:
        raise Refusal("The refund amount is more than what is left of the transaction")
    entity = {
        "id": f"APR{new_reference()}",
        "tx_ref": tx_ref,
        "amount": f"{amount:.2f}",
        "currency": transaction["currency"],
        "status": "initiated",
        "reason": fields.get("reason"),
        "merchant_reference": reference,
        "created_at": int(time.time()),
    }
    ledger.store.add(REFUND, entity, parent=tx_ref, lookup=reference or "")
    ledger.end_later(entity["id"])
    transaction["refunded"] = f"{Decimal(transaction['refunded']) + amount:.2f}"
    ledger.store.save(transaction)
    return entity


def verify(ledger: Ledger, request: Request, reference: str) -> tuple[str, Entity]:
    found = ledger.store.get(REFUND, reference)
    found = found or next(iter(ledger.store.select(REFUND, lookup=reference)), None)
    if found is None:
        raise Refusal("Refund not found", 404)
    return "Refund verified successfully", shown(found)


def shown(entity: Entity) -> Entity:
    return {
        "ref_id": entity["id"],
        "amount": entity["amount"],
        "currency": entity["currency"],
        "status": entity["status"],
        "reason": entity["reason"],
        "merchant_reference": entity["merchant_reference"],
        "created_at": moment(entity["created_at"]),
    }


def act(
    ledger: Ledger, tx_ref: str = "", ref_id: str = "", status: str = "", **fields: object
) -> Entity:
    """End a refund as the bank does, or begin one as the merchant does in the dashboard."""
    entity = ledger.store.get(REFUND, ref_id) or refund(ledger, tx_ref, fields)
    entity["status"] = status or "refunded"
    if entity["status"] not in ENDS:
        raise ValueError("A refund ends as refunded or reversed.")
    ledger.store.save(entity)
    transaction = ledger.transaction(entity["tx_ref"])
    if entity["status"] == "reversed":
        left = Decimal(transaction["refunded"]) - Decimal(entity["amount"])
        transaction["refunded"] = f"{left:.2f}"
        ledger.store.save(transaction)
    event = {"refunded": "charge.refunded", "reversed": "charge.reversed"}[entity["status"]]
    reference = entity["merchant_reference"]
    ledger.announce(event, transaction, amount=entity["amount"], merchant_reference=reference)
    return entity


def end_by_itself(ledger: Ledger, refund_id: str) -> None:
    """The timer of a refund: it ends the way the pace says."""
    word = {"processed": "refunded", "failed": "reversed"}.get(ledger.pace().refunds)
    entity = ledger.store.get(REFUND, refund_id)
    if word and entity and entity["status"] == "initiated":
        act(ledger, ref_id=refund_id, status=word)
