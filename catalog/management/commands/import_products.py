from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from catalog.importing.reading import READABLE, read_file
from catalog.importing.writing import write_products
from config.importing import (
    Skips,
    add_import_arguments,
    check_currency,
    parse_until,
    summary,
    told_plainly,
)


class Command(BaseCommand):
    help = f"Add the products of a file, and let those it brought before follow it: {READABLE}."

    def add_arguments(self, parser: CommandParser) -> None:
        add_import_arguments(parser)
        parser.add_argument(
            "--stock", type=int, help="Pieces of each new product (default: the file's, or 0)."
        )

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ANN401
        if (options["stock"] or 0) < 0:
            raise CommandError("--stock cannot be negative.")
        with told_plainly(), Skips(options["report"]) as skips:
            check_currency(options["currency"])
            products = read_file(
                options["file"],
                skips=skips,
                until=parse_until(options["until"]),
                currency=options["currency"],
                stock=options["stock"],
            )
            counts = write_products(products, is_dry_run=options["dry_run"])
            self.stdout.write(summary(counts, skips, is_dry_run=options["dry_run"]))
