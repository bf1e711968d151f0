"""What the customer does: choose a card or a UPI id, and pay."""

from datetime import UTC, datetime
from typing import Any

from payments.sandbox.razorpay.account import CUSTOMER, PAYMENT, Account, Entity
from payments.sandbox.razorpay.bank import (
    CANCELLED,
    CARD_BY_NUMBER,
    UPI,
    Verdict,
    find_card,
    judge_card,
)
from payments.sandbox.razorpay.customers import find_token, make_token
from payments.sandbox.razorpay.errors import Refusal
from payments.sandbox.razorpay.payments import card_details, fail, start_payment, upi_details

# How forms and scripts tell that the card is to be kept.
SAVED = (1, "1", True, "true")


def pay(account: Account, fields: dict[str, Any]) -> tuple[int, Entity]:
    """Try a payment; the status and what the browser gets to know of it."""
    verdict, details = chosen_method(account, fields)
    for name in ("email", "contact"):
        if fields.get(name):
            details[name] = str(fields[name])
    order_id = fields.get("order_id")
    if not order_id:
        raise Refusal("The order id field is required.", field="order_id")
    if fields.get("customer_id"):
        is_good_card = details["method"] == "card" and not verdict.error
        details |= of_customer(account, fields, may_save=is_good_card)
    return answer(account, start_payment(account, str(order_id), verdict, details))


def of_customer(account: Account, fields: dict[str, Any], *, may_save: bool) -> Entity:
    """What a payment tells of its customer, and of the card that is kept since."""
    customer = account.find(CUSTOMER, str(fields["customer_id"]))
    known = {"customer_id": customer["id"]}
    if may_save and fields.get("save") in SAVED and not fields.get("token"):
        known["token_id"] = save_card(account, customer["id"], fields["card"])["id"]
    return known


def chosen_method(account: Account, fields: dict[str, Any]) -> tuple[Verdict, Entity]:
    vpa = fields.get("vpa")
    if vpa:
        verdict = UPI.get(str(vpa).strip().lower())
        if verdict is None:
            raise Refusal(
                "Invalid VPA. Please enter a valid Virtual Payment Address",
                source="customer",
                reason="invalid_vpa",
                field="vpa",
            )
        return verdict, upi_details(str(vpa).strip().lower())
    if fields.get("token"):
        customer_id, token_id = str(fields.get("customer_id")), str(fields["token"])
        token = find_token(account, customer_id, token_id)
        card = CARD_BY_NUMBER[token["_number"]]
        details = card_details(card) | {"token_id": token_id}
        return judge_card(card, str(fields.get("otp", ""))), details
    typed = as_typed(fields.get("card"))
    card = find_card(typed.get("number"))
    if card is None:
        raise Refusal(
            "The card is not one of the test cards.",
            source="customer",
            reason="card_number_invalid",
            field="card[number]",
        )
    check_expiry(typed)
    return judge_card(card, str(fields.get("otp", ""))), card_details(card)


def as_typed(card: object) -> dict[str, Any]:
    """A card as a form gives it, also where only its number is given."""
    return card if isinstance(card, dict) else {"number": card}


def check_expiry(typed: dict[str, Any]) -> None:
    """Any future month will do; a card without a date is taken as good."""
    if "expiry_month" not in typed:
        return
    month, year = expiry_of(typed)
    now = datetime.now(UTC)
    if not 1 <= month <= 12 or (year, month) < (now.year, now.month):
        raise Refusal(
            "The card's expiry date is not valid.",
            source="customer",
            reason="card_expired",
            field="card[expiry_month]",
        )


def expiry_of(typed: dict[str, Any]) -> tuple[int, int]:
    """The month and the full year of a card's date; zeros for what is none."""
    try:
        month, year = int(typed["expiry_month"]), int(typed.get("expiry_year", ""))
    except (TypeError, ValueError):
        return 0, 0
    return month, year + (2000 if year < 100 else 0)


def save_card(account: Account, customer_id: str, given: object) -> Entity:
    """Keep the card that was typed; without a date it is good for years."""
    typed = as_typed(given)
    date = {"expiry_month": 12, "expiry_year": datetime.now(UTC).year + 4}
    month, year = expiry_of(date | typed)
    number = "".join(str(typed["number"]).split()).replace("-", "")
    return make_token(account, customer_id, CARD_BY_NUMBER[number], month, year)


def answer(account: Account, payment: Entity) -> tuple[int, Entity]:
    """The signed ids of a good payment, the error of a failed one, or that it still waits."""
    if payment["status"] == "failed":
        return 400, {"error": error_of(payment)}
    ids = {"razorpay_payment_id": payment["id"], "razorpay_order_id": payment["order_id"]}
    if payment["status"] == "created":
        return 200, {**ids, "status": "created"}
    signature = account.sign(f"{payment['order_id']}|{payment['id']}")
    return 200, {**ids, "razorpay_signature": signature}


def error_of(payment: Entity) -> Entity:
    names = ("code", "description", "source", "step", "reason")
    error = {name: payment[f"error_{name}"] for name in names}
    return {
        **error,
        "metadata": {"payment_id": payment["id"], "order_id": payment["order_id"]},
    }


def status_of(account: Account, payment_id: str) -> tuple[int, Entity]:
    """What the waiting browser asks again and again."""
    return answer(account, account.find(PAYMENT, payment_id))


def cancel(account: Account, payment_id: str) -> tuple[int, Entity]:
    """The customer gives up a payment that still waits."""
    payment = account.find(PAYMENT, payment_id)
    if payment["status"] == "created":
        fail(account, payment, CANCELLED)
    return answer(account, payment)
