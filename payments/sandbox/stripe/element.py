"""What a browser loads from Stripe: Stripe.js, and the card's fields in a frame."""

import json

from payments.sandbox.messages import Request, Response
from payments.sandbox.pages import FOLDER, POLICY, SCRIPT, STYLE, template
from payments.sandbox.stripe.bank import CARDS, Card

PREFIX = "/stripe/v3/"
FILES = {
    "": ("stripe.js", SCRIPT),
    "element.js": ("element.js", SCRIPT),
    "element.css": ("element.css", STYLE),
}


def find(request: Request) -> Response | None:
    """The page or file at an address, or None when it is not one of these."""
    if request.method != "GET" or not request.path.startswith(PREFIX):
        return None
    name = request.path.removeprefix(PREFIX)
    if name == "element":
        cards = json.dumps([{"number": c.number, "brand": c.brand, "note": note(c)} for c in CARDS])
        return Response.html(template("element.html").substitute(cards=cards), POLICY)
    if name not in FILES:
        return None
    file, content_type = FILES[name]
    body = (FOLDER / file).read_bytes()
    return Response(200, body, content_type, {"Cache-Control": "no-cache"})


def note(card: Card) -> str:
    """What happens to a payment with a card, in words for the person who tries it."""
    if card.needs_action:
        return f"{card.brand}, needs 3-D Secure"
    return card.message or f"{card.brand}, paid"
