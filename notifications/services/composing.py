"""From a rendered mail to what a mail server takes."""

from django.conf import settings
from django.core.mail import EmailMultiAlternatives

from ..models import Message
from .rendering import render
from .unsubscribing import headers_for


def compose(message: Message) -> EmailMultiAlternatives:
    """Return the mail of a message, under the same Message-ID in every try."""
    mail = render(message)
    domain = settings.SITE_URL.partition("://")[2].partition("/")[0].partition(":")[0]
    email = EmailMultiAlternatives(
        subject=mail.subject,
        body=mail.text,
        to=[message.recipient],
        headers={"Message-ID": f"<{message.pk}@{domain or 'localhost'}>"} | headers_for(message),
    )
    email.attach_alternative(mail.html, "text/html")
    for attachment in mail.attachments:
        email.attach(attachment.name, attachment.content, attachment.type)
    return email
