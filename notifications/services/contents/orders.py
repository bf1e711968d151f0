"""What mails about orders, parcels, payments and returns show."""

from decimal import Decimal
from typing import Any
from urllib.parse import quote

from django.conf import settings

from accounts.countries import COUNTRIES, states_of
from config.money import group_money
from orders.models import Order, ReturnRequest, Shipment
from orders.services.access import token_of
from payments.models import Payment, Refund

from ...models import Message
from .writing import show_amount, show_options


def show_order(message: Message) -> dict[str, Any]:
    order = Order.objects.prefetch_related("lines").get(pk=message.data["order_id"])
    first_name = message.user.first_name if message.user else ""

    def amount(value: Decimal) -> str:
        return group_money(value, order.currency)

    return {
        "name": first_name or order.shipping_address.get("full_name", ""),
        "subject_values": {"number": order.number},
        "order": order,
        "order_url": _order_url(order),
        "lines": [
            {
                "name": line.name,
                "options": show_options(line.attributes),
                "quantity": line.quantity,
                "unit_price": amount(line.unit_price),
                "line_total": amount(line.line_total),
            }
            for line in order.lines.all()
        ],
        "totals": [(label, amount(value)) for label, value in _totals(order)],
        "total": show_amount(order.total_amount, order.currency),
        "address_lines": _address_lines(order.shipping_address),
    }


def show_shipment(message: Message) -> dict[str, Any]:
    found = Shipment.objects.select_related("order")
    shipment = found.get(pk=message.data["shipment_id"])
    rows = list(shipment.lines.select_related("line"))
    pieces = sum(line.quantity for line in shipment.order.lines.all())
    return {
        "shipment": shipment,
        "sent": [(row.quantity, row.line.name) for row in rows],
        "is_part": sum(row.quantity for row in rows) < pieces,
    }


def show_payment(message: Message) -> dict[str, Any]:
    payment = Payment.objects.get(pk=message.data["payment_id"])
    return {"payment_amount": show_amount(payment.amount, payment.currency)}


def show_refund(message: Message) -> dict[str, Any]:
    refund = Refund.objects.select_related("payment").get(pk=message.data["refund_id"])
    return {"refund_amount": show_amount(refund.amount, refund.payment.currency)}


def show_return(message: Message) -> dict[str, Any]:
    request = ReturnRequest.objects.select_related("order").get(pk=message.data["return_id"])
    amount = show_amount(request.refund_amount, request.currency)
    return {"return": request, "refund_amount": amount}


def order_page(order: Order) -> str:
    return settings.FRONTEND_URL + settings.FRONTEND_ORDER_PATH.format(number=order.number)


def _order_url(order: Order) -> str:
    url = order_page(order)
    return url if order.user_id else f"{url}?token={quote(token_of(order))}"


def _totals(order: Order) -> list[tuple[str, Decimal]]:
    """Return the rows between the lines and the total, as label and amount."""
    rows = [("Subtotal", order.subtotal)]
    if order.discount_amount:
        label = f"Discount ({order.coupon_code})" if order.coupon_code else "Discount"
        rows.append((label, -order.discount_amount))
    rows.append(("Shipping", order.shipping_cost))
    suffix = " (included)" if order.prices_include_tax else ""
    rows += [
        (f"{line['name']} {Decimal(line['rate']).normalize():f} %{suffix}", Decimal(line["amount"]))
        for line in order.tax_lines
    ]
    return rows


def _address_lines(address: dict[str, str]) -> list[str]:
    place = " ".join(filter(None, [address.get("city"), address.get("postal_code")]))
    code, state = address.get("country", ""), address.get("state", "")
    region = ", ".join(filter(None, [states_of(code).get(state, state), COUNTRIES.get(code, code)]))
    first = [address.get(key) for key in ("full_name", "address_line1", "address_line2")]
    return [part for part in [*first, place, region] if part]
