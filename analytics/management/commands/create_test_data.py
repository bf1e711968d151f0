from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from analytics.seeding.run import add_test_products


class Command(BaseCommand):
    help = "Add a few more products; each run adds new ones."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--products", type=int, default=10)

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ANN401
        if options["products"] < 1:
            raise CommandError("Give --products as 1 or more.")
        numbers = add_test_products(options["products"])
        self.stdout.write(f"{len(numbers)} products added, {numbers[0]} to {numbers[-1]}.")
