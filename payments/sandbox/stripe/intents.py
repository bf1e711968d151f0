"""The life of a payment intent: made, confirmed with a card, captured or cancelled."""

import secrets
from typing import Any

from payments.sandbox.stripe.bank import Card, unauthenticated
from payments.sandbox.stripe.ledger import (
    CHARGE,
    INTENT,
    Entity,
    Ledger,
    Refusal,
    new_id,
    public,
    stamped,
)
from payments.sandbox.stripe.methods import card_of

OPEN = ("requires_payment_method", "requires_confirmation", "requires_action", "requires_capture")
CONFIRMABLE = OPEN[:3]
SMALLEST, LARGEST = 50, 99_999_999
Answer = tuple[int, Entity]


def create(ledger: Ledger, fields: Entity) -> Answer:
    amount = amount_of(fields)
    currency = str(fields.get("currency") or "")
    if len(currency) != 3 or not currency.islower():
        raise Refusal("Invalid currency.", param="currency")
    entity = stamped(
        "pi",
        "payment_intent",
        amount=amount,
        amount_capturable=0,
        amount_received=0,
        automatic_payment_methods={"enabled": True},
        canceled_at=None,
        cancellation_reason=None,
        capture_method=fields.get("capture_method", "automatic"),
        confirmation_method="automatic",
        currency=currency,
        customer=fields.get("customer"),
        description=fields.get("description"),
        last_payment_error=None,
        latest_charge=None,
        next_action=None,
        payment_method=fields.get("payment_method"),
        payment_method_types=["card"],
        processing=None,
        setup_future_usage=fields.get("setup_future_usage"),
        status="requires_payment_method",
    )
    entity["metadata"] = fields.get("metadata") or {}
    entity["client_secret"] = f"{entity['id']}_secret_{secrets.token_hex(12)}"
    if entity["payment_method"]:
        card_of(ledger, entity["payment_method"])
        entity["status"] = "requires_confirmation"
    ledger.store.add(INTENT, entity)
    ledger.announce("payment_intent.created", entity)
    return 200, public(entity)


def amount_of(fields: Entity) -> int:
    if "amount" not in fields:
        raise Refusal("Missing required param: amount.", code="parameter_missing", param="amount")
    text = str(fields["amount"])
    if not (text.isascii() and text.isdigit()):
        text = f"Invalid integer: {text}"
        raise Refusal(text, code="parameter_invalid_integer", param="amount")
    amount = int(text)
    if amount < SMALLEST:
        raise Refusal("Amount is too small.", code="amount_too_small", param="amount")
    if amount > LARGEST:
        raise Refusal("Amount is too large.", code="amount_too_large", param="amount")
    return amount


def retrieve(ledger: Ledger, fields: Entity, intent_id: str) -> Answer:
    entity = public(ledger.find(INTENT, intent_id))
    if "latest_charge" in (fields.get("expand") or {}).values() and entity["latest_charge"]:
        entity["latest_charge"] = public(ledger.find(CHARGE, entity["latest_charge"]))
    return 200, entity


def confirm(ledger: Ledger, fields: Entity, intent_id: str) -> Answer:
    """Try to pay; a declined card is answered 402, and the intent may be tried again."""
    entity = ledger.find(INTENT, intent_id)
    check_state(entity, CONFIRMABLE, "confirm")
    data = (fields.get("payment_method_data") or {}).get("card") or {}
    method = data.get("number") or fields.get("payment_method") or entity["payment_method"]
    if not method:
        raise Refusal("You must provide a payment method.", param="payment_method")
    card = card_of(ledger, str(method))
    if not data.get("number"):
        entity["payment_method"] = method
    if card.needs_action and not fields.get("authenticated"):
        return wait_for_customer(ledger, entity, fields)
    if card.needs_action and fields["authenticated"] == "failed":
        card = unauthenticated(card)
    return charge(ledger, entity, card)


def wait_for_customer(ledger: Ledger, entity: Entity, fields: Entity) -> Answer:
    url = fields.get("return_url")
    entity["status"] = "requires_action"
    entity["next_action"] = {
        "type": "redirect_to_url",
        "redirect_to_url": {"url": url, "return_url": url},
    }
    ledger.store.save(entity)
    ledger.announce("payment_intent.requires_action", entity)
    return 200, public(entity)


def charge(ledger: Ledger, entity: Entity, card: Card) -> Answer:
    """Ask the bank behind a card, and note what it says."""
    tried = stamped(
        "ch",
        "charge",
        amount=entity["amount"],
        amount_captured=0,
        amount_refunded=0,
        captured=False,
        currency=entity["currency"],
        disputed=False,
        paid=not card.code,
        payment_intent=entity["id"],
        payment_method_details={
            "type": "card",
            "card": {"brand": card.brand, "last4": card.number[-4:]},
        },
        refunded=False,
        status="failed" if card.code else "succeeded",
    )
    ledger.store.add(CHARGE, tried, parent=entity["id"])
    entity.update(latest_charge=tried["id"], next_action=None, last_payment_error=None)
    if card.code:
        return decline(ledger, entity, card)
    if entity["capture_method"] == "manual":
        entity.update(status="requires_capture", amount_capturable=entity["amount"])
        ledger.store.save(entity)
        ledger.announce("payment_intent.amount_capturable_updated", entity)
        return 200, public(entity)
    return take(ledger, entity)


def decline(ledger: Ledger, entity: Entity, card: Card) -> Answer:
    error = {
        "type": "card_error",
        "code": card.code,
        "decline_code": card.decline_code,
        "message": card.message,
        "charge": entity["latest_charge"],
    }
    entity.update(status="requires_payment_method", last_payment_error=error, payment_method=None)
    ledger.store.save(entity)
    ledger.announce("payment_intent.payment_failed", entity)
    return 402, {"error": {**error, "payment_intent": public(entity)}}


def take(ledger: Ledger, entity: Entity) -> Answer:
    tried = ledger.find(CHARGE, entity["latest_charge"])
    tried.update(captured=True, amount_captured=entity["amount"])
    ledger.store.save(tried)
    entity.update(status="succeeded", amount_received=entity["amount"], amount_capturable=0)
    ledger.store.save(entity)
    ledger.announce("payment_intent.succeeded", entity)
    ledger.announce("charge.succeeded", tried)
    return 200, public(entity)


def capture(ledger: Ledger, fields: Entity, intent_id: str) -> Answer:
    entity = ledger.find(INTENT, intent_id)
    check_state(entity, ("requires_capture",), "capture")
    return take(ledger, entity)


def cancel(ledger: Ledger, fields: Entity, intent_id: str) -> Answer:
    entity = ledger.find(INTENT, intent_id)
    check_state(entity, OPEN, "cancel")
    entity.update(status="canceled", amount_capturable=0, canceled_at=entity["created"])
    entity["cancellation_reason"] = fields.get("cancellation_reason")
    ledger.store.save(entity)
    ledger.announce("payment_intent.canceled", entity)
    return 200, public(entity)


def check_state(entity: Entity, allowed: tuple[str, ...], action: str) -> None:
    if entity["status"] not in allowed:
        text = f"You cannot {action} this PaymentIntent because it has a status of"
        raise Refusal(f"{text} {entity['status']}.", code="payment_intent_unexpected_state")


def dispute(ledger: Ledger, intent_id: str, **fields: Any) -> Entity:  # noqa: ANN401
    """The holder of the card asks the bank for the money back."""
    entity = ledger.find(INTENT, intent_id)
    opened = stamped(
        "dp",
        "dispute",
        amount=entity["amount"],
        charge=entity["latest_charge"],
        currency=entity["currency"],
        payment_intent=intent_id,
        reason=fields.get("reason", "fraudulent"),
        status="needs_response",
        evidence_details={"due_by": entity["created"] + 604800, "has_evidence": False},
        balance_transactions=[new_id("txn")],
    )
    ledger.announce("charge.dispute.created", opened)
    return opened
