from time import perf_counter
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from config.importing import (
    Skips,
    add_import_arguments,
    check_currency,
    parse_until,
    summary,
    told_plainly,
)
from orders.importing.run import import_orders


class Command(BaseCommand):
    help = "Add the orders, products, customers and cancellations of an Online Retail file."

    def add_arguments(self, parser: CommandParser) -> None:
        add_import_arguments(parser)

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ANN401
        began = perf_counter()
        with told_plainly(), Skips(options["report"]) as skips:
            check_currency(options["currency"])
            counts = import_orders(
                options["file"],
                skips=skips,
                until=parse_until(options["until"]),
                is_dry_run=options["dry_run"],
            )
            self.stdout.write(summary(counts, skips, is_dry_run=options["dry_run"]))
        seconds = perf_counter() - began
        lines = counts["order lines added"]
        self.stdout.write(f"{seconds:.1f} seconds, {lines / seconds:,.0f} order lines a second.")
