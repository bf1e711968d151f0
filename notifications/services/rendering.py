"""From a message row to a mail: subject, text and HTML."""

from typing import Any

from django.conf import settings
from django.template.loader import render_to_string
from django.utils.html import format_html
from django.utils.safestring import SafeString

from ..models import Message
from .contents import contents_of
from .contents.accounts import verify_page
from .contents.orders import order_page
from .mails import Mail
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
    "return_approved": "Your return of {number} was accepted",
    "return_rejected": "Your return of {number} was not accepted",
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
    template = SUBJECTS[message.kind]
    values = {"store": settings.STORE_NAME} | context.get("subject_values", {})
    # One line, whatever somebody typed as a name.
    subject = " ".join(template.format(**values).split())
    context |= {"subject": subject, "heading": _heading(template, values)}
    return Mail(
        subject=subject,
        text=wrap(render_to_string(f"mail/{message.kind}.txt", context)),
        html=render_to_string(f"mail/{message.kind}.html", context),
        attachments=context.get("attachments", []),
    )


def render_sms(message: Message, *, for_staff: bool = False) -> str:
    """Render the text of a message that goes to a phone."""
    return render_to_string(f"sms/{message.kind}.txt", _context(message, for_staff)).strip()


def _context(message: Message, for_staff: bool) -> dict[str, Any]:
    context: dict[str, Any] = {
        "store_name": settings.STORE_NAME,
        "store_url": settings.FRONTEND_URL,
        "store_address": ", ".join(filter(None, settings.STORE_ADDRESS.split("|"))),
        "name": message.user.first_name if message.user else "",
        "change": message.data.get("change"),
    }
    if token := token_for(message):
        context["unsubscribe_url"] = page_for(token)
    context |= contents_of(message, for_staff=for_staff)
    return context | _hidden_links(context) if for_staff else context


def _heading(template: str, values: dict[str, str]) -> SafeString:
    """Write the subject in HTML, with the number of an order in one piece."""
    if "number" in values:
        whole = '<span style="white-space:nowrap;">{}</span>'
        values = values | {"number": format_html(whole, values["number"])}
    return format_html(template, **values)


def _hidden_links(context: dict[str, Any]) -> dict[str, str]:
    """Return links in which nothing is secret, in place of those that let their reader in."""
    hidden = {"verify_url": verify_page("hidden"), "unsubscribe_url": page_for("hidden")}
    if "order" in context:
        hidden["order_url"] = order_page(context["order"])
    return {name: url for name, url in hidden.items() if name in context}
