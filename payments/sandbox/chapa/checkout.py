"""What the customer does: open the checkout page, and pay with a test card or number."""

import html
import time
from decimal import Decimal

from payments.sandbox.chapa.ledger import TRANSACTION, Entity, Ledger, Refusal, new_reference
from payments.sandbox.messages import Request, Response

PREFIX = "/chapa/checkout/"
# Cards and mobile numbers that pay; every other one fails.
GOOD = {
    "4200000000000000": "card",
    "5400000000000000": "card",
    "370000000000000": "card",
    "0900123456": "telebirr",
    "0900112233": "telebirr",
    "0900881111": "telebirr",
    "0700123456": "mpesa",
    "0700112233": "mpesa",
    "0700881111": "mpesa",
}
BAD_NUMBER = "0911000000"
FEE = Decimal("0.035")
PAGE = """<!doctype html><html lang="en"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1"><title>Chapa</title>
<link rel="stylesheet" href="/v1/checkout/home.css"></head><body><main>
<p class="flag">Sandbox: no money moves</p>
<h1>{title}</h1><p>{text}</p>{forms}</main></body></html>"""
FORM = """<form method="post"><input type="hidden" name="number" value="{number}">
<p><button type="submit">{label}</button></p></form>"""


def pay(ledger: Ledger, tx_ref: str, number: str = "0900123456") -> Entity:
    """Try to pay a transaction; a failed one may be tried again on the same link."""
    entity = ledger.transaction(tx_ref)
    if entity["status"] == "success" or entity["is_expired"]:
        raise Refusal("Payment link already expired")
    method = GOOD.get(number.replace(" ", ""))
    entity["reference"] = new_reference()
    entity["status"] = "success" if method else "failed"
    entity["method"] = method or "telebirr"
    entity["charge"] = f"{Decimal(entity['amount']) * FEE:.2f}" if method else "0.00"
    entity["updated_at"] = int(time.time())
    ledger.store.save(entity)
    ledger.announce("charge.success" if method else "charge.failed/cancelled", entity)
    return entity


def find(request: Request, ledger: Ledger) -> Response | None:
    """The checkout page of a link, or None where the address is none of these."""
    if not request.path.startswith(PREFIX):
        return None
    found = ledger.store.select(TRANSACTION, lookup=request.path.removeprefix(PREFIX))
    if not found:
        return Response(404, b"There is no such page.", "text/plain")
    entity = found[0]
    if request.method == "POST" and entity["status"] != "success":
        entity = pay(ledger, entity["tx_ref"], str(request.fields().get("number", "")))
        back = entity["return_url"] or request.path
        return Response(303, b"", "text/plain", {"Location": back})
    return page(entity)


def page(entity: Entity) -> Response:
    is_open = entity["status"] != "success" and not entity["is_expired"]
    choices = (("0900123456", "Pay with telebirr"), (BAD_NUMBER, "Let the payment fail"))
    forms = "".join(FORM.format(number=number, label=label) for number, label in choices)
    text = PAGE.format(
        title=html.escape(f"{entity['amount']} {entity['currency']}"),
        text=html.escape(f"Payment {entity['tx_ref']} is {entity['status']}."),
        forms=forms if is_open else "",
    )
    return Response.html(text)
