from typing import Any

from django.core.management.base import BaseCommand

from carts.services.cleaning import delete_expired_carts


class Command(BaseCommand):
    help = "Delete guest carts that were not touched for GUEST_CART_LIFETIME."

    def handle(self, **options: Any) -> None:  # noqa: ANN401
        self.stdout.write(f"Guest carts deleted: {delete_expired_carts()}")
