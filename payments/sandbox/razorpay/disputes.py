"""Disputes: opened at the bank, then accepted, contested, won or lost."""

import time
from typing import Any

from payments.sandbox.messages import Request
from payments.sandbox.razorpay.account import DISPUTE, PAYMENT, Account, Entity, public
from payments.sandbox.razorpay.checks import collection, new_id, page_of
from payments.sandbox.razorpay.errors import Refusal
from payments.sandbox.razorpay.money import check_amount

PHASES = ("fraud", "retrieval", "chargeback", "pre_arbitration", "arbitration")
ENDS = ("won", "lost", "closed")
MOVES = ("under_review", "action_required", *ENDS)


def open_dispute(account: Account, fields: dict[str, Any]) -> Entity:
    payment = account.find(PAYMENT, str(fields.get("payment_id")))
    if not payment["captured"]:
        raise Refusal("The payment status should be captured for action to be taken")
    phase = fields.get("phase", "chargeback")
    if phase not in PHASES:
        raise Refusal("The selected phase is invalid.", field="phase")
    amount = check_amount(fields.get("amount", payment["amount"]), payment["currency"])
    now = int(time.time())
    dispute = {
        "id": new_id("disp"),
        "entity": "dispute",
        "payment_id": payment["id"],
        "amount": amount,
        "currency": payment["currency"],
        "amount_deducted": 0,
        "reason_code": fields.get("reason_code", "goods_or_services_not_received_or_partially"),
        "respond_by": now + 7 * 24 * 3600,
        "status": "open",
        "phase": phase,
        "evidence": {"amount": amount, "summary": None, "submitted_at": None},
        "created_at": now,
    }
    account.store.add(DISPUTE, dispute, parent=payment["id"])
    account.announce("payment.dispute.created", payment=payment, dispute=dispute)
    return public(dispute)


def move_dispute(account: Account, dispute: Entity, status: str) -> Entity:
    """Bring an unfinished dispute to its next status and tell the shop."""
    if status not in MOVES:
        raise Refusal("The selected status is invalid.", field="status")
    if dispute["status"] in ENDS:
        raise Refusal("The dispute is already closed.")
    # A shop that has to act again sees the dispute as open.
    dispute["status"] = "open" if status == "action_required" else status
    dispute["amount_deducted"] = dispute["amount"] if status == "lost" else 0
    account.store.save(dispute)
    payment = account.find(PAYMENT, dispute["payment_id"])
    account.announce(f"payment.dispute.{status}", payment=payment, dispute=dispute)
    return public(dispute)


def accept_dispute(account: Account, fields: dict[str, Any], dispute_id: str) -> Entity:
    return move_dispute(account, account.find(DISPUTE, dispute_id), "lost")


def contest_dispute(account: Account, fields: dict[str, Any], dispute_id: str) -> Entity:
    dispute = account.find(DISPUTE, dispute_id)
    if dispute["status"] != "open":
        raise Refusal("The dispute can no longer be contested.")
    evidence = {name: value for name, value in fields.items() if name != "action"}
    dispute["evidence"] = {**dispute["evidence"], **evidence}
    if fields.get("action") == "submit":
        dispute["evidence"]["submitted_at"] = int(time.time())
        return move_dispute(account, dispute, "under_review")
    account.store.save(dispute)
    return public(dispute)


def fetch_dispute(account: Account, request: Request, dispute_id: str) -> Entity:
    return public(account.find(DISPUTE, dispute_id))


def list_disputes(account: Account, request: Request) -> Entity:
    found = account.store.select(DISPUTE, page=page_of(request))
    return collection([public(one) for one in found])
