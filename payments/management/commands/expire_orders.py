from typing import Any

from django.core.management.base import BaseCommand

from payments.services.expiry import expire_unpaid_orders


class Command(BaseCommand):
    help = "Cancel orders that were not paid in time, after asking their gateways."

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ANN401
        self.stdout.write(f"{expire_unpaid_orders()} orders expired.")
