"""The pages that a person sees: what the sandbox is, and the checkout in a frame."""

import html
import json
from pathlib import Path
from string import Template
from typing import Any

from payments.sandbox.faults import MODES
from payments.sandbox.messages import Request, Response
from payments.sandbox.razorpay.account import CUSTOMER, ORDER, Account
from payments.sandbox.razorpay.bank import CARDS, UPI_MEANING, Card
from payments.sandbox.razorpay.customers import good_tokens
from payments.sandbox.razorpay.money import shown

FOLDER = Path(__file__).parent / "browser"
SCRIPT, STYLE = "text/javascript; charset=utf-8", "text/css; charset=utf-8"
FILES = {
    "/v1/checkout.js": ("checkout.js", SCRIPT),
    "/v1/checkout/embedded.js": ("embedded.js", SCRIPT),
    "/v1/checkout/embedded.css": ("embedded.css", STYLE),
    "/v1/checkout/home.css": ("home.css", STYLE),
}
POLICY = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self';"
    " connect-src 'self'; img-src * data:; base-uri 'none'; form-action 'none'"
}


def find(request: Request, account: Account) -> Response | None:
    """The page or file at an address, or None when it is not one of these."""
    if request.method != "GET":
        return None
    if request.path in FILES:
        name, content_type = FILES[request.path]
        body = (FOLDER / name).read_bytes()
        return Response(200, body, content_type, {"Cache-Control": "no-cache"})
    if request.path == "/":
        return home(request, account)
    if request.path == "/v1/checkout/embedded":
        return embedded(request, account)
    return None


def home(request: Request, account: Account) -> Response:
    cards = ((grouped(card.number), card.network, outcome(card)) for card in CARDS)
    text = template("home.html").substitute(
        base=html.escape(f"http://{request.headers.get('Host', '')}"),
        key_id=html.escape(account.key_id),
        cards="".join(map(row, cards)),
        upi="".join(map(row, UPI_MEANING.items())),
        modes=", ".join(MODES),
    )
    return Response.html(text, POLICY)


def embedded(request: Request, account: Account) -> Response:
    """The checkout of one order; a wrong key or order is told in the same place."""
    options = {
        name: request.param(name) or ""
        for name in ("name", "description", "image", "color", "method", "origin")
    }
    config: dict[str, Any] = {
        **options,
        **order_to_pay(request, account),
        "prefill": {name: request.param(name) or "" for name in ("email", "contact")},
        "escape": request.param("escape") != "0",
        "backdropclose": request.param("backdropclose") == "1",
        "cards": [card_shown(card) for card in CARDS],
        **customer_to_serve(request, account),
        "upi": UPI_MEANING,
    }
    # A "<" inside the data could end the script element.
    data = json.dumps(config).replace("<", "\\u003c")
    return Response.html(template("embedded.html").substitute(config=data), POLICY)


def order_to_pay(request: Request, account: Account) -> dict[str, Any]:
    key_id, order_id = request.param("key_id") or "", request.param("order_id") or ""
    order = account.store.get(ORDER, order_id)
    asked = {"key_id": key_id, "order_id": order_id, "amount": ""}
    if key_id != account.key_id:
        return {**asked, "problem": "The shop's key id is not the sandbox's key id."}
    if order is None:
        return {**asked, "problem": "The sandbox does not know this order."}
    sum_shown = f"{order['currency']} {shown(order['amount'], order['currency'])}"
    problem = "This order is already paid." if order["status"] == "paid" else ""
    return {**asked, "amount": sum_shown, "problem": problem}


def customer_to_serve(request: Request, account: Account) -> dict[str, Any]:
    """The customer that the shop names, if it is one, and the cards of this customer."""
    customer_id = request.param("customer_id") or ""
    if account.store.get(CUSTOMER, customer_id) is None:
        return {"customer_id": "", "saved": []}
    return {
        "customer_id": customer_id,
        "saved": [token_shown(token) for token in good_tokens(account, customer_id)],
    }


def token_shown(token: dict[str, Any]) -> dict[str, str]:
    card = token["card"]
    expiry = f"{card['expiry_month']:02}/{card['expiry_year'] % 100:02}"
    return {"token": token["id"], "last4": card["last4"], "note": f"{card['network']} {expiry}"}


def outcome(card: Card) -> str:
    return f"Fails: {card.error.reason}" if card.error else "Pays"


def card_shown(card: Card) -> dict[str, str]:
    note = f"{card.network}, international" if card.international else card.network
    reason = card.error.reason if card.error else ""
    return {"number": card.number, "network": card.network, "note": note, "reason": reason}


def template(name: str) -> Template:
    return Template((FOLDER / name).read_text(encoding="utf-8"))


def row(cells: tuple[str, ...]) -> str:
    return "<tr>" + "".join(f"<td>{html.escape(cell)}</td>" for cell in cells) + "</tr>"


def grouped(number: str) -> str:
    return " ".join(number[at : at + 4] for at in range(0, len(number), 4))
