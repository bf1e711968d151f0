"""Refunds: parts of a captured payment, never more in sum than was captured."""

import hashlib
import json
import re
import secrets
import time
from typing import Any

from payments.sandbox.messages import Request
from payments.sandbox.razorpay.account import PAYMENT, REFUND, Account, Entity, public
from payments.sandbox.razorpay.checks import (
    check_known,
    check_notes,
    check_receipt,
    collection,
    new_id,
    page_of,
)
from payments.sandbox.razorpay.errors import Refusal, without_place
from payments.sandbox.razorpay.money import check_amount

KEY = re.compile(r"[A-Za-z0-9_-]{10,}")
FIELDS = {"amount", "speed", "notes", "receipt"}


def create_refund(account: Account, request: Request, payment_id: str) -> Entity:
    return refund_once(account, request, payment_id, request.fields())


def create_refund_by_body(account: Account, request: Request) -> Entity:
    """`POST /v1/refunds`, which the SDK has: the payment's id stands in the body."""
    fields = request.fields()
    payment_id = fields.pop("payment_id", None)
    if not payment_id:
        raise Refusal("The payment id field is required.", field="payment_id")
    return refund_once(account, request, str(payment_id), fields)


def refund_once(
    account: Account, request: Request, payment_id: str, fields: dict[str, Any]
) -> Entity:
    """Refund once for each idempotency key; the same key and body get the first answer."""
    key = request.headers.get("X-Refund-Idempotency")
    if key is None:
        return refund(account, payment_id, fields)
    if not KEY.fullmatch(key):
        raise without_place(
            "The idempotency key must have at least 10 letters, digits, hyphens or underscores."
        )
    canonical = json.dumps([payment_id, fields], sort_keys=True).encode()
    fingerprint = hashlib.sha256(canonical).hexdigest()
    earlier = account.store.recall(key)
    if earlier is None:
        answer = refund(account, payment_id, fields)
        account.store.remember(key, fingerprint, json.dumps(answer).encode())
        return answer
    if earlier[0] != fingerprint:
        raise without_place(
            "Different request with the same idempotency key has already been processed.",
            status=409,
        )
    return json.loads(earlier[1])


def refund(account: Account, payment_id: str, fields: dict[str, Any]) -> Entity:
    """Give back a part, or the whole without an amount."""
    check_known(fields, FIELDS)
    payment = account.find(PAYMENT, payment_id)
    speed = fields.get("speed", "normal")
    if speed not in ("normal", "optimum"):
        raise Refusal("The selected speed is invalid.", field="speed")
    amount = payment["amount"]
    if fields.get("amount") is not None:
        amount = check_amount(fields["amount"], payment["currency"])
    check_refundable(payment, amount)
    entity = new_refund(payment, amount)
    entity["notes"] = check_notes(fields.get("notes"))
    entity["receipt"] = check_receipt(fields.get("receipt"))
    entity["speed_requested"] = speed
    count_refunded(account, payment, amount)
    account.store.add(REFUND, entity, parent=payment_id)
    account.announce("refund.created", refund=entity, payment=payment)
    if speed == "optimum":
        entity["speed_processed"] = "instant"
        finish(account, entity, "processed")
    elif account.pace.refunds != "pending":
        account.start_timer("finish_refund", entity["id"], account.pace.refund_after)
    return public(entity)


def check_refundable(payment: Entity, amount: int) -> None:
    if not payment["captured"]:
        raise Refusal("The payment status should be captured for action to be taken")
    left = payment["amount"] - payment["amount_refunded"]
    if left == 0:
        raise Refusal("The payment has been fully refunded already.")
    if amount > payment["amount"]:
        raise Refusal("The refund amount provided is greater than amount captured.", field="amount")
    if amount > left:
        raise Refusal(
            "The total refund amount is greater than the refund payment amount", field="amount"
        )


def new_refund(payment: Entity, amount: int) -> Entity:
    return {
        "id": new_id("rfnd"),
        "entity": "refund",
        "amount": amount,
        "currency": payment["currency"],
        "payment_id": payment["id"],
        "notes": [],
        "receipt": None,
        "acquirer_data": {"arn": None},
        "created_at": int(time.time()),
        "batch_id": None,
        "status": "pending",
        "speed_requested": "normal",
        "speed_processed": "normal",
    }


def count_refunded(account: Account, payment: Entity, change: int) -> None:
    """Keep the payment's sum, refund status and status in step."""
    refunded = payment["amount_refunded"] + change
    whole = refunded == payment["amount"]
    payment["amount_refunded"] = refunded
    payment["refund_status"] = "full" if whole else "partial" if refunded else None
    payment["status"] = "refunded" if whole else "captured"
    account.store.save(payment)


def finish(account: Account, entity: Entity, status: str) -> None:
    """End a pending refund; a failed one no longer counts against the payment."""
    payment = account.find(PAYMENT, entity["payment_id"])
    entity["status"] = status
    if status == "failed":
        count_refunded(account, payment, -entity["amount"])
    else:
        entity["acquirer_data"] = {"arn": str(secrets.randbelow(10**15)).zfill(15)}
    account.store.save(entity)
    account.announce(f"refund.{status}", refund=entity, payment=payment)


def finish_refund(account: Account, refund_id: str) -> None:
    """The timer of a refund: it ends the way the account's pace says."""
    entity = account.find(REFUND, refund_id)
    if entity["status"] == "pending" and account.pace.refunds != "pending":
        finish(account, entity, account.pace.refunds)


def give_back(account: Account, payment: Entity) -> None:
    """Return money that was held and never captured."""
    count_refunded(account, payment, payment["amount"])
    entity = {**new_refund(payment, payment["amount"]), "status": "processed"}
    account.store.add(REFUND, entity, parent=payment["id"])
    account.announce("refund.created", refund=entity, payment=payment)
    account.announce("refund.processed", refund=entity, payment=payment)


def refunds_of_payment(account: Account, request: Request, payment_id: str) -> Entity:
    account.find(PAYMENT, payment_id)
    found = account.store.select(REFUND, parent=payment_id, page=page_of(request))
    return collection([public(one) for one in found])


def refund_of_payment(
    account: Account, request: Request, payment_id: str, refund_id: str
) -> Entity:
    entity = account.find(REFUND, refund_id)
    if entity["payment_id"] != payment_id:
        raise Refusal(f"{refund_id} is not a valid id")
    return public(entity)


def fetch_refund(account: Account, request: Request, refund_id: str) -> Entity:
    return public(account.find(REFUND, refund_id))


def list_refunds(account: Account, request: Request) -> Entity:
    found = account.store.select(REFUND, page=page_of(request))
    return collection([public(one) for one in found])
