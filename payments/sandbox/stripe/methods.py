"""Payment methods: the cards that customers keep."""

from payments.sandbox.stripe.bank import CARD_BY_NUMBER, TEST_METHODS, Card
from payments.sandbox.stripe.ledger import METHOD, Entity, Ledger, Refusal


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
