from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from catalog.models import Product, Variant
from catalog.spreadsheets.commands import write_csv
from catalog.spreadsheets.exporting import product_rows


class Command(BaseCommand):
    help = "Write all products into a CSV file, one row a variant."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file")

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ANN401
        total = Variant.objects.filter(archived_at=None, product__archived_at=None).count()
        written = write_csv(options["file"], product_rows(Product.objects.all()), total)
        self.stdout.write(f"{written:,} variants are in {options['file']}.")
