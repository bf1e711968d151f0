"""Queue the report of a day's sales for everybody who may see it."""

from datetime import date, timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from config.errors import InvalidInput
from notifications.services.mails import readers_of
from notifications.services.staff_mails import queue_report


class Command(BaseCommand):
    help = "Send the report of a day's sales to staff who may see orders, once for each day."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--date", type=date.fromisoformat, help="A day as 2026-11-20; yesterday if not given."
        )

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ANN401
        day = options["date"] or timezone.localdate() - timedelta(days=1)
        try:
            queued = queue_report(day=day)
        except InvalidInput:
            raise CommandError(f"{day} is not over yet: the report would be incomplete.")
        if queued:
            names = ", ".join(message.recipient for message in queued)
            self.stdout.write(f"The report of {day} is queued for {names}.")
        elif readers_of("daily_report"):
            self.stdout.write(f"Everybody who may see the report of {day} has it already.")
        else:
            raise CommandError("No staff with an e-mail address may see orders.")
