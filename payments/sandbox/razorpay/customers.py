"""Customers, and the tokens of the cards that they let Razorpay keep."""

import calendar
import time
from datetime import datetime, timedelta, timezone
from typing import Any

from payments.sandbox.messages import Request
from payments.sandbox.razorpay.account import CUSTOMER, TOKEN, Account, Entity, public
from payments.sandbox.razorpay.bank import Card
from payments.sandbox.razorpay.checks import check_known, check_notes, collection, new_id, page_of
from payments.sandbox.razorpay.errors import UNKNOWN_ID, Refusal

LENGTHS = {"name": (3, 50), "email": (3, 64), "contact": (8, 15)}
INDIA = timezone(timedelta(hours=5, minutes=30))


def create_customer(account: Account, fields: dict[str, Any]) -> Entity:
    """Make a customer, unless there is one with the same e-mail and contact."""
    check_known(fields, {*LENGTHS, "fail_existing", "gstin", "notes"})
    check_details(fields)
    details = {name: fields.get(name) for name in LENGTHS}
    if earlier := same_customer(account, details):
        if str(fields.get("fail_existing", "1")) != "0":
            raise Refusal("Customer already exists for the merchant")
        return public(earlier)
    customer = {
        "id": new_id("cust"),
        "entity": "customer",
        **details,
        "gstin": fields.get("gstin"),
        "notes": check_notes(fields.get("notes")),
        "created_at": int(time.time()),
    }
    account.store.add(CUSTOMER, customer)
    return public(customer)


def edit_customer(account: Account, fields: dict[str, Any], customer_id: str) -> Entity:
    customer = account.find(CUSTOMER, customer_id)
    check_known(fields, set(LENGTHS))
    check_details(fields)
    other = same_customer(account, customer | fields)
    if other and other["id"] != customer_id:
        raise Refusal("Customer already exists for the merchant")
    customer.update(fields)
    account.store.save(customer)
    return public(customer)


def check_details(fields: dict[str, Any]) -> None:
    for name, (shortest, longest) in LENGTHS.items():
        value = fields.get(name)
        if value is not None and not shortest <= len(str(value)) <= longest:
            raise Refusal(f"The {name} must be between {shortest} and {longest}.", field=name)


def same_customer(account: Account, details: dict[str, Any]) -> Entity | None:
    same = (details.get("email"), details.get("contact"))
    every = account.store.select(CUSTOMER)
    return next((one for one in every if (one["email"], one["contact"]) == same), None)


def fetch_customer(account: Account, request: Request, customer_id: str) -> Entity:
    return public(account.find(CUSTOMER, customer_id))


def list_customers(account: Account, request: Request) -> Entity:
    found = account.store.select(CUSTOMER, page=page_of(request))
    return collection([public(customer) for customer in found])


def make_token(account: Account, customer_id: str, card: Card, month: int, year: int) -> Entity:
    """Keep a card for a customer: the number stays with the sandbox."""
    last_day = calendar.monthrange(year, month)[1]
    end = datetime(year, month, last_day, 23, 59, 59, tzinfo=INDIA)
    token = {
        "id": new_id("token"),
        "entity": "token",
        "customer_id": customer_id,
        "method": "card",
        "card": {
            "entity": "card",
            "name": "",
            "last4": card.last4,
            "network": card.network,
            "type": "credit" if card.international else "debit",
            "issuer": None,
            "international": card.international,
            "emi": False,
            "sub_type": "consumer",
            "expiry_month": month,
            "expiry_year": year,
        },
        "vpa": None,
        "recurring": False,
        "status": "active",
        "expired_at": int(end.timestamp()),
        "created_at": int(time.time()),
        "notes": [],
        "_number": card.number,
    }
    account.store.add(TOKEN, token, parent=customer_id)
    return token


def find_token(account: Account, customer_id: str, token_id: str) -> Entity:
    """The token, if it is this customer's, else what an unknown one is answered with."""
    account.find(CUSTOMER, customer_id)
    token = account.find(TOKEN, token_id)
    if token["customer_id"] != customer_id:
        raise Refusal(UNKNOWN_ID, step=None, reason=None)
    return token


def fetch_token(account: Account, request: Request, customer_id: str, token_id: str) -> Entity:
    return public(find_token(account, customer_id, token_id))


def list_tokens(account: Account, request: Request, customer_id: str) -> Entity:
    """The tokens that are good still, which is all that Razorpay lists."""
    account.find(CUSTOMER, customer_id)
    return collection([public(token) for token in good_tokens(account, customer_id)])


def good_tokens(account: Account, customer_id: str) -> list[Entity]:
    every = account.store.select(TOKEN, parent=customer_id)
    return [token for token in every if token["expired_at"] > time.time()]


def delete_token(
    account: Account, fields: dict[str, Any], customer_id: str, token_id: str
) -> Entity:
    find_token(account, customer_id, token_id)
    account.store.remove(token_id)
    return {"deleted": True}
