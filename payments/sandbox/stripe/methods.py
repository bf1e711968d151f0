"""Customers, the cards that they keep, and the setups that add one."""

import secrets

from payments.sandbox.stripe.bank import CARD_BY_NUMBER, TEST_METHODS, Card
from payments.sandbox.stripe.ledger import (
    CUSTOMER,
    METHOD,
    SETUP,
    Entity,
    Ledger,
    Refusal,
    public,
    stamped,
)

Answer = tuple[int, Entity]


def card_of(ledger: Ledger, method: str) -> Card:
    """The card of a payment method, of a test token, or of a number."""
    number = TEST_METHODS.get(method, method)
    if method.startswith("pm_") and method not in TEST_METHODS:
        entity: Entity = ledger.find(METHOD, method)
        number = entity["_number"]
    card = CARD_BY_NUMBER.get(number.replace(" ", ""))
    if card is None:
        raise Refusal("Your card number is incorrect.", code="incorrect_number", param="number")
    return card


def create_customer(ledger: Ledger, fields: Entity) -> Answer:
    entity = stamped("cus", "customer", email=fields.get("email"), name=fields.get("name"))
    entity["metadata"] = fields.get("metadata") or {}
    ledger.store.add(CUSTOMER, entity)
    return 200, public(entity)


def delete_customer(ledger: Ledger, fields: Entity, customer_id: str) -> Answer:
    """Delete a customer for ever; the cards are let go of."""
    ledger.find(CUSTOMER, customer_id)
    for method in ledger.store.select(METHOD):
        if method["customer"] == customer_id:
            detach(ledger, {}, method["id"])
    ledger.store.remove(customer_id)
    return 200, {"id": customer_id, "object": "customer", "deleted": True}


def make_method(ledger: Ledger, number: str = "4242424242424242") -> Entity:
    """A card as the customer's browser hands it to Stripe, which never gives its number away."""
    card = card_of(ledger, number)
    shown = {"brand": card.brand, "last4": card.number[-4:], "exp_month": 8, "exp_year": 2030}
    entity = stamped("pm", "payment_method", card=shown, customer=None, type="card")
    entity["_number"] = card.number
    entity["_is_detached"] = False
    ledger.store.add(METHOD, entity)
    return public(entity)


def find_method(ledger: Ledger, method_id: str) -> Entity:
    """The method of an id; each use of a test token makes a new one."""
    if method_id in TEST_METHODS:
        method_id = make_method(ledger, method_id)["id"]
    return ledger.find(METHOD, method_id)


def retrieve_method(ledger: Ledger, fields: Entity, method_id: str) -> Answer:
    return 200, public(find_method(ledger, method_id))


def attach(ledger: Ledger, fields: Entity, method_id: str) -> Answer:
    entity = find_method(ledger, method_id)
    customer = ledger.find(CUSTOMER, str(fields.get("customer", "")))
    if entity["_is_detached"] or entity["customer"] not in (None, customer["id"]):
        raise Refusal("The payment method you provided has already been attached to a customer.")
    entity["customer"] = customer["id"]
    ledger.store.save(entity)
    ledger.announce("payment_method.attached", entity)
    return 200, public(entity)


def detach(ledger: Ledger, fields: Entity, method_id: str) -> Answer:
    """Let go of a card for ever: it can be neither charged nor attached again."""
    entity = ledger.find(METHOD, method_id)
    if entity["customer"] is None:
        raise Refusal("The payment method you provided is not attached to a customer.")
    entity.update(customer=None, _is_detached=True)
    ledger.store.save(entity)
    ledger.announce("payment_method.detached", entity)
    return 200, public(entity)


def create_setup(ledger: Ledger, fields: Entity) -> Answer:
    customer = ledger.find(CUSTOMER, str(fields.get("customer", "")))
    entity = stamped(
        "seti",
        "setup_intent",
        customer=customer["id"],
        payment_method=None,
        status="requires_payment_method",
        usage=fields.get("usage", "off_session"),
    )
    entity["client_secret"] = f"{entity['id']}_secret_{secrets.token_hex(12)}"
    ledger.store.add(SETUP, entity)
    return 200, public(entity)


def retrieve_setup(ledger: Ledger, fields: Entity, setup_id: str) -> Answer:
    return 200, public(ledger.find(SETUP, setup_id))


def confirm_setup(ledger: Ledger, fields: Entity, setup_id: str) -> Answer:
    """Attach a card to the setup's customer; no bank is asked, but bad cards are refused."""
    entity = ledger.find(SETUP, setup_id)
    if entity["status"] == "succeeded":
        raise Refusal(
            "This SetupIntent has already succeeded.", code="setup_intent_unexpected_state"
        )
    card = (fields.get("payment_method_data") or {}).get("card") or {}
    method = fields.get("payment_method")
    method = make_method(ledger, str(card["number"]))["id"] if card.get("number") else method
    if not method:
        raise Refusal("You must provide a payment method.", param="payment_method")
    tried = card_of(ledger, str(method))
    if tried.code:
        raise Refusal(tried.message, status=402, kind="card_error", code=tried.code)
    _, attached = attach(ledger, {"customer": entity["customer"]}, str(method))
    entity.update(status="succeeded", payment_method=attached["id"])
    ledger.store.save(entity)
    ledger.announce("setup_intent.succeeded", entity)
    return 200, public(entity)
