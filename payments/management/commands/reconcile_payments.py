from typing import Any

from django.core.management.base import BaseCommand

from payments.services.reconcile import reconcile_payments


class Command(BaseCommand):
    help = "Ask the gateways about payments that are open, and settle what they say."

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ANN401
        self.stdout.write(f"The gateways answered about {reconcile_payments()} payments.")
