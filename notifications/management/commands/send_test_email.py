"""Send one mail now, and say in plain words what became of it."""

import ssl
from smtplib import (
    SMTPAuthenticationError,
    SMTPException,
    SMTPRecipientsRefused,
    SMTPResponseException,
    SMTPSenderRefused,
    SMTPServerDisconnected,
)
from typing import Any

from anymail.exceptions import AnymailError
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured, ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.core.validators import validate_email

from notifications.models import Message
from notifications.services.composing import compose


class Command(BaseCommand):
    help = "Send a test mail to an address, at once, as EMAIL_URL says."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("address")

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ANN401
        address = options["address"]
        try:
            validate_email(address)
        except ValidationError:
            raise CommandError(f"{address} is no e-mail address.")
        try:
            compose(Message(kind="test_mail", recipient=address)).send()
        except (OSError, SMTPException, AnymailError, ImproperlyConfigured) as error:
            raise CommandError(f"{_explain(error)}\nNothing was sent to {address}.")
        self.stdout.write(self.style.SUCCESS(f"{_taker()} took the mail to {address}."))


def _explain(error: Exception) -> str:
    """Say what went wrong and what to look at; the refusals are the server's own words."""
    match error:
        case SMTPAuthenticationError():
            return f"The mail server refused user and password of EMAIL_URL: {_words(error)}"
        case SMTPSenderRefused():
            sender = settings.DEFAULT_FROM_EMAIL
            return f"The mail server refused the sender, {sender}: {_words(error)}"
        case SMTPRecipientsRefused():
            code, words = next(iter(error.recipients.values()))
            return f"The mail server refused the address: {code} {_text(words)}"
        case SMTPResponseException():
            return f"The mail server refused the mail: {_words(error)}"
        case AnymailError() | ImproperlyConfigured():
            return f"The provider took no mail: {error}"
        case _ if _is_timeout(error):
            seconds = settings.EMAIL_TIMEOUT
            return f"{_server()} did not answer within {seconds} seconds. Is a firewall between?"
        case ssl.SSLError():
            return (
                f"No TLS with {_server()}: {error.reason or error}. "
                "EMAIL_URL: smtps:// is for port 465, smtp+tls:// for port 587."
            )
        case SMTPException() if not isinstance(error, SMTPServerDisconnected):
            return f"{_server()} cannot do what EMAIL_URL asks for: {error}"
    return f"{_server()} cannot be reached or hung up: {error}"


def _is_timeout(error: Exception) -> bool:
    """Tell a time-out from a hang-up, which smtplib makes of it."""
    return isinstance(error, TimeoutError) or isinstance(error.__context__, TimeoutError)


def _words(error: SMTPResponseException) -> str:
    return f"{error.smtp_code} {_text(error.smtp_error)}"


def _text(words: bytes | str) -> str:
    return words.decode(errors="replace") if isinstance(words, bytes) else words


def _server() -> str:
    return f"The mail server {settings.EMAIL_HOST}:{settings.EMAIL_PORT}"


def _taker() -> str:
    """Name what takes mails now."""
    *_, module, _ = settings.EMAIL_BACKEND.split(".")
    if module == "smtp":
        return _server()
    if module == "filebased":
        return f"The folder {settings.EMAIL_FILE_PATH} (EMAIL_URL names no server)"
    return module.replace("_", " ").capitalize()
