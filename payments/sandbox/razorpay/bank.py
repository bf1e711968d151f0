"""The test cards and UPI ids, and what the bank behind each one says."""

from dataclasses import dataclass

GATEWAY = "GATEWAY_ERROR"
BAD_REQUEST = "BAD_REQUEST_ERROR"


@dataclass(frozen=True)
class BankError:
    reason: str
    description: str
    code: str = BAD_REQUEST
    source: str = "issuer_bank"
    step: str = "payment_authorization"

    def as_fields(self) -> dict[str, str]:
        """The five fields of a failed payment."""
        return {
            "error_code": self.code,
            "error_description": self.description,
            "error_source": self.source,
            "error_step": self.step,
            "error_reason": self.reason,
        }


@dataclass(frozen=True)
class Card:
    number: str
    network: str
    international: bool = False
    error: BankError | None = None

    @property
    def last4(self) -> str:
        return self.number[-4:]


@dataclass(frozen=True)
class Verdict:
    """What becomes of a payment: its first status, and what follows by itself."""

    status: str
    error: BankError | None = None
    hold: bool = False
    late: bool = False


TIMED_OUT = BankError(
    "payment_timed_out",
    "Payment was not completed on time. Try again.",
    source="customer",
    step="payment_authentication",
)
WRONG_OTP = BankError(
    "invalid_otp",
    "Authentication failed due to incorrect otp",
    source="customer",
    step="payment_authentication",
)
UPI_FAILED = BankError(
    "payment_failed", "Payment was unsuccessful as it was declined by the bank.", source="bank"
)
CANCELLED = BankError(
    "payment_cancelled",
    "Payment was cancelled by the customer.",
    source="customer",
    step="payment_authentication",
)

CARDS = (
    Card("4100280000001007", "Visa"),
    Card("5500670000001002", "MasterCard"),
    Card("6527658900001005", "RuPay"),
    Card("36082800091007", "Diners Club"),
    Card("340256000401007", "American Express"),
    Card("5555555555554444", "MasterCard", international=True),
    Card("4012888888881881", "Visa", international=True),
    Card("4100280000090000", "Visa", error=TIMED_OUT),
    Card(
        "4100280000080001",
        "Visa",
        error=BankError("insufficient_fund", "The account does not have enough balance."),
    ),
    Card("4100280000070002", "Visa", error=CANCELLED),
    Card(
        "4100280000060003",
        "Visa",
        error=BankError("card_declined", "The card was declined by the bank."),
    ),
    Card(
        "4100280000030006",
        "Visa",
        error=BankError(
            "card_disabled_for_online_payments", "The card is not enabled for online payments."
        ),
    ),
    Card(
        "4100280000010008",
        "Visa",
        error=BankError("card_number_invalid", "The card number is not valid.", source="customer"),
    ),
    Card(
        "4100280000020007",
        "Visa",
        error=BankError(
            "gateway_technical_error",
            "The payment failed due to a technical error at the gateway.",
            code=GATEWAY,
            source="gateway",
        ),
    ),
    Card(
        "4100280000000009",
        "Visa",
        error=BankError(
            "authentication_failed",
            "The card could not be authenticated.",
            code=GATEWAY,
            step="payment_authentication",
        ),
    ),
)
CARD_BY_NUMBER = {card.number: card for card in CARDS}

# The first two are Razorpay's own; the others belong to this sandbox.
UPI = {
    "success@razorpay": Verdict("authorized"),
    "failure@razorpay": Verdict("failed", UPI_FAILED),
    "late@razorpay": Verdict("created", late=True),
    "authorized@razorpay": Verdict("authorized", hold=True),
    "pending@razorpay": Verdict("created"),
}
UPI_MEANING = {
    "success@razorpay": "Paid at once",
    "failure@razorpay": "Declined by the bank",
    "late@razorpay": "Times out, then is paid after all",
    "authorized@razorpay": "Stays authorized until it is captured by the API",
    "pending@razorpay": "Stays open until it times out",
}


def find_card(number: object) -> Card | None:
    return CARD_BY_NUMBER.get("".join(str(number).split()).replace("-", ""))


def judge_card(card: Card, otp: str) -> Verdict:
    """A card fails by its number first, then by a one-time code that is not 4 to 10 digits."""
    if card.error:
        return Verdict("failed", card.error)
    if not (otp.isascii() and otp.isdigit() and 4 <= len(otp) <= 10):
        return Verdict("failed", WRONG_OTP)
    return Verdict("authorized")
