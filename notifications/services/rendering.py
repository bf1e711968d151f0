"""From a message row to a mail: subject, text and HTML."""

from datetime import date
from math import ceil
from typing import Any
from urllib.parse import quote

from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from accounts.models import CodePurpose, OneTimeCode, User
from accounts.services.codes import digits_of
from accounts.services.email_verification import make_email_token
from orders.models import Order, ReturnRequest
from payments.models import Payment, Refund

from ..models import Message, WebhookEndpoint
from .cart_content import cart_context
from .digest_content import digest_context
from .mails import Mail, OutOfDate
from .report_content import report_context
from .shop_content import (
    order_context,
    order_page,
    product_context,
    shipment_context,
    show_amount,
)
from .unsubscribing import page_for, token_for
from .wrapping import wrap

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
    "low_stock_digest": "{count} {things} low in stock",
    "daily_report": "Sales of {day}",
    "test_mail": "A test mail of {store}",
}


def render(message: Message, *, for_staff: bool = False) -> Mail:
    """Render a message as it stands now; what staff are shown opens nobody's account or order."""
    context = _context(message, for_staff)
    context["subject"] = subject = _subject(message.kind, context)
    return Mail(
        subject=subject,
        text=wrap(render_to_string(f"mail/{message.kind}.txt", context)),
        html=render_to_string(f"mail/{message.kind}.html", context),
        attachments=context.get("attachments", []),
    )


def render_sms(message: Message, *, for_staff: bool = False) -> str:
    """Render the text of a message that goes to a phone."""
    return render_to_string(f"sms/{message.kind}.txt", _context(message, for_staff)).strip()


def _subject(kind: str, context: dict[str, Any]) -> str:
    """Write a subject: one line, whatever somebody typed as a name."""
    values = {"store": settings.STORE_NAME} | context.get("subject_values", {})
    if "order" in context:
        values["number"] = context["order"].number
    if "product" in context:
        values["product"] = context["product"].name
    return " ".join(SUBJECTS[kind].format(**values).split())


def _context(message: Message, for_staff: bool) -> dict[str, Any]:
    data = message.data
    context: dict[str, Any] = {
        "store_name": settings.STORE_NAME,
        "store_url": settings.FRONTEND_URL,
        "store_address": ", ".join(filter(None, settings.STORE_ADDRESS.split("|"))),
        "name": message.user.first_name if message.user else "",
    }
    if token := token_for(message):
        context["unsubscribe_url"] = page_for(token)
    if "cart_id" in data:
        context |= cart_context(message)
    if "user_id" in data:
        user = User.objects.get(pk=data["user_id"])
        context["is_verified"] = user.email_verified
        context["verify_url"] = _verify_url(user, message.recipient)
    if "code_id" in data:
        context |= _hidden_code(data) if for_staff else _code_context(data)
    if "change" in data:
        context["change"] = data["change"]
    if "payment_id" in data:
        payment = Payment.objects.get(pk=data["payment_id"])
        context["payment_amount"] = show_amount(payment.amount, payment.currency)
    if "refund_id" in data:
        refund = Refund.objects.select_related("payment").get(pk=data["refund_id"])
        context["refund_amount"] = show_amount(refund.amount, refund.payment.currency)
    if "shipment_id" in data:
        context |= shipment_context(data["shipment_id"])
    if "return_id" in data:
        request = ReturnRequest.objects.select_related("order").get(pk=data["return_id"])
        context["return"] = request
        context["refund_amount"] = show_amount(request.refund_amount, request.currency)
    if "endpoint_id" in data:
        context["endpoint"] = WebhookEndpoint.objects.get(pk=data["endpoint_id"])
        path = reverse("admin:notifications_webhookendpoint_change", args=[data["endpoint_id"]])
        context["endpoint_url"] = settings.SITE_URL + path
    if "report_day" in data:
        context |= report_context(date.fromisoformat(data["report_day"]), message.user)
    if "alerts_until" in data:
        context |= digest_context(parse_datetime(data["alerts_since"]), message.user)
    if "product_id" in data:
        context |= product_context(data)
    if "order_id" in data:
        order = Order.objects.prefetch_related("lines").get(pk=data["order_id"])
        context["name"] = context["name"] or order.shipping_address.get("full_name", "")
        context |= order_context(order)
    return context | _hidden_links(context) if for_staff else context


def _hidden_links(context: dict[str, Any]) -> dict[str, str]:
    """Return links in which nothing is secret, in place of those that let their reader in."""
    hidden = {
        "verify_url": settings.FRONTEND_URL
        + settings.FRONTEND_VERIFY_EMAIL_PATH.format(token="hidden"),  # noqa: S106
        "unsubscribe_url": f"{settings.FRONTEND_URL}/unsubscribe/hidden",
    }
    if "order" in context:
        hidden["order_url"] = order_page(context["order"])
    return {name: url for name, url in hidden.items() if name in context}


def _hidden_code(data: dict[str, str]) -> dict[str, Any]:
    code = OneTimeCode.objects.filter(pk=data["code_id"]).first()
    purpose = code.purpose if code else CodePurpose.RESET
    return {"digits": "••••••", "purpose": purpose, "minutes": _minutes()}


def _minutes() -> int:
    return ceil(settings.OTP_LIFETIME.total_seconds() / 60)


def _code_context(data: dict[str, str]) -> dict[str, Any]:
    """Show the digits of a code while it lives: no message about it holds them."""
    live = OneTimeCode.objects.live_at(timezone.now())
    code = live.filter(pk=data["code_id"], seed=data["seed"]).first()
    if code is None:
        raise OutOfDate("This code has expired, or another one was asked for.")
    return {"digits": digits_of(code), "purpose": code.purpose, "minutes": _minutes()}


def _verify_url(user: User, address: str) -> str:
    token = quote(make_email_token(user, address))
    return settings.FRONTEND_URL + settings.FRONTEND_VERIFY_EMAIL_PATH.format(token=token)
