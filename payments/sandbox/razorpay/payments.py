"""The life of a payment: tried, authorized, captured, failed, or found good too late."""

import secrets
import time
from typing import Any

from payments.sandbox.messages import Request
from payments.sandbox.razorpay import refunds
from payments.sandbox.razorpay.account import ORDER, PAYMENT, Account, Entity, public
from payments.sandbox.razorpay.bank import TIMED_OUT, BankError, Card, Verdict
from payments.sandbox.razorpay.checks import collection, new_id, page_of
from payments.sandbox.razorpay.errors import ALREADY_PAID, Refusal
from payments.sandbox.razorpay.money import check_amount, check_currency, fee_and_tax, in_rupees

NO_ERROR: dict[str, str | None] = dict.fromkeys(
    ("error_code", "error_description", "error_source", "error_step", "error_reason")
)


def start_payment(account: Account, order_id: str, verdict: Verdict, details: Entity) -> Entity:
    """Try to pay an order; refused when money is already held or taken for it."""
    order = account.find(ORDER, order_id)
    earlier = account.store.select(PAYMENT, parent=order_id)
    if order["status"] == "paid" or any(one["status"] == "authorized" for one in earlier):
        raise Refusal(ALREADY_PAID, metadata={"order_id": order_id})
    payment = new_payment(order, details)
    payment["_hold"], payment["_late"] = verdict.hold, verdict.late
    account.store.add(PAYMENT, payment, parent=order_id)
    order["attempts"] += 1
    order["status"] = "attempted"
    account.store.save(order)
    if verdict.status == "authorized":
        authorize(account, payment)
    elif verdict.error:
        fail(account, payment, verdict.error)
    else:
        pace = account.pace
        account.start_timer(
            "time_out",
            payment["id"],
            pace.timeout_after if verdict.late else pace.created_timeout,
        )
    return payment


def new_payment(order: Entity, details: Entity) -> Entity:
    payment = {
        "id": new_id("pay"),
        "entity": "payment",
        "amount": order["amount"],
        "currency": order["currency"],
        "status": "created",
        "order_id": order["id"],
        "invoice_id": None,
        "international": False,
        "method": None,
        "amount_refunded": 0,
        "refund_status": None,
        "captured": False,
        "description": None,
        "card_id": None,
        "bank": None,
        "wallet": None,
        "vpa": None,
        "email": "void@razorpay.com",
        "contact": "+919999999999",
        "notes": order["notes"],
        "fee": None,
        "tax": None,
        **NO_ERROR,
        "acquirer_data": {},
        "created_at": int(time.time()),
        **details,
    }
    if order["currency"] != "INR":
        payment["base_amount"] = in_rupees(order["amount"], order["currency"])
        payment["base_currency"] = "INR"
    return payment


def card_details(card: Card) -> Entity:
    card_id = new_id("card")
    shown = {
        "id": card_id,
        "entity": "card",
        "name": "",
        "last4": card.last4,
        "network": card.network,
        "type": "credit" if card.international else "debit",
        "issuer": None,
        "international": card.international,
        "emi": False,
        "sub_type": "consumer",
    }
    return {
        "method": "card",
        "international": card.international,
        "card_id": card_id,
        "card": shown,
        "acquirer_data": {"auth_code": None},
    }


def upi_details(vpa: str) -> Entity:
    return {
        "method": "upi",
        "vpa": vpa,
        "upi": {"payer_account_type": "bank_account", "vpa": vpa, "flow": "collect"},
        "acquirer_data": {"rrn": None},
    }


def authorize(account: Account, payment: Entity) -> None:
    """The bank holds the money; it is captured, kept on hold, or given back at once."""
    payment.update(NO_ERROR, status="authorized")
    reference = "auth_code" if payment["method"] == "card" else "rrn"
    payment["acquirer_data"] = {reference: str(secrets.randbelow(900000) + 100000)}
    account.store.save(payment)
    account.announce("payment.authorized", payment=payment)
    order = account.find(ORDER, payment["order_id"])
    if order["status"] == "paid" or holds_another(account, payment):
        refunds.give_back(account, payment)
    elif captures_by_itself(order, payment):
        take(account, payment, order)
    else:
        held_for = order["_capture"]["manual_minutes"] * 60
        account.start_timer("release", payment["id"], held_for)


def holds_another(account: Account, payment: Entity) -> bool:
    others = account.store.select(PAYMENT, parent=payment["order_id"])
    return any(one["status"] == "authorized" and one["id"] != payment["id"] for one in others)


def captures_by_itself(order: Entity, payment: Entity) -> bool:
    rules = order["_capture"]
    if rules["mode"] == "manual" or payment["_hold"]:
        return False
    limit = rules["automatic_minutes"]
    return limit is None or time.time() - payment["created_at"] <= limit * 60


def take(account: Account, payment: Entity, order: Entity) -> None:
    """Capture the payment and so pay the order."""
    payment["status"], payment["captured"] = "captured", True
    payment["fee"], payment["tax"] = fee_and_tax(payment["amount"])
    account.store.save(payment)
    order.update(status="paid", amount_paid=order["amount"], amount_due=0)
    account.store.save(order)
    account.announce("payment.captured", payment=payment)
    account.announce("order.paid", payment=payment, order=order)


def fail(account: Account, payment: Entity, error: BankError) -> None:
    payment.update(error.as_fields(), status="failed")
    account.store.save(payment)
    account.announce("payment.failed", payment=payment)


def capture(account: Account, fields: dict[str, Any], payment_id: str) -> Entity:
    payment = account.find(PAYMENT, payment_id)
    amount = check_amount(fields.get("amount"), payment["currency"])
    currency = check_currency(fields.get("currency"))
    if payment["captured"]:
        raise Refusal("This payment has already been captured", step="payment_capture")
    order = account.find(ORDER, payment["order_id"])
    if order["status"] == "paid":
        raise Refusal(ALREADY_PAID, step="payment_capture")
    if payment["status"] != "authorized":
        raise Refusal(
            "Only payments which have been authorized and not yet captured can be captured",
            step="payment_capture",
        )
    if amount != payment["amount"]:
        raise Refusal("Capture amount must be equal to the amount authorized", field="amount")
    if currency != payment["currency"]:
        raise Refusal(
            "Capture request currency must be same as payment currency.", field="currency"
        )
    take(account, payment, order)
    return public(payment)


def time_out(account: Account, payment_id: str) -> None:
    """No answer came from the bank; a late one may still follow."""
    payment = account.find(PAYMENT, payment_id)
    if payment["status"] != "created":
        return
    fail(account, payment, TIMED_OUT)
    if payment["_late"]:
        account.start_timer("authorize", payment_id, account.pace.late_after)


def authorize_late(account: Account, payment_id: str) -> None:
    payment = account.find(PAYMENT, payment_id)
    if payment["status"] == "failed":
        authorize(account, payment)


def release(account: Account, payment_id: str) -> None:
    """Give back money that was held for too long without a capture."""
    payment = account.find(PAYMENT, payment_id)
    if payment["status"] == "authorized":
        refunds.give_back(account, payment)


def fetch_payment(account: Account, request: Request, payment_id: str) -> Entity:
    return public(account.find(PAYMENT, payment_id))


def list_payments(account: Account, request: Request) -> Entity:
    found = account.store.select(PAYMENT, page=page_of(request))
    return collection([public(payment) for payment in found])
