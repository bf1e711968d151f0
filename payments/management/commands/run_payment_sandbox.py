"""Runs the payment sandbox, a stand-in for the payment gateways, on this machine."""

import time
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from payments.sandbox.server import SandboxServer

DEFAULT_WEBHOOK_URL = "http://127.0.0.1:8000/api/v1/payments/webhooks/razorpay/"


class Command(BaseCommand):
    help = "Run the payment sandbox. It moves no money and must never be reachable from outside."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--host", default="127.0.0.1")
        parser.add_argument("--port", type=int, default=8001)
        parser.add_argument("--data", default="var/sandbox.sqlite3", metavar="FILE")
        parser.add_argument(
            "--webhook-url",
            default=getattr(settings, "SANDBOX_WEBHOOK_URL", None) or DEFAULT_WEBHOOK_URL,
            help="where the shop takes Razorpay's events; empty sends none",
        )

    def handle(self, *args: object, **options: Any) -> None:  # noqa: ANN401 (Django passes mixed types)
        if getattr(settings, "ENVIRONMENT", "local") == "production":
            raise CommandError("The payment sandbox does not run in production.")
        try:
            server = SandboxServer(
                key_id=getattr(settings, "RAZORPAY_KEY_ID", ""),
                key_secret=getattr(settings, "RAZORPAY_KEY_SECRET", ""),
                webhook_secret=getattr(settings, "RAZORPAY_WEBHOOK_SECRET", ""),
                webhook_url=options["webhook_url"] or None,
                data=options["data"],
                host=options["host"],
                port=options["port"],
            )
        except OSError as problem:
            raise CommandError(f"Port {options['port']} cannot be opened: {problem}")
        if options["host"] not in ("127.0.0.1", "::1", "localhost"):
            self.stderr.write("Whoever reaches this address can make and refund payments.")
        server.start()
        self.stdout.write(f"Payment sandbox at {server.url}/ (Ctrl+C ends it)")
        try:
            while True:
                time.sleep(3600)
        except KeyboardInterrupt:
            self.stdout.write("Stopping.")
        finally:
            server.stop()
