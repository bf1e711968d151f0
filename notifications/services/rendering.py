"""From a message row to a mail: subject, text and HTML."""

from dataclasses import dataclass
from decimal import Decimal
from math import ceil
from typing import Any
from urllib.parse import quote

from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone

from accounts.countries import COUNTRIES, states_of
from accounts.models import OneTimeCode, User
from accounts.services.codes import digits_of
from accounts.services.email_verification import make_email_token
from catalog.models import Product, Variant
from config.money import format_money
from orders.models import Order, ReturnRequest, Shipment
from orders.services.access import token_of
from payments.models import Payment, Refund

from ..models import Message, WebhookEndpoint
from .abandoned import sold_lines, waiting_cart
from .unsubscribing import page_for, token_for

SUBJECTS = {
    "welcome": "Welcome to {store}",
    "verify_email": "Confirm your e-mail address",
    "order_placed": "We have your order {number}",
    "order_confirmed": "Your order {number} is confirmed",
    "order_processing": "We are packing your order {number}",
    "order_shipped": "Your order {number} is on its way",
    "order_delivered": "Your order {number} was delivered",
    "order_cancelled": "Your order {number} was cancelled",
    "return_approved": "We took back what you returned of {number}",
    "return_rejected": "About your return of {number}",
    "payment_received": "We received your payment for {number}",
    "payment_failed": "Your payment for {number} did not go through",
    "payment_refunded": "Your refund for {number}",
    "back_in_stock": "{product} is back in stock",
    "abandoned_cart": "You left something in your cart",
    "one_time_code": "Your code",
    "password_changed": "Your password was changed",
    "contact_replaced": "Your e-mail address was changed",
    "two_factor_changed": "Your two-factor login was changed",
    "webhook_switched_off": "Webhooks to an address are switched off",
}


class OutOfDate(Exception):
    """What the message says is no longer so: it must not be sent."""


@dataclass(frozen=True)
class Mail:
    subject: str
    text: str
    html: str


def render(message: Message) -> Mail:
    """Render a message as it stands now."""
    context = _context(message)
    number = context["order"].number if "order" in context else ""
    # A subject is one line, whatever somebody typed as a name.
    product = " ".join(context["product"].name.split()) if "product" in context else ""
    subject = SUBJECTS[message.kind].format(
        store=settings.STORE_NAME, number=number, product=product
    )
    context["subject"] = subject
    return Mail(
        subject=subject,
        text=render_to_string(f"mail/{message.kind}.txt", context).strip() + "\n",
        html=render_to_string(f"mail/{message.kind}.html", context),
    )


def render_sms(message: Message) -> str:
    """Render the text of a message that goes to a phone."""
    return render_to_string(f"sms/{message.kind}.txt", _context(message)).strip()


def _context(message: Message) -> dict[str, Any]:
    data = message.data
    context: dict[str, Any] = {
        "store_name": settings.STORE_NAME,
        "store_url": settings.FRONTEND_URL,
        "name": message.user.first_name if message.user else "",
    }
    if token := token_for(message):
        context["unsubscribe_url"] = page_for(token)
    if "cart_id" in data:
        context |= _cart_context(message)
    if "user_id" in data:
        user = User.objects.get(pk=data["user_id"])
        context["is_verified"] = user.email_verified
        context["verify_url"] = _verify_url(user, message.recipient)
    if "code_id" in data:
        context |= _code_context(data)
    if "change" in data:
        context["change"] = data["change"]
    if "payment_id" in data:
        payment = Payment.objects.get(pk=data["payment_id"])
        context["payment_amount"] = _amount(payment.amount, payment.currency)
    if "refund_id" in data:
        refund = Refund.objects.select_related("payment").get(pk=data["refund_id"])
        context["refund_amount"] = _amount(refund.amount, refund.payment.currency)
    if "shipment_id" in data:
        context |= _shipment_context(data["shipment_id"])
    if "return_id" in data:
        request = ReturnRequest.objects.select_related("order").get(pk=data["return_id"])
        context["return"] = request
        context["refund_amount"] = _amount(request.refund_amount, request.currency)
    if "endpoint_id" in data:
        context["endpoint"] = WebhookEndpoint.objects.get(pk=data["endpoint_id"])
        path = reverse("admin:notifications_webhookendpoint_change", args=[data["endpoint_id"]])
        context["endpoint_url"] = settings.SITE_URL + path
    if "product_id" in data:
        context |= _product_context(data)
    if "order_id" in data:
        order = Order.objects.prefetch_related("lines").get(pk=data["order_id"])
        context["name"] = context["name"] or order.shipping_address.get("full_name", "")
        context |= _order_context(order)
    return context


def _code_context(data: dict[str, str]) -> dict[str, Any]:
    """Show the digits of a code while it lives: no message about it holds them."""
    live = OneTimeCode.objects.live_at(timezone.now())
    code = live.filter(pk=data["code_id"], seed=data["seed"]).first()
    if code is None:
        raise OutOfDate("This code has expired, or another one was asked for.")
    minutes = ceil(settings.OTP_LIFETIME.total_seconds() / 60)
    return {"digits": digits_of(code), "purpose": code.purpose, "minutes": minutes}


def _order_context(order: Order) -> dict[str, Any]:
    def amount(value: Decimal) -> str:
        return format_money(value, order.currency)

    return {
        "order": order,
        "order_url": _order_url(order),
        "lines": [
            {
                "name": line.name,
                "options": _options(line.attributes),
                "quantity": line.quantity,
                "unit_price": amount(line.unit_price),
                "line_total": amount(line.line_total),
            }
            for line in order.lines.all()
        ],
        "totals": [(label, amount(value)) for label, value in _totals(order)],
        "total": _amount(order.total_amount, order.currency),
        "address_lines": _address_lines(order.shipping_address),
    }


def _product_context(data: dict[str, str]) -> dict[str, Any]:
    """Show a product, or the variant of it that is named, at today's price."""
    product, variant, now = Product.objects.get(pk=data["product_id"]), None, timezone.now()
    if "variant_id" in data:
        variant = Variant.objects.select_related("product").get(pk=data["variant_id"])
    price = variant.price_at(now) if variant else product.price_at(now, product.base_price)
    return {
        "product": product,
        "product_url": _product_url(product),
        "options": _options(variant.attributes) if variant else "",
        "price": _amount(price, product.currency),
        "is_lowest_price": variant is None,
    }


def _cart_context(message: Message) -> dict[str, Any]:
    """Show what waits in a cart at today's prices, while it still waits."""
    cart = waiting_cart(message, timezone.now())
    if cart is None:
        raise OutOfDate("The cart was changed or bought, or nothing of it can be had.")
    return {
        "cart_url": settings.FRONTEND_URL + settings.FRONTEND_CART_PATH,
        "cart_lines": [
            {
                "name": line.product.name,
                "options": _options(line.variant.attributes),
                "quantity": line.quantity,
                "unit_price": format_money(line.unit_price, cart.currency),
                "line_total": format_money(line.line_total, cart.currency),
                "message": line.message,
            }
            for line in sold_lines(cart)
        ],
        "cart_discount": cart.discount_amount
        and format_money(-cart.discount_amount, cart.currency),
        "cart_total": _amount(cart.total_price, cart.currency),
    }


def _options(attributes: dict[str, Any]) -> str:
    return ", ".join(f"{key} {value}" for key, value in attributes.items())


def _shipment_context(shipment_id: str) -> dict[str, Any]:
    shipment = Shipment.objects.select_related("order").get(pk=shipment_id)
    rows = list(shipment.lines.select_related("line"))
    pieces = sum(line.quantity for line in shipment.order.lines.all())
    return {
        "shipment": shipment,
        "sent": [(row.quantity, row.line.name) for row in rows],
        "is_part": sum(row.quantity for row in rows) < pieces,
    }


def _totals(order: Order) -> list[tuple[str, Decimal]]:
    """Return the rows between the lines and the total, as label and amount."""
    rows = [("Subtotal", order.subtotal)]
    if order.discount_amount:
        rows.append(("Discount", -order.discount_amount))
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


def _amount(amount: Decimal, currency: str) -> str:
    return f"{currency} {format_money(amount, currency)}"


def _order_url(order: Order) -> str:
    url = settings.FRONTEND_URL + settings.FRONTEND_ORDER_PATH.format(number=order.number)
    return url if order.user_id else f"{url}?token={quote(token_of(order))}"


def _product_url(product: Product) -> str:
    return settings.FRONTEND_URL + settings.FRONTEND_PRODUCT_PATH.format(slug=product.slug)


def _verify_url(user: User, address: str) -> str:
    token = quote(make_email_token(user, address))
    return settings.FRONTEND_URL + settings.FRONTEND_VERIFY_EMAIL_PATH.format(token=token)
