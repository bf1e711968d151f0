"""Orders: made, found again, and their notes changed."""

import time
from dataclasses import replace
from typing import Any

from payments.sandbox.messages import Request
from payments.sandbox.razorpay.account import ORDER, PAYMENT, Account, Entity, public
from payments.sandbox.razorpay.checks import (
    check_known,
    check_notes,
    check_receipt,
    collection,
    new_id,
    number,
    page_of,
)
from payments.sandbox.razorpay.errors import Refusal
from payments.sandbox.razorpay.money import check_amount, check_currency

FIELDS = {
    "amount",
    "currency",
    "receipt",
    "notes",
    "payment",
    "payment_capture",
    "partial_payment",
    "first_payment_min_amount",
    "customer_id",
    "customer_details",
    "method",
    "offer_id",
    "checkout_config_id",
}
LONGEST_HOLD = 7200
UNCAPTURED_LIMIT = 3 * 24 * 60


def create_order(account: Account, fields: dict[str, Any]) -> Entity:
    check_known(fields, FIELDS)
    currency = check_currency(fields.get("currency"))
    amount = check_amount(fields.get("amount"), currency)
    receipt = check_receipt(fields.get("receipt"))
    order = {
        "id": new_id("order"),
        "entity": "order",
        "amount": amount,
        "amount_paid": 0,
        "amount_due": amount,
        "currency": currency,
        "receipt": receipt,
        "offer_id": None,
        "status": "created",
        "attempts": 0,
        "notes": check_notes(fields.get("notes")),
        "created_at": int(time.time()),
        "_capture": capture_rules(fields),
    }
    account.store.add(ORDER, order, lookup=receipt or "")
    return public(order)


def capture_rules(fields: dict[str, Any]) -> dict[str, Any]:
    """Whether and for how many minutes a payment of the order is captured by itself."""
    payment = fields.get("payment") or {}
    if not isinstance(payment, dict) or not isinstance(payment.get("capture_options", {}), dict):
        raise Refusal("The payment must be an array.", field="payment")
    by_old_field = fields.get("payment_capture") not in (0, False, "0")
    mode = payment.get("capture", "automatic" if by_old_field else "manual")
    if mode not in ("automatic", "manual"):
        raise Refusal("The selected capture is invalid.", field="capture")
    options = payment.get("capture_options", {})
    automatic = minutes(options, "automatic_expiry_period")
    manual = minutes(options, "manual_expiry_period") or UNCAPTURED_LIMIT
    if automatic is not None and automatic < 12:
        raise Refusal(
            "The automatic expiry period must be at least 12.", field="automatic_expiry_period"
        )
    if not (automatic or 0) <= manual <= LONGEST_HOLD:
        raise Refusal(
            f"The manual expiry period must be between {automatic or 0} and {LONGEST_HOLD}.",
            field="manual_expiry_period",
        )
    return {"mode": mode, "automatic_minutes": automatic, "manual_minutes": manual}


def minutes(options: dict[str, Any], name: str) -> int | None:
    value = options.get(name)
    if value is not None and (isinstance(value, bool) or not isinstance(value, int)):
        raise Refusal(f"The {name.replace('_', ' ')} must be an integer.", field=name)
    return value


def fetch_order(account: Account, request: Request, order_id: str) -> Entity:
    return shown(account, request, account.find(ORDER, order_id))


def list_orders(account: Account, request: Request) -> Entity:
    page = page_of(request)
    authorized = request.param("authorized")
    if authorized is None:
        found = account.store.select(ORDER, lookup=request.param("receipt"), page=page)
    else:
        wanted = bool(number(request, "authorized", 0))
        span = replace(page, count=-1, skip=0)
        every = account.store.select(ORDER, lookup=request.param("receipt"), page=span)
        found = [order for order in every if has_authorized(account, order) is wanted]
        found = found[page.skip : page.skip + page.count]
    return collection([shown(account, request, order) for order in found])


def has_authorized(account: Account, order: Entity) -> bool:
    """Whether money is held or taken for the order."""
    payments = account.store.select(PAYMENT, parent=order["id"])
    return any(payment["status"] in ("authorized", "captured") for payment in payments)


def shown(account: Account, request: Request, order: Entity) -> Entity:
    answer = public(order)
    if "payments" in request.query.get("expand[]", []):
        answer["payments"] = payments_of(account, order["id"])
    return answer


def payments_of_order(account: Account, request: Request, order_id: str) -> Entity:
    account.find(ORDER, order_id)
    return payments_of(account, order_id)


def payments_of(account: Account, order_id: str) -> Entity:
    return collection([public(one) for one in account.store.select(PAYMENT, parent=order_id)])


def edit_notes(account: Account, kind: str, fields: dict[str, Any], record_id: str) -> Entity:
    """Change the notes, the only thing that may be changed by hand."""
    entity = account.find(kind, record_id)
    check_known(fields, {"notes"})
    if "notes" not in fields:
        raise Refusal("The notes field is required.", field="notes")
    entity["notes"] = check_notes(fields["notes"])
    account.store.save(entity)
    return public(entity)
