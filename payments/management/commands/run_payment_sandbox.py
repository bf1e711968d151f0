"""Runs the payment sandbox, a stand-in for the payment gateways, on this machine."""

import time
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from payments.sandbox.merchant import Merchant
from payments.sandbox.server import SandboxServer

WEBHOOK_PATH = "/api/v1/payments/webhooks"
LOOPBACK = ("127.0.0.1", "::1", "localhost")


class Command(BaseCommand):
    help = "Run the payment sandbox. It moves no money and must never be reachable from outside."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--host", default="127.0.0.1")
        parser.add_argument("--port", type=int, default=settings.SANDBOX_PORT)
        parser.add_argument(
            "--data", default=str(settings.VAR_DIR / "sandbox.sqlite3"), metavar="FILE"
        )
        parser.add_argument(
            "--webhook-url",
            default=f"http://127.0.0.1:{settings.PORT}{WEBHOOK_PATH}/razorpay/",
            help="where the shop takes Razorpay's events; empty sends none",
        )
        parser.add_argument(
            "--chapa-webhook-url",
            default=f"http://127.0.0.1:{settings.PORT}{WEBHOOK_PATH}/chapa/",
            help="where the shop takes Chapa's events; empty sends none",
        )

        parser.add_argument(
            "--stripe-webhook-url",
            default=f"http://127.0.0.1:{settings.PORT}{WEBHOOK_PATH}/stripe/",
            help="where the shop takes Stripe's events; empty sends none",
        )

    def handle(self, *args: object, **options: Any) -> None:  # noqa: ANN401 (Django's signature)
        if settings.ENVIRONMENT == "production" or _has_live_key():
            raise CommandError("The payment sandbox runs neither in production nor with live keys.")
        if options["host"] not in LOOPBACK:
            self.stderr.write("Whoever reaches this address can make and refund payments.")
        server = self.open(options)
        server.start()
        self.stdout.write(f"Payment sandbox at {server.url}/ (Ctrl+C ends it)")
        try:
            while True:
                time.sleep(3600)
        except KeyboardInterrupt:
            self.stdout.write("Stopping.")
        finally:
            server.stop()

    def open(self, options: dict[str, Any]) -> SandboxServer:
        try:
            return SandboxServer(
                key_id=settings.RAZORPAY_KEY_ID,
                key_secret=settings.RAZORPAY_KEY_SECRET,
                webhook_secret=settings.RAZORPAY_WEBHOOK_SECRET,
                webhook_url=options["webhook_url"] or None,
                data=options["data"],
                host=options["host"],
                port=options["port"],
                chapa=Merchant(
                    settings.CHAPA_SECRET_KEY,
                    settings.CHAPA_WEBHOOK_SECRET,
                    webhook_url=options["chapa_webhook_url"] or None,
                ),
                stripe=Merchant(
                    settings.STRIPE_SECRET_KEY,
                    settings.STRIPE_WEBHOOK_SECRET,
                    settings.STRIPE_PUBLISHABLE_KEY,
                    options["stripe_webhook_url"] or None,
                ),
            )
        except OSError as problem:
            raise CommandError(f"Port {options['port']} cannot be opened: {problem}")


def _has_live_key() -> bool:
    keys = (settings.RAZORPAY_KEY_ID, settings.STRIPE_SECRET_KEY, settings.CHAPA_SECRET_KEY)
    return any(key.startswith(("rzp_live_", "sk_live_", "CHASECK-")) for key in keys)
