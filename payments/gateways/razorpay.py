"""Razorpay, through its official SDK."""

from __future__ import annotations

import hashlib
import hmac
import json
import logging
import re
from collections.abc import Callable, Mapping
from decimal import Decimal
from functools import cached_property, wraps
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec, TypeVar

import razorpay
import requests
from django.conf import settings

from ..errors import GatewayError
from .base import (
    DisputeNews,
    Event,
    GatewayOrder,
    NewsState,
    PaymentNews,
    RefundNews,
    RefundNewsState,
)

if TYPE_CHECKING:
    from orders.models import Order

    from ..models import Payment, Refund

logger = logging.getLogger(__name__)

P = ParamSpec("P")
S = TypeVar("S")
T = TypeVar("T")
Entity = dict[str, Any]

# Razorpay's own lists of exponents; every other currency has two decimals.
_WITHOUT_DECIMALS = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX VND VUV XAF XOF XPF"
_WITH_THREE_DECIMALS = "BHD IQD JOD KWD OMR TND"
_EXPONENTS = {
    **dict.fromkeys(_WITHOUT_DECIMALS.split(), 0),
    **dict.fromkeys(_WITH_THREE_DECIMALS.split(), 3),
}
_LONGEST_PAGE = 100
_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")


def exponent(currency: str) -> int:
    """Return the number of decimals that Razorpay counts in a currency."""
    return _EXPONENTS.get(currency, 2)


def to_minor(amount: Decimal, currency: str) -> int:
    """Return an amount in the smallest unit; raise GatewayError where Razorpay cannot take it."""
    minor = amount.scaleb(exponent(currency))
    if minor != int(minor) or (exponent(currency) == 3 and minor % 10):
        raise GatewayError(
            f"Razorpay cannot take {amount} {currency}: too many decimals.", is_retryable=False
        )
    return int(minor)


def from_minor(minor: int, currency: str) -> Decimal:
    """Return an amount that Razorpay gave in the smallest unit; raise ValueError for no amount."""
    if not isinstance(minor, int) or isinstance(minor, bool) or minor < 0:
        raise ValueError(f"{minor!r} is no amount")
    return Decimal(minor).scaleb(-exponent(currency))


class Session(requests.Session):
    """Gives each call a time-out, and turns whatever fails into GatewayError.

    It does so below the SDK, which prints network failures to stdout, forgets the status of an
    error, and lets the errors of three libraries through.
    """

    def request(self, method: str, url: str, **kwargs: Any) -> requests.Response:  # type: ignore[override]  # noqa: ANN401
        kwargs["timeout"] = settings.PAYMENT_TIMEOUT
        try:
            response = super().request(method, url, **kwargs)
            answer = response.json()
        except (requests.RequestException, RecursionError) as error:  # none, half of one, or HTML
            logger.warning("%s %s: %s", method.upper(), url, error)
            raise GatewayError() from error
        if not 200 <= response.status_code < 300:
            told = _code_of(answer)
            logger.warning("%s %s: %s %s", method.upper(), url, response.status_code, told)
            raise _refusal(response.status_code, answer)
        if not isinstance(answer, dict):
            raise GatewayError()
        return response


def _code_of(answer: Any) -> str:  # noqa: ANN401
    """Return what the log may hold of a refusal: no words, which may repeat a customer's."""
    error = answer.get("error") if isinstance(answer, dict) else None
    parts = [error.get(key) for key in ("code", "reason", "field")] if error else []
    return " ".join(clean_text(part) for part in parts if part)


def _refusal(status: int, answer: Any) -> GatewayError:  # noqa: ANN401
    """Only a plain 400 is final: wrong keys, limits and faults end without a change of ours."""
    error = answer.get("error") if isinstance(answer, dict) else None
    text = error.get("description") if isinstance(error, dict) else None
    if status == 400 and text:
        return GatewayError(f"Razorpay refused: {clean_text(text)}", is_retryable=False)
    return GatewayError()


def reads_answers(call: Callable[Concatenate[S, P], T]) -> Callable[Concatenate[S, P], T]:
    """Turn an answer of an unknown shape into GatewayError."""

    @wraps(call)
    def wrapper(self: S, *args: P.args, **kwargs: P.kwargs) -> T:
        try:
            return call(self, *args, **kwargs)
        except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as error:
            raise GatewayError() from error

    return wrapper


def connect() -> razorpay.Client:
    """Return the SDK's client for the shop's account."""
    return razorpay.Client(
        session=Session(),
        auth=(settings.RAZORPAY_KEY_ID, settings.RAZORPAY_KEY_SECRET),
        base_url=settings.RAZORPAY_BASE_URL,
    )


class Razorpay:
    id = "razorpay"
    is_paid_by_hand = False
    signature_header = "X-Razorpay-Signature"

    @cached_property
    def _client(self) -> razorpay.Client:
        return connect()

    def is_configured(self) -> bool:
        return bool(settings.RAZORPAY_KEY_ID and settings.RAZORPAY_KEY_SECRET)

    def takes(self, order: Order) -> bool:
        return True

    @reads_answers
    def create_order(self, payment: Payment) -> GatewayOrder:
        created = self._client.order.create(
            {
                "amount": to_minor(payment.amount, payment.currency),
                "currency": payment.currency,
                "receipt": payment.receipt,
                "notes": {"order": payment.order.number},
            }
        )
        return GatewayOrder(checked_id(created["id"]))

    @reads_answers
    def find_order(self, payment: Payment) -> GatewayOrder | None:
        found = self._client.order.all({"receipt": payment.receipt})["items"]
        ours = [order["id"] for order in found if order["receipt"] == payment.receipt]
        return GatewayOrder(checked_id(ours[0])) if ours else None

    def browser_block(self, payment: Payment, customer_id: str = "") -> dict[str, Any]:
        """Name the customer, if known: Checkout shows this one's cards and may save another."""
        order = payment.order
        known = {"customer_id": customer_id, "remember_customer": True} if customer_id else {}
        return {
            "key_id": settings.RAZORPAY_KEY_ID,
            "order_id": payment.gateway_order_id,
            "amount": to_minor(payment.amount, payment.currency),
            "currency": payment.currency,
            "name": settings.STORE_NAME,
            "prefill": {
                "name": order.billing_address.get("full_name", ""),
                "email": order.email,
                "contact": order.billing_address.get("phone_number", ""),
            },
            "callback_url": f"{settings.SITE_URL}/api/v1/payments/verify/{payment.pk}/",
            **known,
        }

    @reads_answers
    def payments_of(self, gateway_order_id: str) -> list[PaymentNews]:
        found = self._client.order.payments(gateway_order_id)
        return [_payment_news(entity) for entity in found["items"]]

    @reads_answers
    def fetch_payment(self, gateway_payment_id: str) -> PaymentNews:
        return _payment_news(self._client.payment.fetch(gateway_payment_id))

    @reads_answers
    def capture(self, news: PaymentNews) -> PaymentNews:
        amount = to_minor(news.amount, news.currency)
        data = {"currency": news.currency}
        return _payment_news(self._client.payment.capture(news.gateway_payment_id, amount, data))

    @reads_answers
    def refund(self, refund: Refund) -> RefundNews:
        payment = refund.payment
        data = {
            "amount": to_minor(refund.amount, payment.currency),
            "receipt": str(refund.pk),
        }
        headers = {"X-Refund-Idempotency": str(refund.pk)}
        entity = self._client.payment.refund(payment.gateway_payment_id, data, headers=headers)
        return _refund_news(entity)

    @reads_answers
    def refunds_of(self, payment: Payment) -> list[RefundNews]:
        page = {"count": _LONGEST_PAGE}
        found = self._client.payment.fetch_multiple_refund(payment.gateway_payment_id, page)
        return [_refund_news(entity) for entity in found["items"]]

    def has_checkout_signature(
        self, gateway_order_id: str, gateway_payment_id: str, signature: str
    ) -> bool:
        """Tell whether Checkout signed this payment as one of this order."""
        message = f"{gateway_order_id}|{gateway_payment_id}".encode()
        return _is_signature(signature, message, settings.RAZORPAY_KEY_SECRET)

    def is_signed(self, body: bytes, headers: Mapping[str, str]) -> bool:
        signature = headers.get(self.signature_header, "")
        return _is_signature(signature, body, settings.RAZORPAY_WEBHOOK_SECRET)

    def event_id(self, body: bytes, headers: Mapping[str, str]) -> str:
        return headers.get("X-Razorpay-Event-Id", "")

    def read_event(self, body: bytes) -> Event:
        try:
            content = json.loads(body)
            entities = {name: part["entity"] for name, part in content["payload"].items()}
            payment, refund = entities.get("payment"), entities.get("refund")
            return Event(
                kind=str(content["event"]),
                payment=_payment_news(payment) if payment else None,
                refund=_refund_news(refund) if refund else None,
                dispute=_dispute_news(entities["dispute"]) if "dispute" in entities else None,
            )
        except (KeyError, TypeError, AttributeError, RecursionError) as error:
            raise ValueError("The body is no event of Razorpay.") from error


def _is_signature(signature: str, message: bytes, secret: str) -> bool:
    expected = hmac.new(secret.encode(), message, hashlib.sha256).hexdigest()
    return bool(secret) and hmac.compare_digest(expected.encode(), signature.encode())


def checked_id(value: Any) -> str:  # noqa: ANN401
    """Return an id as Razorpay writes them; raise ValueError for anything else."""
    if not isinstance(value, str) or not _ID.fullmatch(value):
        raise ValueError(f"{value!r} is no id")
    return value


def clean_text(value: Any) -> str:  # noqa: ANN401
    """Return what any database can store of a text that people read."""
    return str(value or "").replace("\x00", "").encode(errors="replace").decode()


def _payment_news(entity: Entity) -> PaymentNews:
    currency = entity["currency"]
    return PaymentNews(
        gateway_order_id=checked_id(entity["order_id"]) if entity.get("order_id") else "",
        gateway_payment_id=checked_id(entity["id"]),
        state=_state(entity),
        amount=from_minor(entity["amount"], currency),
        currency=clean_text(currency),
        amount_refunded=from_minor(entity.get("amount_refunded") or 0, currency),
        method=clean_text(entity.get("method"))[:30],
        error=clean_text(entity.get("error_description")),
        card_token=_card_token(entity),
    )


def _card_token(entity: Entity) -> str:
    """Return the card that the customer let Razorpay keep; other ways to pay have tokens, too."""
    is_card = entity.get("method") == "card"
    return checked_id(entity["token_id"]) if is_card and entity.get("token_id") else ""


def _state(entity: Entity) -> NewsState:
    """A refunded payment was captured, unless its money was only held and then let go."""
    if entity["status"] == "refunded":
        return NewsState.CAPTURED if entity.get("captured") else NewsState.RELEASED
    return NewsState(entity["status"])


def _refund_news(entity: Entity) -> RefundNews:
    currency = entity["currency"]
    return RefundNews(
        gateway_refund_id=checked_id(entity["id"]),
        gateway_payment_id=checked_id(entity["payment_id"]),
        state=RefundNewsState(entity["status"]),
        amount=from_minor(entity["amount"], currency),
        currency=clean_text(currency),
        receipt=clean_text(entity.get("receipt")),
    )


def _dispute_news(entity: Entity) -> DisputeNews:
    summary = f"Dispute {entity['id']} is {entity['status']}: {entity.get('reason_code') or ''}"
    return DisputeNews(
        gateway_payment_id=checked_id(entity["payment_id"]), summary=clean_text(summary)
    )
