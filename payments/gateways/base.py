"""What the shop asks of a gateway, and the neutral words in which gateways answer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from ..models import Payment, Refund


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


@dataclass(frozen=True)
class RefundNews:
    """What a gateway says of a refund; the receipt is the id of our row, where we began it."""

    gateway_refund_id: str
    gateway_payment_id: str
    state: RefundNewsState
    amount: Decimal
    currency: str
    receipt: str = ""


@dataclass(frozen=True)
class DisputeNews:
    gateway_payment_id: str
    summary: str


@dataclass(frozen=True)
class Event:
    """A webhook, read; what it does not speak of is None."""

    kind: str
    payment: PaymentNews | None = None
    refund: RefundNews | None = None
    dispute: DisputeNews | None = None


class Gateway(Protocol):
    """A payment service. Every call that leaves the machine raises GatewayError alone."""

    id: str

    def create_order(self, payment: Payment) -> str:
        """Make what the customer pays at the gateway, and return its id there."""

    def find_order(self, payment: Payment) -> str | None:
        """Return the id of what an earlier `create_order` made, whose answer was lost."""

    def browser_block(self, payment: Payment) -> dict[str, Any]:
        """Return what the customer's browser needs to pay."""

    def payments_of(self, gateway_order_id: str) -> list[PaymentNews]:
        """Return every try to pay an order of the gateway."""

    def fetch_payment(self, gateway_payment_id: str) -> PaymentNews:
        """Return one try to pay as it is now."""

    def capture(self, news: PaymentNews) -> PaymentNews:
        """Take the money that an authorized payment holds."""

    def refund(self, refund: Refund) -> RefundNews:
        """Send money back; the same refund again is not sent twice."""

    def refunds_of(self, gateway_payment_id: str) -> list[RefundNews]:
        """Return every refund of a payment, whoever began it."""

    def is_signed(self, body: bytes, headers: Mapping[str, str]) -> bool:
        """Tell whether a webhook comes from the gateway."""

    def event_id(self, headers: Mapping[str, str]) -> str:
        """Return what is the same for every delivery of one event, or ""."""

    def read_event(self, body: bytes) -> Event:
        """Read the body of a webhook, or raise ValueError."""
