"""What the shop asks of a gateway, and the neutral words in which gateways answer."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Protocol

from ..errors import GatewayError

if TYPE_CHECKING:
    from accounts.models import User
    from orders.models import Order

    from ..models import Payment, Refund


@dataclass(frozen=True)
class GatewayOrder:
    """What a gateway made for a payment, and the page where the customer pays, if it has one."""

    id: str
    checkout_url: str = ""
    # False where the gateway does not say again how the customer pays: a new one must be made.
    can_be_paid: bool = True


class NewsState(StrEnum):
    CREATED = "created"
    FAILED = "failed"  # never final: the bank may still find the money good
    AUTHORIZED = "authorized"
    RELEASED = "released"  # was authorized, never captured, and went back by itself
    CAPTURED = "captured"


class RefundNewsState(StrEnum):
    PENDING = "pending"
    PROCESSED = "processed"
    FAILED = "failed"


@dataclass(frozen=True)
class PaymentNews:
    """What a gateway says of one try to pay."""

    gateway_order_id: str
    gateway_payment_id: str
    state: NewsState
    amount: Decimal
    currency: str
    amount_refunded: Decimal = Decimal(0)
    method: str = ""
    error: str = ""
    card_token: str = ""  # of the card that the gateway keeps since, or kept already


@dataclass(frozen=True)
class RefundNews:
    """What a gateway says of a refund; the receipt is the id of our row, where we began it."""

    gateway_refund_id: str
    gateway_payment_id: str
    state: RefundNewsState
    amount: Decimal
    currency: str
    receipt: str = ""
    task: str = ""  # what is left for staff to do by hand


@dataclass(frozen=True)
class DisputeNews:
    gateway_payment_id: str
    summary: str


@dataclass(frozen=True)
class Event:
    """A webhook, read; what it does not speak of is None.

    Where its word alone is not enough, `ask_about` is the gateway's order to ask about.
    """

    kind: str
    ask_about: str = ""
    payment: PaymentNews | None = None
    refund: RefundNews | None = None
    dispute: DisputeNews | None = None


@dataclass(frozen=True)
class Card:
    """What may be shown of a card that a gateway keeps, and how the gateway calls it."""

    token: str
    brand: str
    last4: str
    exp_month: int
    exp_year: int


@contextmanager
def refusals_ignored() -> Iterator[None]:
    """Take a final refusal for an answer: what is to be forgotten is gone already."""
    try:
        yield
    except GatewayError as error:
        if error.is_retryable:
            raise


class CardKeeper(Protocol):
    """A gateway that keeps cards for customers. Every call raises GatewayError alone."""

    def create_customer(self, user: User) -> str:
        """Make a customer for a user at the gateway, once, and return its id there."""

    def keep_card(self, customer_id: str, token: str) -> Card:
        """Keep the card of a token for a customer; refuse a card of somebody else's."""

    def forget_card(self, customer_id: str, token: str) -> None:
        """Let go of a card; one that is gone already is no error."""

    def forget_customer(self, customer_id: str, tokens: list[str]) -> None:
        """Let go of all cards of a customer, known here or not, and of who this is; repeatable."""


class CardSetup(Protocol):
    """A gateway that keeps a card also without an order."""

    def begin_setup(self, customer_id: str) -> dict[str, Any]:
        """Return what the browser needs to add a card without an order."""


class Gateway(Protocol):
    """A payment service. Every call that leaves the machine raises GatewayError alone."""

    id: str
    # Whether the customer pays the shop itself, later: the order is confirmed at once, and
    # nobody can be asked what became of the payment.
    is_paid_by_hand: bool
    # Where its webhooks carry their signature; empty for a gateway that sends none.
    signature_header: str

    def is_configured(self) -> bool:
        """Tell whether the shop has an account at this gateway."""

    def takes(self, order: Order) -> bool:
        """Tell whether an order, placed or not yet, may be paid here."""

    def create_order(self, payment: Payment) -> GatewayOrder:
        """Make what the customer pays at the gateway."""

    def find_order(self, payment: Payment) -> GatewayOrder | None:
        """Return what an earlier `create_order` made, whose answer was lost.

        None also where `create_order` finds it by itself.
        """

    def browser_block(self, payment: Payment, customer_id: str = "") -> dict[str, Any] | None:
        """Return what the customer's browser needs to pay, if anything.

        The customer is who pays, where that is known and the gateway saves cards meanwhile.
        """

    def payments_of(self, gateway_order_id: str) -> list[PaymentNews]:
        """Return every try to pay an order of the gateway."""

    def fetch_payment(self, gateway_payment_id: str) -> PaymentNews:
        """Return one try to pay as it is now."""

    def capture(self, news: PaymentNews) -> PaymentNews:
        """Take the money that an authorized payment holds."""

    def refund(self, refund: Refund) -> RefundNews:
        """Send money back; the same refund again is not sent twice."""

    def refunds_of(self, payment: Payment) -> list[RefundNews]:
        """Return every refund of a payment that the gateway tells of, whoever began it."""

    def is_signed(self, body: bytes, headers: Mapping[str, str]) -> bool:
        """Tell whether a webhook comes from the gateway."""

    def event_id(self, body: bytes, headers: Mapping[str, str]) -> str:
        """Return what is the same for every delivery of one event, or ""."""

    def read_event(self, body: bytes) -> Event:
        """Read the body of a webhook, or raise ValueError."""
