"""The test cards, and what the bank behind each one says."""

from dataclasses import dataclass, replace


@dataclass(frozen=True)
class Card:
    number: str
    brand: str = "visa"
    code: str = ""
    decline_code: str | None = None
    message: str = ""
    needs_action: bool = False


CARDS = (
    Card("4242424242424242"),
    Card("5555555555554444", "mastercard"),
    Card("378282246310005", "amex"),
    Card("4000002500003155", needs_action=True),
    Card("4000002760003184", needs_action=True),
    Card(
        "4000000000000002",
        code="card_declined",
        decline_code="generic_decline",
        message="Your card was declined.",
    ),
    Card(
        "4000000000009995",
        code="card_declined",
        decline_code="insufficient_funds",
        message="Your card has insufficient funds.",
    ),
    Card("4000000000000069", code="expired_card", message="Your card has expired."),
    Card(
        "4000000000000127",
        code="incorrect_cvc",
        message="Your card's security code is incorrect.",
    ),
    Card(
        "4000000000000119",
        code="processing_error",
        message="An error occurred while processing your card. Try again in a little bit.",
    ),
)
CARD_BY_NUMBER = {card.number: card for card in CARDS}
TEST_METHODS = {"pm_card_visa": "4242424242424242", "pm_card_mastercard": "5555555555554444"}


def unauthenticated(card: Card) -> Card:
    """The card in the hand of somebody who is not its holder."""
    return replace(
        card,
        code="payment_intent_authentication_failure",
        message="We are unable to authenticate your payment method. "
        "Please choose a different payment method and try again.",
    )
