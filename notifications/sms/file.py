"""A file that stands in for a phone: one line a message."""

from django.conf import settings
from django.utils import timezone


def send(to: str, text: str) -> None:
    line = " ".join(text.split())
    settings.SMS_FILE.parent.mkdir(parents=True, exist_ok=True)
    with settings.SMS_FILE.open("a", encoding="utf-8") as file:
        file.write(f"{timezone.now():%Y-%m-%dT%H:%M:%SZ} {to} {line}\n")
