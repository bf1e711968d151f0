"""Chapa, by plain HTTP: it has no SDK for Python of its own."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

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

Entity = dict[str, Any]

# What Chapa takes, and how many decimals: amounts travel as decimals of the major unit.
_EXPONENTS = {"ETB": 2, "USD": 2}
_STATES = {
    "success": NewsState.CAPTURED,
    "pending": NewsState.CREATED,
    "failed": NewsState.FAILED,
    "failed/cancelled": NewsState.FAILED,
}
_REFUND_STATES = {"refunded": RefundNewsState.PROCESSED, "reversed": RefundNewsState.FAILED}


def to_major(amount: Decimal, currency: str) -> str:
    """Return an amount as Chapa takes it; raise GatewayError where it cannot."""
    exponent = _EXPONENTS.get(currency)
    if exponent is None:
        raise GatewayError(f"Chapa does not take {currency}.", is_retryable=False)
    rounded = round(amount, exponent)
    if rounded != amount:
        text = f"Chapa cannot take {amount} {currency}: too many decimals."
        raise GatewayError(text, is_retryable=False)
    return f"{rounded:.{exponent}f}"


class Refused(GatewayError):
    """An answer that says no, with what it holds besides."""

    def __init__(self, status: int, answer: Entity) -> None:
        super().__init__(f"Chapa refused: {answer.get('message')}", is_retryable=False)
        self.status = status
        self.answer = answer


class Chapa:
    id = "chapa"
    is_paid_by_hand = False
    signature_header = "x-chapa-signature"

    def is_configured(self) -> bool:
        return bool(settings.CHAPA_SECRET_KEY)

    def takes(self, order: Order) -> bool:
        return order.currency in _EXPONENTS

    def create_order(self, payment: Payment) -> GatewayOrder:
        """Open a checkout page; the receipt is its tx_ref, which Chapa takes once for ever."""
        address = f"{settings.SITE_URL}/api/v1/payments/verify/{payment.pk}/"
        given = {
            "amount": to_major(payment.amount, payment.currency),
            "currency": payment.currency,
            "tx_ref": payment.receipt,
            "callback_url": address,
            "return_url": address,
            "customization": {"title": "Order", "description": payment.order.number},
            **_customer(payment.order),
        }
        data = _data(_call("POST", "transaction/initialize", json=given))
        return GatewayOrder(payment.receipt, checkout_url=_text(data, "checkout_url"))

    def find_order(self, payment: Payment) -> GatewayOrder | None:
        """Tell whether a tx_ref is taken: its checkout page is told once only."""
        try:
            _call("GET", f"transaction/verify/{quote(payment.receipt)}")
        except Refused as refusal:
            if refusal.status != 404:
                raise
            if not _is_unpaid(refusal):
                return None
        return GatewayOrder(payment.receipt, can_be_paid=False)

    def browser_block(self, payment: Payment, customer_id: str = "") -> dict[str, Any]:
        return {"checkout_url": payment.checkout_url, "tx_ref": payment.gateway_order_id}

    def payments_of(self, gateway_order_id: str) -> list[PaymentNews]:
        try:
            answer = _call("GET", f"transaction/verify/{quote(gateway_order_id)}")
        except Refused as refusal:
            if refusal.status == 404:  # not paid yet, or not known any more
                return []
            raise
        return [_payment_news(answer, gateway_order_id)]

    def fetch_payment(self, gateway_payment_id: str) -> PaymentNews:
        raise GatewayError("Chapa tells of payments by tx_ref alone.", is_retryable=False)

    def capture(self, news: PaymentNews) -> PaymentNews:
        raise GatewayError("Chapa holds no money.", is_retryable=False)

    def refund(self, refund: Refund) -> RefundNews:
        payment = refund.payment
        given = {
            "amount": to_major(refund.amount, payment.currency),
            "reason": refund.reason or "Refund",
            "reference": str(refund.pk),
        }
        try:
            answer = _call("POST", f"refund/{quote(payment.gateway_order_id or '')}", data=given)
        except Refused:
            # Also said of a reference that was used: then this very refund was made before.
            if news := self._refund_made(refund):
                return news
            raise
        return _refund_news(_data(answer), refund)

    def refunds_of(self, payment: Payment) -> list[RefundNews]:
        """Ask for each refund that began here: Chapa lists none."""
        found = (self._refund_made(refund) for refund in payment.refunds.exclude(status="failed"))
        return [news for news in found if news]

    @staticmethod
    def _refund_made(refund: Refund) -> RefundNews | None:
        try:
            answer = _call("GET", f"refund/{refund.pk}/verify")
        except Refused as refusal:
            if refusal.status in (400, 404):
                return None
            raise
        return _refund_news(_data(answer), refund)

    def is_signed(self, body: bytes, headers: Mapping[str, str]) -> bool:
        """Look at the signature of the body alone: `chapa-signature` is the same every time."""
        secret = settings.CHAPA_WEBHOOK_SECRET
        expected = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
        given = headers.get(self.signature_header, "")
        return bool(secret) and hmac.compare_digest(expected.encode(), given.encode())

    def event_id(self, body: bytes, headers: Mapping[str, str]) -> str:
        """Make up the id that Chapa does not give from what tells its events apart."""
        try:
            content = json.loads(body)
            parts = [content["event"], content["tx_ref"], content["reference"]]
        except (ValueError, KeyError, TypeError):
            return ""
        return "|".join(map(str, parts)) if all(parts) else ""

    def read_event(self, body: bytes) -> Event:
        """Read what to ask about: the word of a webhook is not enough to move money."""
        try:
            content = json.loads(body)
            kind = str(content["event"])
            tx_ref = str(content.get("tx_ref") or "") if kind.startswith("charge.") else ""
            return Event(kind=kind, ask_about=tx_ref, dispute=_begun_elsewhere(kind, content))
        except (KeyError, TypeError, AttributeError) as error:
            raise ValueError("The body is no event of Chapa.") from error


def _call(method: str, path: str, **given: Any) -> Entity:  # noqa: ANN401
    """Return an answer of success, or raise GatewayError; only a plain no is final."""
    base = settings.CHAPA_BASE_URL.rstrip("/").removesuffix("/v1")
    headers = {"Authorization": f"Bearer {settings.CHAPA_SECRET_KEY}"}
    try:
        response = requests.request(
            method,
            f"{base}/v1/{path}",
            headers=headers,
            timeout=settings.PAYMENT_TIMEOUT,
            allow_redirects=False,
            **given,
        )
        answer = response.json()
    except requests.RequestException as error:  # no answer, half of one, or HTML
        raise GatewayError() from error
    if not isinstance(answer, dict):
        raise GatewayError()
    if response.status_code in (400, 404) and "message" in answer:
        raise Refused(response.status_code, answer)
    if response.status_code != 200:
        raise GatewayError()
    return answer


def _data(answer: Entity) -> Entity:
    data = answer.get("data")
    if answer.get("status") != "success" or not isinstance(data, dict):
        raise GatewayError()
    return data


def _text(data: Entity, name: str) -> str:
    if not isinstance(value := data.get(name), str) or not value:
        raise GatewayError()
    return value


def _is_unpaid(refusal: Refused) -> bool:
    """Tell "not paid yet", whose status is null, from a tx_ref that is not known."""
    return refusal.answer.get("status") is None


def _customer(order: Order) -> Entity:
    """Return what Chapa may know of the customer; it takes Ethiopian phones alone."""
    name = order.billing_address.get("full_name", "").split(maxsplit=1)
    known = dict(zip(("first_name", "last_name"), name, strict=False))
    known["email"] = order.email
    phone = order.billing_address.get("phone_number", "")
    if phone.startswith(("+2519", "+2517")):
        known["phone_number"] = f"0{phone.removeprefix('+251')}"
    return {key: value for key, value in known.items() if value}


def _payment_news(answer: Entity, tx_ref: str) -> PaymentNews:
    """Read a verification; paid is only what both of its statuses call so, in our mode."""
    try:
        data = answer["data"]
        state = _STATES[data["status"]]
        if state is NewsState.CAPTURED and answer["status"] != "success":
            state = NewsState.CREATED
        if data["tx_ref"] != tx_ref or data["mode"] != _mode():
            raise GatewayError("Chapa tells of another payment.", is_retryable=False)
        return PaymentNews(
            gateway_order_id=tx_ref,
            gateway_payment_id=str(data["reference"] or tx_ref),
            state=state,
            amount=Decimal(str(data["amount"])),
            currency=str(data["currency"]),
            method=str(data.get("payment_method") or data.get("method") or "")[:30],
            error="" if state is NewsState.CAPTURED else "The payment was not completed.",
        )
    except (KeyError, TypeError, ArithmeticError) as error:
        raise GatewayError() from error


def _mode() -> str:
    return "test" if settings.CHAPA_SECRET_KEY.startswith("CHASECK_TEST-") else "live"


def _refund_news(data: Entity, refund: Refund) -> RefundNews:
    """Read a refund; the older and the newer answers name its id differently."""
    try:
        words = str(data.get("status") or "").lower().removeprefix("refund ")
        return RefundNews(
            gateway_refund_id=str(data.get("ref_id") or data["ref"]),
            gateway_payment_id=refund.payment.gateway_payment_id or "",
            state=_REFUND_STATES.get(words, RefundNewsState.PENDING),
            amount=Decimal(str(data["amount"])),
            currency=str(data["currency"]),
            receipt=str(refund.pk),
        )
    except (KeyError, ArithmeticError) as error:
        raise GatewayError() from error


def _begun_elsewhere(kind: str, content: Entity) -> DisputeNews | None:
    """Tell of money that went back without us: Chapa lists no refunds, so staff must look."""
    is_ours = kind == "charge.refunded" and content.get("merchant_reference")
    if kind not in ("charge.refunded", "charge.reversed") or is_ours:
        return None
    summary = f"Chapa says {kind} of {content.get('amount')}: look at its dashboard."
    return DisputeNews(gateway_payment_id=str(content["reference"]), summary=summary)
