"""Twilio's REST interface: https://www.twilio.com/docs/messaging/api/message-resource."""

import requests
from django.conf import settings

from .errors import Refused


def send(to: str, text: str) -> None:
    account = settings.TWILIO_ACCOUNT_SID
    response = requests.post(
        f"{settings.TWILIO_BASE_URL}/2010-04-01/Accounts/{account}/Messages.json",
        data={"To": to, "From": settings.TWILIO_FROM, "Body": text},
        auth=(account, settings.TWILIO_AUTH_TOKEN),
        timeout=settings.SMS_TIMEOUT,
    )
    if response.status_code == 400:  # such as a number that does not exist
        raise Refused(f"Twilio answered 400, code {_code_of(response)}.")
    response.raise_for_status()


def _code_of(response: requests.Response) -> object:
    try:
        return response.json().get("code")
    except (ValueError, AttributeError):
        return "unknown"
