"""The console of the worker that stands in for a phone."""

import sys


def send(to: str, text: str) -> None:
    sys.stdout.write(f"SMS to {to}: {' '.join(text.split())}\n")
