"""How an SMS leaves the shop: SMS_BACKEND names the module, which has one function."""

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from . import console, file, twilio

_BACKENDS = {"console": console.send, "file": file.send, "twilio": twilio.send}


def send_sms(*, to: str, text: str) -> None:
    """Send a text to a phone, or raise what went wrong: Refused where no repeat will help."""
    try:
        send = _BACKENDS[settings.SMS_BACKEND]
    except KeyError:
        raise ImproperlyConfigured(f"SMS_BACKEND must be one of {', '.join(_BACKENDS)}.")
    send(to, text)
