"""What each gateway's customers and bank do, and the gateway's own records in one shape."""

from dataclasses import dataclass
from decimal import Decimal

import requests

from tests.payments.bank import VISA


@dataclass(frozen=True)
class Made:
    """Something that the gateway made for one of our payments."""

    receipt: str
    id: str


@dataclass(frozen=True)
class Captured:
    receipt: str
    id: str
    amount: Decimal


@dataclass(frozen=True)
class SentBack:
    receipt: str
    id: str
    refund: str  # the id of our row, as the gateway was told it
    amount: Decimal
    is_done: bool


@dataclass(frozen=True)
class Books:
    """All that a gateway has written down."""

    made: list[Made]
    captured: list[Captured]
    sent_back: list[SentBack]


class Side:
    """The other side of the line: one gateway of the sandbox, asked over HTTP."""

    id: str
    currency = "INR"

    def __init__(self, bank):
        self.bank = bank

    @property
    def server(self):
        return self.bank.server

    def books(self):
        state = requests.get(f"{self.server.url}/sandbox/state", timeout=10).json()
        return self.read(state[self.id])

    def events(self, payment):
        """The events about a payment, in the order in which they happened."""
        order_id = payment.gateway_order_id.encode()
        return [event for event in self.bank.events() if order_id in event.body]

    def end_refunds(self):
        for refund in self.books().sent_back:
            if not refund.is_done:
                self.end_refund(refund.id)


class RazorpaySide(Side):
    id = "razorpay"

    def pay(self, payment):
        return self.bank.pay(payment, card=VISA)

    def hold(self, payment):
        return self.bank.hold(payment)

    def end_refund(self, refund_id):
        self.bank.act("refund", refund_id=refund_id, status="processed")

    def read(self, state):
        receipts = {order["id"]: order["receipt"] for order in state["orders"]}
        paid = {row["id"]: receipts[row["order_id"]] for row in state["payments"]}
        return Books(
            [Made(receipt, order_id) for order_id, receipt in receipts.items()],
            [
                Captured(paid[row["id"]], row["id"], Decimal(row["amount"]) / 100)
                for row in state["payments"]
                if row["captured"]
            ],
            [
                SentBack(
                    paid[row["payment_id"]],
                    row["id"],
                    row["receipt"] or "",
                    Decimal(row["amount"]) / 100,
                    row["status"] == "processed",
                )
                for row in state["refunds"]
            ],
        )


class StripeSide(Side):
    id = "stripe"

    def pay(self, payment):
        return self.bank.act("pay", gateway=self.id, intent_id=payment.gateway_order_id)

    def end_refund(self, refund_id):
        self.bank.act("refund", gateway=self.id, refund_id=refund_id, status="succeeded")

    def read(self, state):
        receipts = {row["id"]: row["metadata"]["receipt"] for row in state["intents"]}
        return Books(
            [Made(receipt, intent_id) for intent_id, receipt in receipts.items()],
            [
                Captured(receipts[row["id"]], row["id"], Decimal(row["amount_received"]) / 100)
                for row in state["intents"]
                if row["status"] == "succeeded"
            ],
            [
                SentBack(
                    receipts[row["payment_intent"]],
                    row["id"],
                    row["metadata"].get("refund", ""),
                    Decimal(row["amount"]) / 100,
                    row["status"] == "succeeded",
                )
                for row in state["refunds"]
            ],
        )


class ChapaSide(Side):
    id = "chapa"
    currency = "ETB"

    def pay(self, payment):
        return self.bank.act("pay", gateway=self.id, tx_ref=payment.gateway_order_id)

    def end_refund(self, refund_id):
        self.bank.act("refund", gateway=self.id, ref_id=refund_id, status="refunded")

    def read(self, state):
        return Books(
            [Made(row["tx_ref"], row["tx_ref"]) for row in state["transactions"]],
            [
                Captured(row["tx_ref"], row["reference"], Decimal(row["amount"]))
                for row in state["transactions"]
                if row["status"] == "success"
            ],
            [
                SentBack(
                    row["tx_ref"],
                    row["id"],
                    row["merchant_reference"] or "",
                    Decimal(row["amount"]),
                    row["status"] == "refunded",
                )
                for row in state["refunds"]
            ],
        )


SIDES = {side.id: side for side in (RazorpaySide, StripeSide, ChapaSide)}
