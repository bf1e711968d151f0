"""Stripe, through its official SDK: an order is a payment intent, and so is its payment."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from decimal import Decimal
from functools import cached_property, wraps
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec, TypeVar

import stripe
from django.conf import settings

from ..errors import GatewayError
from .base import (
    Card,
    DisputeNews,
    Event,
    GatewayOrder,
    NewsState,
    PaymentNews,
    RefundNews,
    RefundNewsState,
    refusals_ignored,
)

if TYPE_CHECKING:
    from accounts.models import User
    from orders.models import Order

    from ..models import Payment, Refund

P = ParamSpec("P")
T = TypeVar("T")
Entity = dict[str, Any]

# Stripe's own lists of exponents; every other currency has two decimals.
_WITHOUT_DECIMALS = "BIF CLP DJF GNF JPY KMF KRW MGA PYG RWF VND VUV XAF XOF XPF"
_WITH_THREE_DECIMALS = "BHD JOD KWD OMR TND"
_EXPONENTS = {
    **dict.fromkeys(_WITHOUT_DECIMALS.split(), 0),
    **dict.fromkeys(_WITH_THREE_DECIMALS.split(), 3),
}
# Counted in hundredths, of which these currencies have none; or in thousandths, the last a zero.
_STEPS = {"ISK": 100, "UGX": 100, **dict.fromkeys(_WITH_THREE_DECIMALS.split(), 10)}
_LONGEST_PAGE = 100
_REFUND_STATES = {
    "succeeded": RefundNewsState.PROCESSED,
    "pending": RefundNewsState.PENDING,
    "requires_action": RefundNewsState.PENDING,
    "failed": RefundNewsState.FAILED,
    "canceled": RefundNewsState.FAILED,
}


def exponent(currency: str) -> int:
    """Return the number of decimals that Stripe counts in a currency."""
    return _EXPONENTS.get(currency, 2)


def to_minor(amount: Decimal, currency: str) -> int:
    """Return an amount in the smallest unit; raise GatewayError where Stripe cannot take it."""
    minor = amount.scaleb(exponent(currency))
    if minor != int(minor) or minor % _STEPS.get(currency, 1):
        raise GatewayError(
            f"Stripe cannot take {amount} {currency}: too many decimals.", is_retryable=False
        )
    return int(minor)


def from_minor(minor: int, currency: str) -> Decimal:
    """Return an amount that Stripe gave in the smallest unit; raise ValueError for a fraction."""
    if not isinstance(minor, int) or isinstance(minor, bool):
        raise ValueError(f"{minor!r} is no amount")
    return Decimal(minor).scaleb(-exponent(currency))


def reads_answers(call: Callable[Concatenate[Stripe, P], T]) -> Callable[Concatenate[Stripe, P], T]:
    """Turn whatever fails into GatewayError; only a plain no to this very request is final."""

    @wraps(call)
    def wrapper(self: Stripe, *args: P.args, **kwargs: P.kwargs) -> T:
        try:
            return call(self, *args, **kwargs)
        except (stripe.InvalidRequestError, stripe.CardError, stripe.IdempotencyError) as error:
            if not error.http_status:  # refused by the SDK itself
                raise GatewayError() from error
            text = f"Stripe refused: {error.user_message}"
            raise GatewayError(text, is_retryable=False) from error
        except stripe.StripeError as error:
            raise GatewayError() from error
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise GatewayError() from error

    return wrapper


class Stripe:
    id = "stripe"
    is_paid_by_hand = False
    signature_header = "Stripe-Signature"

    def is_configured(self) -> bool:
        return bool(settings.STRIPE_SECRET_KEY and settings.STRIPE_PUBLISHABLE_KEY)

    def takes(self, order: Order) -> bool:
        return True

    @cached_property
    def client(self) -> stripe.StripeClient:
        base = settings.STRIPE_BASE_URL.rstrip("/").removesuffix("/v1")
        return stripe.StripeClient(
            settings.STRIPE_SECRET_KEY,
            base_addresses={"api": base},
            max_network_retries=0,  # our own rows retry
            http_client=stripe.RequestsClient(timeout=settings.PAYMENT_TIMEOUT),
        )

    @reads_answers
    def create_order(self, payment: Payment) -> GatewayOrder:
        """Make an intent; the receipt is the idempotency key, so that it is made once."""
        given: Any = {
            "amount": to_minor(payment.amount, payment.currency),
            "currency": payment.currency.lower(),
            "automatic_payment_methods": {"enabled": True},
            "metadata": {"order": payment.order.number, "receipt": payment.receipt},
        }
        if card := payment.saved_method:
            given |= {"customer": card.customer_id, "payment_method": card.token}
        # A card chosen after an answer was lost makes other parameters, so another key.
        key = f"{payment.receipt}:{payment.saved_method_id}" if card else payment.receipt
        made = self.client.v1.payment_intents.create(given, {"idempotency_key": key})
        return GatewayOrder(str(made["id"]))

    def find_order(self, payment: Payment) -> GatewayOrder | None:
        """Leave it to the idempotency key: the same call again answers the same intent."""
        return None

    @reads_answers
    def browser_block(self, payment: Payment, customer_id: str = "") -> dict[str, Any]:
        """Return the secret of the intent as well, asked for anew: it is kept nowhere."""
        intent = self.client.v1.payment_intents.retrieve(payment.gateway_order_id or "")
        return {
            "publishable_key": settings.STRIPE_PUBLISHABLE_KEY,
            "client_secret": intent["client_secret"],
            "return_url": f"{settings.SITE_URL}/api/v1/payments/verify/{payment.pk}/",
        }

    @reads_answers
    def payments_of(self, gateway_order_id: str) -> list[PaymentNews]:
        return [self.fetch_payment(gateway_order_id)]

    @reads_answers
    def fetch_payment(self, gateway_payment_id: str) -> PaymentNews:
        expanded: Any = {"expand": ["latest_charge"]}
        intent = self.client.v1.payment_intents.retrieve(gateway_payment_id, expanded)
        return _payment_news(intent.to_dict())

    @reads_answers
    def capture(self, news: PaymentNews) -> PaymentNews:
        intent = self.client.v1.payment_intents.capture(news.gateway_payment_id)
        return _payment_news(intent.to_dict())

    @reads_answers
    def refund(self, refund: Refund) -> RefundNews:
        payment = refund.payment
        made = self.client.v1.refunds.create(
            {
                "payment_intent": payment.gateway_payment_id or "",
                "amount": to_minor(refund.amount, payment.currency),
                "metadata": {"refund": str(refund.pk)},
            },
            {"idempotency_key": str(refund.pk)},
        )
        return _refund_news(made.to_dict())

    @reads_answers
    def refunds_of(self, payment: Payment) -> list[RefundNews]:
        asked: Any = {"payment_intent": payment.gateway_payment_id, "limit": _LONGEST_PAGE}
        found = self.client.v1.refunds.list(asked)
        return [_refund_news(entity.to_dict()) for entity in found.data]

    @reads_answers
    def create_customer(self, user: User) -> str:
        made = self.client.v1.customers.create(
            {"metadata": {"user": str(user.pk)}}, {"idempotency_key": f"customer-{user.pk}"}
        )
        return str(made["id"])

    @reads_answers
    def keep_card(self, customer_id: str, token: str) -> Card:
        """Attach a payment method; Stripe itself refuses one that another customer has.

        What is attached may get another id: a test token such as `pm_card_visa` makes a new card.
        """
        method = self.client.v1.payment_methods.retrieve(token).to_dict()
        if method["type"] != "card" or method["customer"] not in (None, customer_id):
            raise GatewayError("This is no card of yours.", is_retryable=False)
        if method["customer"] is None:
            attached = self.client.v1.payment_methods.attach(token, {"customer": customer_id})
            method = attached.to_dict()
        card = method["card"]
        return Card(method["id"], card["brand"], card["last4"], card["exp_month"], card["exp_year"])

    def forget_card(self, customer_id: str, token: str) -> None:
        with refusals_ignored():
            self._detach(token)

    @reads_answers
    def _detach(self, token: str) -> None:
        self.client.v1.payment_methods.detach(token)

    def forget_customer(self, customer_id: str, tokens: list[str]) -> None:
        """Delete the customer, and by that every card that is attached."""
        with refusals_ignored():
            self._delete_customer(customer_id)

    @reads_answers
    def _delete_customer(self, customer_id: str) -> None:
        self.client.v1.customers.delete(customer_id)

    @reads_answers
    def begin_setup(self, customer_id: str) -> dict[str, Any]:
        given: Any = {"customer": customer_id, "automatic_payment_methods": {"enabled": True}}
        made = self.client.v1.setup_intents.create(given)
        return {
            "publishable_key": settings.STRIPE_PUBLISHABLE_KEY,
            "client_secret": made["client_secret"],
        }

    def is_signed(self, body: bytes, headers: Mapping[str, str]) -> bool:
        secret = settings.STRIPE_WEBHOOK_SECRET
        try:
            signature = headers.get(self.signature_header, "")
            return bool(secret) and stripe.WebhookSignature.verify_header(
                body.decode(), signature, secret, stripe.Webhook.DEFAULT_TOLERANCE
            )
        except (stripe.SignatureVerificationError, ValueError, TypeError):
            return False

    def event_id(self, body: bytes, headers: Mapping[str, str]) -> str:
        try:
            return str(json.loads(body)["id"])
        except (ValueError, KeyError, TypeError):
            return ""

    def read_event(self, body: bytes) -> Event:
        try:
            content = json.loads(body)
            kind, entity = str(content["type"]), content["data"]["object"]
            match entity["object"]:
                case "payment_intent":
                    return Event(kind, payment=_payment_news(entity))
                case "refund" if entity.get("payment_intent"):
                    return Event(kind, refund=_refund_news(entity))
                case "dispute" if entity.get("payment_intent"):
                    return Event(kind, dispute=_dispute_news(entity))
                case "charge" if kind == "charge.refunded":
                    return Event(kind, ask_about=str(entity.get("payment_intent") or ""))
            return Event(kind)
        except (KeyError, TypeError, AttributeError) as error:
            raise ValueError("The body is no event of Stripe.") from error


def _payment_news(entity: Entity) -> PaymentNews:
    """Read an intent; its charges are tries of one payment, of which one at most succeeds."""
    currency = entity["currency"].upper()
    state = _state(entity)
    charge = entity.get("latest_charge")
    charge = charge if isinstance(charge, dict) else {}
    amount = entity["amount_received"] if state is NewsState.CAPTURED else entity["amount"]
    return PaymentNews(
        gateway_order_id=entity["id"],
        gateway_payment_id=entity["id"],
        state=state,
        amount=from_minor(amount, currency),
        currency=currency,
        amount_refunded=from_minor(charge.get("amount_refunded") or 0, currency),
        method=(charge.get("payment_method_details") or {}).get("type") or "card",
        error=(entity.get("last_payment_error") or {}).get("message") or "",
    )


def _state(entity: Entity) -> NewsState:
    match entity["status"]:
        case "succeeded":
            return NewsState.CAPTURED
        case "requires_capture":
            return NewsState.AUTHORIZED
        case "canceled":
            return NewsState.RELEASED
        case "requires_payment_method" if entity.get("last_payment_error"):
            return NewsState.FAILED
    return NewsState.CREATED


def _refund_news(entity: Entity) -> RefundNews:
    currency = entity["currency"].upper()
    return RefundNews(
        gateway_refund_id=entity["id"],
        gateway_payment_id=entity["payment_intent"],
        state=_REFUND_STATES[entity["status"]],
        amount=from_minor(entity["amount"], currency),
        currency=currency,
        receipt=(entity.get("metadata") or {}).get("refund") or "",
    )


def _dispute_news(entity: Entity) -> DisputeNews:
    summary = f"Dispute {entity['id']} is {entity['status']}: {entity.get('reason') or ''}"
    return DisputeNews(gateway_payment_id=entity["payment_intent"], summary=summary)
