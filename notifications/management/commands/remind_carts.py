from typing import Any

from django.core.management.base import BaseCommand

from notifications.services.reminders import remind_carts


class Command(BaseCommand):
    help = "Remind users who asked for it of carts left for CART_REMINDER_AFTER, once each."

    def handle(self, **options: Any) -> None:  # noqa: ANN401
        self.stdout.write(f"Carts reminded of: {remind_carts()}")
