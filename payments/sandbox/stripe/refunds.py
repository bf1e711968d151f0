"""Refunds: parts of what an intent received, never more in sum."""

from payments.sandbox.stripe.intents import Answer
from payments.sandbox.stripe.ledger import (
    CHARGE,
    INTENT,
    REFUND,
    Entity,
    Ledger,
    Refusal,
    public,
    stamped,
)


def create(ledger: Ledger, fields: Entity) -> Answer:
    return 200, public(refund(ledger, fields))


def refund(ledger: Ledger, fields: Entity) -> Entity:
    """Send back a part, or all that is left without an amount."""
    intent = ledger.find(INTENT, str(fields.get("payment_intent", "")))
    if intent["status"] != "succeeded":
        raise Refusal("This PaymentIntent does not have a successful charge to refund.")
    charge = ledger.find(CHARGE, intent["latest_charge"])
    left = charge["amount"] - charge["amount_refunded"]
    if not left:
        raise Refusal("The charge has already been refunded.", code="charge_already_refunded")
    amount = int(fields["amount"]) if fields.get("amount") else left
    if not 0 < amount <= left:
        raise Refusal("Refund amount is greater than unrefunded amount on charge.", param="amount")
    entity = stamped(
        "re",
        "refund",
        amount=amount,
        charge=charge["id"],
        currency=intent["currency"],
        payment_intent=intent["id"],
        reason=fields.get("reason"),
        status="pending",
    )
    entity["metadata"] = fields.get("metadata") or {}
    ledger.store.add(REFUND, entity, parent=intent["id"])
    ledger.end_later(entity["id"])
    count(ledger, charge, amount)
    ledger.announce("refund.created", entity)
    ledger.announce("charge.refunded", charge)
    return entity


def count(ledger: Ledger, charge: Entity, change: int) -> None:
    charge["amount_refunded"] += change
    charge["refunded"] = charge["amount_refunded"] == charge["amount"]
    ledger.store.save(charge)


def retrieve(ledger: Ledger, fields: Entity, refund_id: str) -> Answer:
    return 200, public(ledger.find(REFUND, refund_id))


def listed(ledger: Ledger, fields: Entity) -> Answer:
    found = ledger.store.select(REFUND, parent=fields.get("payment_intent"))
    data = [public(one) for one in found]
    return 200, {"object": "list", "url": "/v1/refunds", "has_more": False, "data": data}


def end(ledger: Ledger, refund_id: str, status: str = "succeeded") -> Entity:
    """Let a refund arrive, or fail; a failed one no longer counts against the charge."""
    entity = ledger.find(REFUND, refund_id)
    if status not in ("succeeded", "failed"):
        raise ValueError("A refund ends as succeeded or failed.")
    if status == "failed":
        count(ledger, ledger.find(CHARGE, entity["charge"]), -entity["amount"])
    entity["status"] = status
    ledger.store.save(entity)
    ledger.announce("refund.failed" if status == "failed" else "refund.updated", entity)
    return entity


def end_by_itself(ledger: Ledger, refund_id: str) -> None:
    """The timer of a refund: it ends the way the pace says."""
    word = {"processed": "succeeded", "failed": "failed"}.get(ledger.pace().refunds)
    if word and ledger.find(REFUND, refund_id)["status"] == "pending":
        end(ledger, refund_id, word)
